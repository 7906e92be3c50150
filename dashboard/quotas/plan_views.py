"""The pages of plans."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.tenancy.access import Administrator, admin_view
from dashboard.ui.fragments import go

from . import actions
from .forms import PlanForm
from .models import Plan, Resource
from .plans import NotPossible
from .usage import COMPUTE

SECTION = {"section": "plans"}


@require_safe
@admin_view
def index(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    rows = [
        {"plan": plan, "compute": [(r, plan.limit_of(r)) for r in COMPUTE], "others": len(Resource) - len(COMPUTE)}
        for plan in Plan.objects.annotate(tenants=Count("given"))
    ]
    context = {"rows": rows, "columns": [resource.label for resource in COMPUTE], **SECTION}
    return render(request, "quotas/plans.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def create(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    form = PlanForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            plan = actions.create_plan(administrator, **wanted(form))
        except NotPossible as refusal:
            form.add_error(refusal.field, str(refusal))
            form.mark_wrong()
        else:
            messages.success(request, _("The plan %(plan)s is there.") % {"plan": plan.name})
            return go(request, reverse("quotas:plans"))
    return form_page(request, form)


def wanted(form: PlanForm) -> dict[str, Any]:
    """For the actions."""
    return {
        "name": form.cleaned_data["name"],
        "limits": form.limits,
        "is_default": form.cleaned_data["is_default"],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def edit(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    plan = get_object_or_404(Plan, pk=pk)
    form = PlanForm(request.POST if request.method == "POST" else None, plan=plan)
    if form.is_bound and form.is_valid():
        try:
            actions.change_plan(
                administrator, plan, version=form.cleaned_data["version"] or plan.version, **wanted(form)
            )
        except NotPossible as refusal:
            form.add_error(refusal.field, str(refusal))
            form.mark_wrong()
        except actions.PlanChanged as error:
            form.refuse(error.now)
        else:
            messages.success(request, _("The plan %(plan)s is saved.") % {"plan": form.cleaned_data["name"]})
            return go(request, reverse("quotas:plans"))
    return form_page(request, form, plan=plan)


def form_page(request: HttpRequest, form: PlanForm, *, plan: Plan | None = None) -> HttpResponse:
    context = {"form": form, "plan": plan, "tenants": plan.given.count() if plan else 0, **SECTION}
    return render(request, "quotas/plan.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def delete(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    """Says what stands against it; else asks once more."""
    plan, wrong = get_object_or_404(Plan, pk=pk), ""
    if request.method == "POST":
        try:
            actions.delete_plan(administrator, plan)
        except NotPossible as refusal:
            wrong = str(refusal)
        else:
            messages.success(request, _("The plan %(plan)s is deleted.") % {"plan": plan.name})
            return go(request, reverse("quotas:plans"))
    context = {"plan": plan, "wrong": wrong, "tenants": plan.given.count(), **SECTION}
    return render(request, "quotas/plan_delete.html", context, status=422 if wrong else 200)

"""The pages of flavors: parse, call one action, answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.clouds.interface import Feature
from dashboard.clouds.models import Cloud
from dashboard.instances.models import Flavor
from dashboard.tenancy.access import Administrator, admin_view
from dashboard.ui.fragments import page
from dashboard.ui.notices import answer

from . import actions, listing
from .forms import FlavorForm

SECTION = {"section": "flavors"}


@require_safe
@admin_view
def index(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    """Every cloud with its flavors, in at most eight queries."""
    return page(request, "flavors/list.html", {"clouds_shown": listing.of_clouds(), **SECTION}, fragment="live")


def found(pk: UUID) -> Flavor:
    try:
        return actions.find(pk)
    except Flavor.DoesNotExist as error:
        raise Http404 from error


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def create(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    cloud = get_object_or_404(Cloud, pk=pk, is_draft=False)
    if not cloud.can(Feature.FLAVOR_EDIT):
        raise Http404
    form = FlavorForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            flavor = actions.create(administrator, cloud.pk, form.wanted)
        except actions.NotPossible as refusal:
            form.add_error(refusal.field, str(refusal))
            form.mark_wrong()
        else:
            said = _("%(cloud)s offers %(name)s now.") % {"cloud": cloud.name, "name": flavor.name}
            return answer(request, reverse("flavors:index"), said)
    return form_page(request, form, cloud=cloud)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def edit(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    flavor = found(pk)
    form = FlavorForm(request.POST if request.method == "POST" else None, flavor=flavor)
    if form.is_bound and form.is_valid():
        said = save(administrator, form, flavor)
        if said:
            return answer(request, reverse("flavors:index"), said)
    return form_page(request, form, cloud=flavor.cloud, flavor=flavor)


def save(administrator: Administrator, form: FlavorForm, flavor: Flavor) -> str:
    """What came of it; empty when the form says why nothing did."""
    try:
        changed = actions.change(administrator, flavor.pk, form.wanted, was=form.was)
    except actions.NotPossible as refusal:
        form.add_error(refusal.field, str(refusal))
        form.mark_wrong()
        return ""
    except actions.Meanwhile as error:
        form.refuse(error.now)
        return ""
    except Flavor.DoesNotExist as error:
        raise Http404 from error
    said = _("%(name)s is saved. Instances keep the size that they have.") if changed else _("%(name)s is as it was.")
    return said % {"name": form.wanted["name"]}


def form_page(request: HttpRequest, form: FlavorForm, *, cloud: Cloud, flavor: Flavor | None = None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "flavor": flavor, "cloud": cloud, **SECTION}
    context["used"] = listing.used_by(flavor) if flavor else 0
    return page(request, "flavors/form.html", context, fragment="form", status=422 if form.is_bound else 200)


@require_POST
@admin_view
def retire(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    flavor = found(pk)
    if actions.set_retired(administrator, pk, retired=True):
        said = _("%(name)s is retired: nothing new gets it, instances keep it.")
    else:
        said = _("%(name)s was retired already.")
    return answer(request, reverse("flavors:index"), said % {"name": flavor.name})


@require_POST
@admin_view
def restore(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    flavor = found(pk)
    if actions.set_retired(administrator, pk, retired=False):
        said = _("%(name)s is offered again.")
    else:
        said = _("%(name)s is offered already.")
    return answer(request, reverse("flavors:index"), said % {"name": flavor.name})


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def delete(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    """A question on GET; nothing is deleted while an instance uses it."""
    flavor, wrong = found(pk), ""
    if request.method == "POST":
        try:
            actions.delete(administrator, pk)
            return answer(request, reverse("flavors:index"), _("%(name)s is deleted.") % {"name": flavor.name})
        except actions.NotPossible as refusal:
            wrong = str(refusal)
    wrong = listing.why_not_deleted(listing.used_by(flavor)) or wrong
    context = {"flavor": flavor, "wrong": wrong, **SECTION}
    return page(
        request,
        "flavors/delete.html",
        context,
        fragment="dialog",
        status=422 if request.method == "POST" else 200,
    )

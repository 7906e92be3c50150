"""Limits of many tenants at once, by a form or a file: shown first, then done as it was shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.tenancy.access import Administrator, admin_view
from dashboard.tenancy.models import Tenant
from dashboard.ui.fragments import go
from dashboard.ui.uploads import KEPT_BYTES

from . import actions, csv_files, listing, previews
from .forms import BulkForm
from .models import Plan
from .previews import Preview
from .views import SECTION, asked_for


@require_safe
@admin_view
def export(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    """The tenants that the list shows, all pages of them."""
    q, over = asked_for(request)
    text = csv_files.write(list(listing.found(q=q, over=over)))
    headers = {"Content-Disposition": 'attachment; filename="quotas.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def change(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    """The tenants that were ticked, and what all of them are to have."""
    posted = request.method == "POST"
    tenants = named(request.POST.get("tenants", "").split()) if posted else ticked(request)
    form = BulkForm(request.POST if posted else None, initial={"plan": request.GET.get("plan", "")})
    if form.is_bound and form.is_valid() and tenants:
        plan = form.chosen
        return preview_page(request, previews.of_tenants(tenants, form.limits(plan), plan=plan))
    context = {"form": form, "tenants": tenants, "slugs": " ".join(tenant.slug for tenant in tenants), **SECTION}
    return render(request, "quotas/change.html", context, status=422 if posted else 200)


def ticked(request: HttpRequest) -> Sequence[Tenant]:
    """Those that were ticked; all that the list shows; or all that have a plan."""
    if having := request.GET.get("having"):
        return list(Tenant.objects.filter(planned__plan=UUID(having))) if is_uuid(having) else []
    if request.GET.get("all"):
        q, over = asked_for(request)
        return list(listing.found(q=q, over=over))
    return named(request.GET.getlist("tenant"))


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def named(slugs: Sequence[str]) -> Sequence[Tenant]:
    return list(Tenant.objects.filter(slug__in=[slug for slug in slugs if "\0" not in slug][:10000]))


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def read_file(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    """A file, and what it would change. Nothing is changed here."""
    if request.method != "POST":
        return file_page(request)
    upload = request.FILES.get("file")
    if upload is None or not upload.size:
        return file_page(request, wrong=_("Choose a file that is not empty."))
    if upload.size > KEPT_BYTES:
        told = _("The file is larger than %(most)s KiB. Make several of it.")
        return file_page(request, wrong=told % {"most": KEPT_BYTES // 1024})
    reading = csv_files.read(upload.read())
    if reading.problems:
        return file_page(request, problems=reading.problems)
    return preview_page(request, Preview(changes=reading.changes))


def file_page(request: HttpRequest, *, wrong: str = "", problems: Sequence[Any] = ()) -> HttpResponse:
    columns = [*csv_files.LABELS, *csv_files.LIMITS]
    context = {"wrong": wrong, "problems": problems, "columns": columns, **SECTION}
    return render(request, "quotas/import.html", context, status=422 if wrong or problems else 200)


def preview_page(
    request: HttpRequest, preview: Preview, *, meanwhile: Sequence[Any] = (), status: int = 200
) -> HttpResponse:
    context = {"preview": preview, "meanwhile": meanwhile, **SECTION}
    return render(request, "quotas/preview.html", context, status=status)


@require_POST
@admin_view
def apply(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    """What was shown: all of it in one transaction, or nothing where one is not any more what it was."""
    try:
        preview = previews.read(request.POST.get("preview", ""))
    except previews.Broken:
        return file_page(request, wrong=_("What was shown is out of date. Begin again; nothing was changed."))
    try:
        number = actions.change_limits(administrator, preview.changes, plan=preview.plan, planned=preview.planned)
    except actions.Meanwhile as error:
        return preview_page(request, again(preview, error.changes), meanwhile=error.changes, status=422)
    messages.success(request, told(number, preview.plan))
    return go(request, reverse("quotas:index"))


def again(preview: Preview, changed: Sequence[actions.Change]) -> Preview:
    """The same once more, beside what it is now."""
    now = {change.key: change for change in changed}
    return Preview(
        changes=[now.get(change.key, change) for change in preview.changes], plan=preview.plan, planned=preview.planned
    )


def told(number: int, plan: Plan | None) -> str:
    if plan and not number:
        return _("The plan %(plan)s is given; all limits were so already.") % {"plan": plan.name}
    if not number:
        return _("Nothing is left to change: all these limits are so already.")
    return ngettext("%(number)s limit is changed.", "%(number)s limits are changed.", number) % {"number": number}

"""Announcements: the banner that every page asks for, and the pages on which administrators write them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.tenancy.access import Administrator, admin_view
from dashboard.ui.fragments import go, page
from dashboard.ui.notices import answer

from . import actions
from .forms import AnnouncementForm
from .models import Announcement

SECTION = {"section": "announcements"}
COOKIE, COOKIE_AGE_S, MOST_CLOSED = "closed", 90 * 24 * 3600, 40


@require_safe
def shown(request: HttpRequest) -> HttpResponse:
    """What is to be read now and was not closed in this browser. The page does not wait for it."""
    rows = Announcement.objects.shown()
    if not request.user.is_authenticated:
        rows = rows.filter(before_sign_in=True)
    closed = closed_in(request)
    context = {"announcements": [row for row in rows if row.mark not in closed]}
    return page(request, "announcements/shown.html", context, fragment="banners")


def closed_in(request: HttpRequest) -> list[str]:
    return [mark for mark in request.COOKIES.get(COOKIE, "").split("-") if mark]


@require_POST
def close(request: HttpRequest, mark: str) -> HttpResponse:
    """Remembered by the browser, for this announcement as it is worded now."""
    response = HttpResponse() if request.htmx else go(request, reverse("overview:home"))  # type: ignore[attr-defined]
    kept = [*[each for each in closed_in(request) if each != mark], mark][-MOST_CLOSED:]
    response.set_cookie(
        COOKIE,
        "-".join(kept),
        max_age=COOKIE_AGE_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_safe
@admin_view
def index(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    context = {"announcements": list(Announcement.objects.all()[:200]), **SECTION}
    return page(request, "announcements/list.html", context, fragment="live")


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def create(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    form = AnnouncementForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        return form_page(request, form, row=None)
    actions.announce(administrator, **form.cleaned_data)
    return answer(request, reverse("announcements:index"), _("Everybody reads it within seconds."))


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def edit(request: HttpRequest, administrator: Administrator, pk: int) -> HttpResponse:
    row = get_object_or_404(Announcement, pk=pk)
    initial = {name: getattr(row, name) for name in actions.FIELDS}
    form = AnnouncementForm(request.POST if request.method == "POST" else None, initial=initial)
    if not (form.is_bound and form.is_valid()):
        return form_page(request, form, row=row)
    seen = request.POST.get("version", "")[:9]
    try:
        version = int(seen) if seen.isascii() and seen.isdecimal() else 0
        actions.change(administrator, pk, version=version, **form.cleaned_data)
    except actions.Changed:
        form.add_error(None, _("Somebody else changed it meanwhile. Look at it again; what you typed is kept."))
        return form_page(request, form, row=row)
    return answer(
        request, reverse("announcements:index"), _("It is changed, and shown again to those who had closed it.")
    )


def form_page(request: HttpRequest, form: AnnouncementForm, *, row: Announcement | None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "row": row, **SECTION}
    return page(request, "announcements/form.html", context, fragment="form", status=422 if form.is_bound else 200)


@require_POST
@admin_view
def end(request: HttpRequest, administrator: Administrator, pk: int) -> HttpResponse:
    get_object_or_404(Announcement, pk=pk)
    said = _("It is not shown any more.") if actions.end(administrator, pk) else _("It was over already.")
    return answer(request, reverse("announcements:index"), said)


@require_POST
@admin_view
def delete(request: HttpRequest, administrator: Administrator, pk: int) -> HttpResponse:
    said = _("It is deleted.") if actions.delete(administrator, pk) else _("It was deleted already.")
    return answer(request, reverse("announcements:index"), said)

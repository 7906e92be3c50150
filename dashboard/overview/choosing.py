"""Choosing a tenant: in the top bar of every page, and as a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard.tenancy.finding import Found, enterable, first_of, recent_of
from dashboard.tenancy.models import Role, Tenant
from dashboard.ui.fragments import page
from dashboard.ui.matching import looked_for, parts_of

SHOWN = 20
PER_PAGE = 50
SECTIONS: dict[str, tuple[str, Role]] = {
    "overview": ("overview:tenant", Role.READER),
    "instances": ("instances:index", Role.READER),
    "networks": ("networks:index", Role.READER),
    "keypairs": ("keypairs:index", Role.READER),
    "operations": ("operations:index", Role.READER),
    "clouds": ("clouds:index", Role.READER),
    "people": ("people:index", Role.READER),
    "audit": ("audit:index", Role.MANAGER),
}
"""Where somebody is who goes on in another tenant, and who may be there."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One tenant to go to."""

    found: Found
    url: str
    parts: Sequence[tuple[str, bool]]
    is_here: bool

    @property
    def tenant(self) -> Tenant:
        return self.found.tenant


def choice_of(found: Found, *, section: str, here: str = "", q: str = "") -> Choice:
    """The same section where the person may see that there, else the tenant's first page."""
    name, needs = SECTIONS.get(section, SECTIONS["overview"])
    name = name if found.role.includes(needs) else "overview:tenant"
    slug = found.tenant.slug
    return Choice(found, reverse(name, args=[slug]), parts_of(found.tenant.name, q.split()), slug == here)


def asked_for(request: HttpRequest) -> tuple[str, str]:
    """What is looked for, and the section from which."""
    section = request.GET.get("section", "")
    return looked_for(request), section if section in SECTIONS else ""


@require_safe
@login_required
def switch(request: HttpRequest) -> HttpResponse:
    """The options below the field of the top bar, in one query; the whole list is `home`. With `pick` those below a
    field of a form, which do not lead anywhere. Who opens the address gets the whole list.
    """
    q, section = asked_for(request)
    if not request.htmx and "pick" not in request.GET:  # type: ignore[attr-defined]
        return redirect(f"{reverse('overview:home')}?{urlencode({'section': section, 'q': q})}")
    found = first_of(request.user, q=q, recent=recent_of(request), most=SHOWN + 1)  # type: ignore[arg-type]
    here = request.GET.get("here", "")
    context = {
        "choices": [choice_of(each, section=section, here=here, q=q) for each in found[:SHOWN]],
        "has_more": len(found) > SHOWN,
        "q": q,
        "asked_section": section,
    }
    return render(request, "overview/pick.html" if "pick" in request.GET else "overview/switch.html", context)


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Straight into the only tenant; a choice where there are several; a word where there is none."""
    q, section = asked_for(request)
    user = request.user
    shown = Paginator(enterable(user, q=q), PER_PAGE).get_page(request.GET.get("page"))  # type: ignore[arg-type]
    rows = list(shown.object_list)
    if len(rows) == shown.paginator.count == 1 and not q:
        return redirect(choice_of(Found(rows[0], Role(rows[0].held)), section=section).url)
    context = {
        "choices": [choice_of(Found(row, Role(row.held)), section=section, q=q) for row in rows],
        "page": shown,
        "q": q,
        "asked_section": section,
        "section": "home",
    }
    return page(request, "overview/home.html", context, fragment="live")

"""Mails of requests: approvers hear of new ones, whoever asked of every step. Part of the action's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dashboard.accounts.models import User
from dashboard.mail.outbox import link, send
from dashboard.tenancy.access import Actor, System
from dashboard.tenancy.models import Role

from .ceilings import ceilings_of
from .models import CarriedLaunch, QuotaRequest, Wish

APPROVERS_TOLD = 50


def approvers(request: QuotaRequest, wishes: list[Wish]) -> None:
    """Those who may decide it: the tenant's managers, and administrators. Not whoever asked."""
    managers = Q(memberships__tenant=request.tenant, memberships__role=Role.MANAGER)
    told = people(managers | Q(is_superuser=True), besides=request.requested_by)
    managers_approve = bool(ceilings_of(request.tenant))
    for approves in (True, False):
        those = [person for person in told if (person.is_admin or managers_approve) == approves]
        tell(those, "new", request, wishes=wishes, approves=approves)


def administrators(request: QuotaRequest, *, by: Actor | System) -> None:
    """A manager endorsed it."""
    tell(people(Q(is_superuser=True), besides=by.user), "endorsed", request, by=by.name)


def requester(request: QuotaRequest, what: str, *, by: Actor | System, comment: str = "") -> None:
    """Whoever asked, unless they did it themselves."""
    if request.requested_by and (isinstance(by, System) or by.user.pk != request.requested_by.pk):
        tell([request.requested_by], "step", request, by=by.name, what=what, comment=comment, step=SUBJECTS[what])


def launched(request: QuotaRequest, launch: CarriedLaunch) -> None:
    if request.requested_by:
        tell([request.requested_by], "launched", request, launch=launch)


def not_launched(request: QuotaRequest, why: str, *, has_form: bool) -> None:
    if request.requested_by:
        form = link(reverse("quota-requests:launch", args=[request.tenant.slug, request.pk])) if has_form else ""
        tell([request.requested_by], "not_launched", request, why=why, form=form)


SUBJECTS = {
    "approve": _("is approved"),
    "approve-less": _("is approved in part"),
    "deny": _("is denied"),
    "withdraw": _("is withdrawn"),
    "obsolete": _("is closed"),
}


def people(which: Q, *, besides: User | None) -> list[User]:
    found = User.objects.filter(which, is_active=True).exclude(email="")
    found = found.exclude(pk=besides.pk) if besides else found
    return list(found.distinct().order_by("pk")[:APPROVERS_TOLD])


def tell(whom: Iterable[User], template: str, request: QuotaRequest, **more: Any) -> None:
    page = link(reverse("quota-requests:detail", args=[request.tenant.slug, request.pk]))
    more.setdefault("wishes", list(request.wishes.select_related("cloud")))
    for person in whom:
        if person.email:
            context = {"person": person, "request": request, "tenant": request.tenant, "page": page, **more}
            send(to=person.email, template=f"quota_requests/mail/{template}.txt", context=context)

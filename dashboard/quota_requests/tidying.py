"""Requests that nobody needs any more are closed, and what was typed for a launch is not kept longer than it serves."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.audit.record import append
from dashboard.quotas.actions import limits_of
from dashboard.tenancy.access import System

from . import notify
from .history import add_line, entry
from .launches import drop
from .models import UNDECIDED, CarriedLaunch, QuotaRequest, State
from .wanted import is_more

KEPT = timedelta(days=30)
DRAFT_KEPT = timedelta(days=1)
AT_ONCE = 200


def tidy() -> None:
    now = timezone.now()
    CarriedLaunch.objects.filter(state=CarriedLaunch.State.DRAFT, made_at__lt=now - DRAFT_KEPT).delete()
    failed = CarriedLaunch.objects.filter(state=CarriedLaunch.State.FAILED, made_at__lt=now - KEPT)
    failed.exclude(sealed="").update(sealed="")
    undecided = QuotaRequest.objects.undecided().select_related("tenant", "requested_by").prefetch_related("wishes")
    for request in list(undecided.filter(created_at__lt=now - KEPT)[:AT_ONCE]):
        close(request, _("Nobody decided it within 30 days. Ask again if it is still needed."))
    for request in list(undecided.order_by("created_at")[:AT_ONCE]):
        if is_met(request):
            close(request, _("The limits were raised meanwhile: what was asked for is there."))


def is_met(request: QuotaRequest) -> bool:
    """Every limit is by now what was asked for, or more."""
    now = limits_of([request.tenant_id])
    wishes = request.wishes.all()
    return all(not is_more(wish.limit, now.get((request.tenant_id, wish.cloud_id, wish.resource))) for wish in wishes)


def close(request: QuotaRequest, why: str) -> None:
    """Unless somebody decided it in this moment."""
    system = System(tenant=request.tenant, user=request.requested_by)
    with transaction.atomic():
        open_still = QuotaRequest.objects.filter(pk=request.pk, state__in=UNDECIDED)
        fields = {"state": State.OBSOLETE, "decided_at": timezone.now(), "decided_by_name": system.name}
        if not open_still.update(**fields):
            return
        drop(request)
        add_line(request, "obsolete", by=system, comment=why)
        notify.requester(request, "obsolete", by=system, comment=why)
        append([entry(request, "obsolete", by=system, after={"why": why})])

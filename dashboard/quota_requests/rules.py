"""The rule that approves small requests by itself, and changing it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.audit.record import record
from dashboard.quotas import actions as quotas
from dashboard.quotas.actions import Change
from dashboard.quotas.models import Resource
from dashboard.tenancy.access import Administrator

from .models import GIVEN, QuotaRequest, Rules, Wish

MOST_PERCENT = 1000
MOST_DAYS = 365


def in_force() -> Rules | None:
    return Rules.objects.filter(is_on=True).first()


def allows(rule: Rules, request: QuotaRequest, wishes: Sequence[Wish]) -> bool:
    """Whether it may be approved now. Locks the limits: of two requests at once the second sees what the first got.

    Part of the caller's transaction, which changes the limits if this says so.
    """
    if not all(is_small(rule, wish) for wish in wishes):
        return False
    changes = [change_of(request, wish) for wish in wishes]
    quotas.lock(sorted(changes, key=lambda change: change.resource))
    now = quotas.limits_of([request.tenant_id])
    is_so = all(now.get(change.key) == change.was for change in changes)
    return is_so and not any(was_approved(rule, request, wish) for wish in wishes)


def change_of(request: QuotaRequest, wish: Wish) -> Change:
    return Change(
        tenant_id=request.tenant_id,
        cloud_id=wish.cloud_id,
        resource=wish.resource,
        was=wish.was,
        limit=wish.limit,
    )


def is_small(rule: Rules, wish: Wish) -> bool:
    """In whole numbers: 10 % of 15 is 1, not 2."""
    if wish.resource not in rule.resources or wish.limit is None or wish.was is None:
        return False
    return (wish.limit - wish.was) * 100 <= wish.was * rule.percent


def was_approved(rule: Rules, request: QuotaRequest, wish: Wish) -> bool:
    """The rule gave more of this limit within its days."""
    since = timezone.now() - timedelta(days=rule.days)
    before = Wish.objects.filter(
        request__tenant=request.tenant_id,
        request__by_rule=True,
        request__state__in=GIVEN,
        request__decided_at__gt=since,
    )
    return before.filter(resource=wish.resource, cloud=wish.cloud_id, is_granted=True).exclude(request=request).exists()


def in_words(rule: Rules) -> str:
    """What it says, for histories, mails and the audit trail."""
    text = ngettext(
        "By rule: at most %(percent)s %% more, and not twice within %(days)s day.",
        "By rule: at most %(percent)s %% more, and not twice within %(days)s days.",
        rule.days,
    )
    return text % {"percent": rule.percent, "days": rule.days}


class Changed(Exception):
    """Somebody else saved the rules since they were looked at. `now` is what they are."""

    def __init__(self, now: Rules) -> None:
        super().__init__(_("Somebody else saved the rules since you opened this page. Look at them, and save again."))
        self.now = now


def current() -> Rules:
    """Not saved where nobody ever did."""
    return Rules.objects.first() or Rules(resources=[resource.value for resource in Resource])


@transaction.atomic
def change(administrator: Administrator, *, version: int, **fields: Any) -> Rules:
    """Raises Changed where `version` is not the one that is."""
    Rules.objects.get_or_create(pk=1)
    before = Rules.objects.select_for_update().get(pk=1)
    if not Rules.objects.filter(pk=1, version=version).update(**fields, version=version + 1):
        raise Changed(before)
    after = Rules.objects.get(pk=1)
    record(
        "quota-rules.change",
        actor=administrator.user.username,
        address=administrator.address,
        tenant="",
        object_kind="quota-rules",
        object_id=1,
        object_name=_("Rules for quota requests"),
        outcome="done",
        before=said_of(before),
        after=said_of(after),
    )
    return after


def said_of(rules: Rules) -> dict[str, Any]:
    return {name: getattr(rules, name) for name in ("is_on", "percent", "days", "resources", "managers_percent")}

"""Making and removing lists of prices. One that holds is never changed, and removed only on the day it was made."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from dashboard.audit.record import record
from dashboard.tenancy.access import Administrator

from .models import PriceList

PRICES = ("instance_hour", "vcpu_hour", "ram_gib_hour", "disk_gib_hour")


class NotPossible(Exception):
    """The message is the sentence for the user. `field` is the one that it is about."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


@transaction.atomic
def create(
    administrator: Administrator, *, valid_from: date, currency: str, prices: dict[str, Decimal], today: date
) -> PriceList:
    """It holds from its day on, which has not passed: what was shown for a day stays. The first may begin before."""
    if valid_from < today and PriceList.objects.exists():
        told = _("Days that are over keep their prices. Choose %(today)s or a later day.")
        raise NotPossible(told % {"today": today}, field="valid_from")
    try:
        with transaction.atomic():
            made = PriceList.objects.create(
                valid_from=valid_from, currency=currency, created_by=administrator.user.username, **prices
            )
    except IntegrityError as error:
        told = _("There is a price list from %(day)s on already. Choose another day.")
        raise NotPossible(told % {"day": valid_from}, field="valid_from") from error
    note(administrator, "price-list.create", made, after=described(made))
    return made


@transaction.atomic
def delete(administrator: Administrator, prices: PriceList, *, today: date) -> None:
    """What has not begun yet; and any on the day on which it was made, since somebody may have mistyped it."""
    if not PriceList.objects.filter(may_go(today), pk=prices.pk).delete()[0]:
        raise NotPossible(_("It holds already, and what was shown with it stays. Make a new one for the days to come."))
    note(administrator, "price-list.delete", prices, before=described(prices))


def may_go(today: date) -> Q:
    return Q(valid_from__gt=today) | Q(created_at__gte=datetime.combine(today, time.min, UTC))


def described(prices: PriceList) -> dict[str, str]:
    shown = {name: str(getattr(prices, name)) for name in PRICES}
    return {"valid_from": str(prices.valid_from), "currency": prices.currency, **shown}


def note(
    administrator: Administrator,
    verb: str,
    prices: PriceList,
    *,
    before: dict[str, str] | None = None,
    after: dict[str, str] | None = None,
) -> None:
    record(
        verb,
        actor=administrator.user.username,
        address=administrator.address,
        tenant="",
        object_kind="price-list",
        object_id=prices.pk,
        object_name=str(prices.valid_from),
        outcome="done",
        before=before,
        after=after,
    )

"""A quota that is used up, said at the field that would take too much."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.quotas.reservations import QuotaExceeded, Shortage
from dashboard.tenancy.models import Tenant
from dashboard.ui.templatetags.ui import amount

from .marked import MarkedForm
from .models import Instance

FIELDS = {
    "volumes": "boot_volume_gib",
    "volume_gib": "boot_volume_gib",
    "floating_ips": "floating_network",
    "key_pairs": "keep_as",
}


def mark_shortages(form: MarkedForm, error: QuotaExceeded, *, tenant: Tenant) -> None:
    """With a word on what was deleted and still holds its quota: that can be had back at once."""
    for short in error.shortages:
        field = FIELDS.get(short.resource, "flavor")
        form.add_error(field if field in form.fields else None, sentence(short))
    if told := told_of_deleted(tenant):
        form.add_error(None, told)
    form.mark_wrong_fields()


def told_of_deleted(tenant: Tenant) -> str:
    """What was deleted and still holds its quota; empty where there is nothing of that kind."""
    number = Instance.objects.for_tenant(tenant).restorable().count()
    return held_by_deleted(number) if number else ""


def held_by_deleted(number: int) -> str:
    return ngettext(
        "One instance that was deleted can still be restored and holds its quota: “Delete now”, on the page "
        "“Recently deleted”, gives it back.",
        "%(number)s instances that were deleted can still be restored and hold their quota: “Delete now”, on the page "
        "“Recently deleted”, gives it back.",
        number,
    ) % {"number": number}


def sentence(short: Shortage) -> str:
    told = _("Not enough quota: %(resource)s, %(wanted)s needed and %(left)s left.")
    if short.cloud:
        told = _("Not enough quota on %(cloud)s: %(resource)s, %(wanted)s needed and %(left)s left.")
    return told % {
        "cloud": short.cloud,
        "resource": short.resource.label,
        "wanted": amount(short.wanted, short.resource),
        "left": amount(short.left, short.resource),
    }

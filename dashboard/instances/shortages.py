"""A quota that is used up, said at the field that would take too much."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dashboard.quotas.reservations import QuotaExceeded, Shortage
from dashboard.ui.templatetags.ui import amount

from .marked import MarkedForm

FIELDS = {"volumes": "boot_volume_gib", "volume_gib": "boot_volume_gib", "floating_ips": "floating_network"}


def mark_shortages(form: MarkedForm, error: QuotaExceeded) -> None:
    for short in error.shortages:
        field = FIELDS.get(short.resource, "flavor")
        form.add_error(field if field in form.fields else None, sentence(short))
    form.mark_wrong_fields()


def sentence(short: Shortage) -> str:
    return _("Not enough quota: %(resource)s, %(wanted)s needed and %(left)s left.") % {
        "resource": short.resource.label,
        "wanted": amount(short.wanted, short.resource),
        "left": amount(short.left, short.resource),
    }

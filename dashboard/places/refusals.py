"""Why a verb on a place is refused at once, in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.operations.failures import FAILURES

from .actions import NotPossible

REFUSALS: dict[str, str | Promise] = {
    "under-way": _("Something is under way for this tenant on this cloud. Wait for it to end, or give it up."),
    "there-already": _("The tenant has its place on this cloud already."),
    "not-there": _("The tenant has no place on this cloud."),
    "not-brought": _("On this cloud tenants do not bring their own credential: ask an administrator for a project."),
    "no-credential": _("This connection holds no credential of a project that could be given to a tenant."),
    "taken": _("This project is that of %(tenant)s. Unlink it there first."),
    "instances": _("The tenant still has instances on this cloud: %(count)s. Delete them first."),
    "no-limit": _("The cloud has told no limit of this. Read its limits first."),
    "nothing-open": _("Nothing is under way any more."),
    "name": _("Type the tenant's name exactly as it is shown."),
    "no-name": _("Give the project a name."),
    "no-tenant": _("Choose a tenant."),
    "no-project": _("Choose a project."),
}


def sentence(refusal: NotPossible) -> str:
    if refusal.code in FAILURES:
        failure = FAILURES[refusal.code]
        return f"{failure.cause} {failure.action}"
    return str(REFUSALS[refusal.code]) % refusal.values

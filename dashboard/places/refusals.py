"""Why a verb on a place is refused at once, in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.clouds.models import Cloud
from dashboard.operations.failures import FAILURES, failure

from .actions import NotPossible

REFUSALS: dict[str, str | Promise] = {
    "under-way": _("Something is under way for this tenant on this cloud. Wait for it to end, or give it up."),
    "there-already": _("The tenant has its place on this cloud already."),
    "not-there": _("The tenant has no place on this cloud."),
    "not-brought": _("On this cloud tenants do not bring their own credential: ask an administrator for %(a_place)s."),
    "no-credential": _("This connection holds no credential of one tenant's place that could be given to a tenant."),
    "taken": _("This %(place)s is that of %(tenant)s. Unlink it there first."),
    "instances": _("The tenant still has instances on this cloud: %(count)s. Delete them first."),
    "deleted-instances": _(
        "Instances that the tenant deleted can still be restored: %(count)s. Wait until they are removed, or delete "
        "them now on the page “Recently deleted”."
    ),
    "not-removable": _("This cloud cannot delete it, or Skydeck did not make it: unlink it, and delete it there."),
    "no-limit": _("The cloud has told no limit of this. Read its limits first."),
    "nothing-open": _("Nothing is under way any more."),
    "name": _("Type the tenant's name exactly as it is shown."),
    "no-name": _("Give the %(place)s a name."),
    "bad-name": _("The cloud does not take “%(name)s” as the name of %(a_place)s. “%(other)s” would do."),
    "no-tenant": _("Choose a tenant."),
    "no-project": _("Choose %(a_place)s."),
}


def sentence(refusal: NotPossible, *, cloud: Cloud) -> str:
    """In the words of this cloud for its places."""
    if refusal.code in FAILURES:
        told = failure(refusal.code, cloud.place_value)
        return f"{told.cause} {told.action}"
    words = {"place": cloud.place.word, "a_place": cloud.place.with_article}
    return str(REFUSALS[refusal.code]) % {**words, **refusal.values}

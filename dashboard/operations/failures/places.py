"""The places of tenants (`%(place)s`: project or account), and the credentials that let into them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .entry import Failure, Sign

PLACES: dict[str, Failure] = {
    "no-administrator": Failure(
        cause=_("Skydeck has no administrator's credential for this cloud, so it can make no %(place)s there."),
        action=_("Edit the connection and give one, or let the tenant bring its own credential."),
        affects=_("the cloud's connection"),
    ),
    "place-not-empty": Failure(
        cause=_("Something is left in it on the cloud, so nothing was changed."),
        facts=(_("Left there: %(left)s."),),
        affects=_("the tenant's place"),
        action=_("Remove what is left with the cloud's own tools, then unlink again; or unlink without deleting."),
    ),
    "place-name-taken": Failure(
        cause=_("The cloud has another %(place)s with this name already, and Skydeck did not make it."),
        facts=(_("The name is %(name)s."),),
        action=_("Choose another name, or link that %(place)s."),
        affects=_("the name of the %(place)s"),
    ),
    "place-taken": Failure(
        cause=_("This %(place)s belongs to another tenant here."),
        facts=(_("%(name)s is that of %(tenant)s."),),
        action=_("Choose another %(place)s, or unlink it there first."),
        affects=_("the %(place)s"),
    ),
    "place-other": Failure(
        cause=_("The credential is good, but for another %(place)s than the tenant's."),
        facts=(_("It is for %(name)s."),),
        action=_("Make the credential in the tenant's %(place)s, or ask an administrator to unlink the tenant first."),
        affects=_("the credential"),
    ),
    "place-gone": Failure(
        cause=_("The cloud has no such %(place)s any more."),
        action=_("Read the list again and choose another %(place)s."),
        affects=_("the %(place)s"),
    ),
    "place-removed": Failure(
        cause=_("The %(place)s is gone: it was deleted on the cloud, and what was in it may be, too."),
        action=_("Unlink the tenant there, which closes what is shown of it here; then make another one or link one."),
        affects=_("the %(place)s"),
        signs=(Sign(r"Project ID \S+ is not a valid project", source="nova"),),
    ),
    "place-disabled": Failure(
        cause=_("The %(place)s is disabled on the cloud."),
        facts=(_("It is %(name)s."),),
        action=_("Enable it there, then try again."),
        affects=_("the %(place)s"),
    ),
    "credential-refused": Failure(
        cause=_("The cloud does not accept this credential."),
        action=_("Look whether id and secret belong together and whether it is still valid; else make a new one."),
        affects=_("the credential"),
    ),
    "unlinked": Failure(
        cause=_("The tenant's %(place)s was unlinked from Skydeck."),
        action=_("Nothing was deleted on the cloud: it may well run there. Link the %(place)s again to see it here."),
        affects=_("the instance here"),
    ),
}

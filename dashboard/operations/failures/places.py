"""The places of tenants: projects, and the credentials that let into them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .entry import Failure

PLACES: dict[str, Failure] = {
    "no-administrator": Failure(
        cause=_("Skydeck has no administrator's credential for this cloud, so it can make no project there."),
        action=_("Edit the connection and give one, or let the tenant bring its own credential."),
        affects=_("the cloud's connection"),
    ),
    "place-name-taken": Failure(
        cause=_("The cloud has a project with this name already, and Skydeck did not make it."),
        facts=(_("The name is %(name)s."),),
        action=_("Choose another name, or link that project."),
        affects=_("the project's name"),
    ),
    "place-taken": Failure(
        cause=_("This project belongs to another tenant here."),
        facts=(_("%(name)s is that of %(tenant)s."),),
        action=_("Choose another project, or unlink it there first."),
        affects=_("the project"),
    ),
    "place-other": Failure(
        cause=_("The credential is good, but for another project than the tenant's."),
        facts=(_("It is for %(name)s."),),
        action=_("Make the credential in the tenant's project, or ask an administrator to unlink the tenant first."),
        affects=_("the credential"),
    ),
    "place-gone": Failure(
        cause=_("The cloud has no such project any more."),
        action=_("Read the list of projects again and choose another one."),
        affects=_("the project"),
    ),
    "place-disabled": Failure(
        cause=_("The project is disabled on the cloud."),
        facts=(_("It is %(name)s."),),
        action=_("Enable it there, then try again."),
        affects=_("the project"),
    ),
    "credential-refused": Failure(
        cause=_("The cloud does not accept this credential."),
        action=_("Look whether id and secret belong together and whether it is still valid; else make a new one."),
        affects=_("the credential"),
    ),
    "unlinked": Failure(
        cause=_("The tenant's project was unlinked from Skydeck."),
        action=_("Nothing was deleted on the cloud: it may well run there. Link the project again to see it here."),
        affects=_("the instance here"),
    ),
}

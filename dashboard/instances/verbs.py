"""Which verb is allowed from which status: one table for the button, the action and the test.

`why_not` is the only reader. It answers with a sentence for the user, or nothing when the verb is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.clouds.interface import Feature, Status
from dashboard.operations.models import Operation
from dashboard.tenancy.models import Role

from .models import Instance

Text = str | Promise
EVERY = frozenset(Status) - {Status.DELETED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    label: Text
    statuses: frozenset[Status]
    feature: Feature | None
    role: Role = Role.MEMBER
    doing: Text = ""
    """The word on the row while it is under way."""
    icon: str = ""


VERBS: dict[str, Verb] = {
    "start": Verb(
        label=gettext_lazy("Start"),
        statuses=frozenset({Status.SHUTOFF, Status.ERROR}),
        feature=Feature.START_STOP,
        doing=gettext_lazy("Starting"),
        icon="player-play",
    ),
    "stop": Verb(
        label=gettext_lazy("Stop"),
        statuses=frozenset({Status.ACTIVE, Status.PAUSED, Status.ERROR}),
        feature=Feature.START_STOP,
        doing=gettext_lazy("Stopping"),
        icon="player-stop",
    ),
    "reboot": Verb(
        label=gettext_lazy("Reboot"),
        statuses=frozenset({Status.ACTIVE}),
        feature=Feature.REBOOT_SOFT,
        doing=gettext_lazy("Rebooting"),
        icon="refresh",
    ),
    "hard-reboot": Verb(
        label=gettext_lazy("Hard reboot"),
        statuses=frozenset({Status.ACTIVE, Status.PAUSED, Status.ERROR}),
        feature=Feature.REBOOT_HARD,
        doing=gettext_lazy("Rebooting"),
        icon="bolt",
    ),
    "delete": Verb(
        label=gettext_lazy("Delete"), statuses=EVERY, feature=None, doing=gettext_lazy("Deleting"), icon="trash"
    ),
}
# Not verbs (they change nothing), but allowed and explained in the same way.
CONSOLES: dict[str, Verb] = {
    "console": Verb(
        label=gettext_lazy("Console"),
        statuses=frozenset({Status.ACTIVE, Status.PAUSED, Status.RESCUE}),
        feature=Feature.CONSOLE_VNC,
        icon="device-desktop",
    ),
    "serial": Verb(
        label=gettext_lazy("Serial console"),
        statuses=frozenset({Status.ACTIVE, Status.RESCUE}),
        feature=Feature.CONSOLE_SERIAL,
        icon="terminal-2",
    ),
}

STATUS_WORDS: dict[Status, Text] = {
    Status.BUILD: gettext_lazy("Building"),
    Status.ACTIVE: gettext_lazy("Active"),
    Status.PAUSED: gettext_lazy("Paused"),
    Status.SUSPENDED: gettext_lazy("Suspended"),
    Status.SHUTOFF: gettext_lazy("Stopped"),
    Status.SHELVED: gettext_lazy("Shelved"),
    Status.RESCUE: gettext_lazy("Rescue"),
    Status.RESIZED: gettext_lazy("Resized, to confirm"),
    Status.ERROR: gettext_lazy("Error"),
    Status.DELETED: gettext_lazy("Deleted"),
    Status.UNKNOWN: gettext_lazy("Unknown"),
}


def status_word(instance: Instance, operation: Operation | None) -> str:
    """The word on the row: what we are doing, else the cloud's last word."""
    if operation is not None:
        return str(VERBS[operation.verb].doing if operation.verb in VERBS else STATUS_WORDS[Status.BUILD])
    return str(STATUS_WORDS[Status(instance.status)])


def why_not(instance: Instance, name: str, *, role: Role, operation: Operation | None) -> str:
    """Why `name` (a verb or a console) is not possible now, in the user's words; empty when it is."""
    verb = VERBS.get(name) or CONSOLES[name]
    if instance.deleted_at:
        return _("The instance is deleted.")
    if not role.includes(verb.role):
        return _("This needs the role %(role)s; you may only look.") % {"role": verb.role.label}
    if operation is not None and not (name == "delete" and operation.verb != "delete") and name in VERBS:
        return _("%(doing)s is under way; wait for it to end.") % {"doing": status_word(instance, operation)}
    if verb.feature is not None and not instance.cloud.can(verb.feature):
        return _("The cloud %(cloud)s cannot do this.") % {"cloud": instance.cloud.name}
    if instance.status not in verb.statuses:
        return _("Not possible while its status is %(status)s.") % {"status": STATUS_WORDS[Status(instance.status)]}
    if name != "delete" and not instance.remote_id:
        return _("It was never built on the cloud; it can only be deleted.")
    return ""

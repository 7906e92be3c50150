"""Which verb is allowed from which status, and the words for each: one table for the button, the action and the test.

Whether one is possible now is said by `why_not` in allowed.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.clouds.interface import Feature, Status
from dashboard.clouds.models import Cloud
from dashboard.operations.models import Operation
from dashboard.tenancy.models import Role

from .models import Instance
from .words import verb_of_task

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
    asks: bool = False
    """Needs more than a yes: a size, an image, a name."""
    warns: bool = False
    """Says what is lost, and wants a yes first."""
    unlocked: bool = True
    """Not while the instance is locked."""


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
        warns=True,
    ),
    "pause": Verb(
        label=gettext_lazy("Pause"),
        statuses=frozenset({Status.ACTIVE}),
        feature=Feature.PAUSE,
        doing=gettext_lazy("Pausing"),
        icon="player-pause",
    ),
    "unpause": Verb(
        label=gettext_lazy("Unpause"),
        statuses=frozenset({Status.PAUSED}),
        feature=Feature.PAUSE,
        doing=gettext_lazy("Unpausing"),
        icon="player-play",
    ),
    "suspend": Verb(
        label=gettext_lazy("Suspend"),
        statuses=frozenset({Status.ACTIVE}),
        feature=Feature.SUSPEND,
        doing=gettext_lazy("Suspending"),
        icon="moon",
    ),
    "resume": Verb(
        label=gettext_lazy("Resume"),
        statuses=frozenset({Status.SUSPENDED}),
        feature=Feature.SUSPEND,
        doing=gettext_lazy("Resuming"),
        icon="player-play",
    ),
    "shelve": Verb(
        label=gettext_lazy("Shelve"),
        statuses=frozenset({Status.ACTIVE, Status.SHUTOFF, Status.PAUSED, Status.SUSPENDED}),
        feature=Feature.SHELVE,
        doing=gettext_lazy("Shelving"),
        icon="archive",
        warns=True,
    ),
    "unshelve": Verb(
        label=gettext_lazy("Unshelve"),
        statuses=frozenset({Status.SHELVED}),
        feature=Feature.SHELVE,
        doing=gettext_lazy("Unshelving"),
        icon="archive-off",
    ),
    "rescue": Verb(
        label=gettext_lazy("Rescue"),
        statuses=frozenset({Status.ACTIVE, Status.SHUTOFF, Status.ERROR}),
        feature=Feature.RESCUE,
        doing=gettext_lazy("Entering rescue"),
        icon="lifebuoy",
        asks=True,
    ),
    "unrescue": Verb(
        label=gettext_lazy("Leave rescue"),
        statuses=frozenset({Status.RESCUE}),
        feature=Feature.RESCUE,
        doing=gettext_lazy("Leaving rescue"),
        icon="lifebuoy-off",
    ),
    "resize": Verb(
        label=gettext_lazy("Resize"),
        statuses=frozenset({Status.ACTIVE, Status.SHUTOFF}),
        feature=Feature.RESIZE,
        doing=gettext_lazy("Resizing"),
        icon="resize",
        asks=True,
    ),
    "confirm-resize": Verb(
        label=gettext_lazy("Confirm the new size"),
        statuses=frozenset({Status.RESIZED}),
        feature=Feature.RESIZE,
        doing=gettext_lazy("Confirming the size"),
        icon="check",
    ),
    "revert-resize": Verb(
        label=gettext_lazy("Go back to the old size"),
        statuses=frozenset({Status.RESIZED}),
        feature=Feature.RESIZE,
        doing=gettext_lazy("Going back to the old size"),
        icon="arrow-back-up",
    ),
    "snapshot": Verb(
        label=gettext_lazy("Snapshot"),
        statuses=frozenset({Status.ACTIVE, Status.SHUTOFF, Status.PAUSED, Status.SUSPENDED}),
        feature=Feature.SNAPSHOT,
        doing=gettext_lazy("Taking a snapshot"),
        icon="camera",
        asks=True,
    ),
    "rebuild": Verb(
        label=gettext_lazy("Rebuild"),
        statuses=frozenset({Status.ACTIVE, Status.SHUTOFF, Status.ERROR}),
        feature=Feature.REBUILD,
        doing=gettext_lazy("Rebuilding"),
        icon="hammer",
        asks=True,
    ),
    "rename": Verb(
        label=gettext_lazy("Rename"),
        statuses=EVERY,
        feature=Feature.RENAME,
        doing=gettext_lazy("Renaming"),
        icon="pencil",
        asks=True,
    ),
    "describe": Verb(
        label=gettext_lazy("Name and description"),
        statuses=EVERY,
        feature=Feature.DESCRIPTION,
        doing=gettext_lazy("Changing name and description"),
        icon="pencil",
        asks=True,
    ),
    "tags": Verb(
        label=gettext_lazy("Tags"),
        statuses=EVERY,
        feature=Feature.TAGS,
        doing=gettext_lazy("Changing its tags"),
        icon="tag",
        asks=True,
    ),
    "metadata": Verb(
        label=gettext_lazy("Metadata"),
        statuses=EVERY,
        feature=Feature.METADATA,
        doing=gettext_lazy("Changing its metadata"),
        icon="list-details",
        asks=True,
    ),
    "lock": Verb(
        label=gettext_lazy("Lock"),
        statuses=EVERY,
        feature=Feature.LOCK,
        doing=gettext_lazy("Locking"),
        icon="lock",
    ),
    "unlock": Verb(
        label=gettext_lazy("Unlock"),
        statuses=EVERY,
        feature=Feature.LOCK,
        doing=gettext_lazy("Unlocking"),
        icon="lock-open",
        unlocked=False,
    ),
    "delete": Verb(
        label=gettext_lazy("Delete"),
        statuses=EVERY,
        feature=None,
        doing=gettext_lazy("Deleting"),
        icon="trash",
        warns=True,
    ),
    "restore": Verb(
        label=gettext_lazy("Restore"),
        statuses=EVERY,
        feature=None,
        doing=gettext_lazy("Restoring"),
        icon="arrow-back-up",
        unlocked=False,
    ),
    "delete-now": Verb(
        label=gettext_lazy("Delete now"),
        statuses=EVERY,
        feature=None,
        doing=gettext_lazy("Deleting for good"),
        icon="trash",
        warns=True,
    ),
}
# Those that a cloud takes also while it is at work on the instance.
ALWAYS = frozenset({"delete", "restore", "delete-now", "lock", "unlock", "rename", "describe", "tags", "metadata"})
# Those that a cloud in maintenance does not take; of a resize only a larger size is, which its form says.
BRINGS_LOAD = frozenset({"unshelve"})
# Those of one that was deleted and is still there.
OF_HIDDEN = frozenset({"restore", "delete-now"})
# Not verbs (they change nothing), but allowed and explained in the same way. One that was resized
# wants to be looked at before its size is confirmed; whether it was off before, only its cloud knows.
CONSOLES: dict[str, Verb] = {
    "console": Verb(
        label=gettext_lazy("Console"),
        statuses=frozenset({Status.ACTIVE, Status.PAUSED, Status.RESCUE, Status.RESIZED}),
        feature=Feature.CONSOLE_VNC,
        icon="device-desktop",
    ),
    "serial": Verb(
        label=gettext_lazy("Serial console"),
        statuses=frozenset({Status.ACTIVE, Status.RESCUE, Status.RESIZED}),
        feature=Feature.CONSOLE_SERIAL,
        icon="terminal-2",
    ),
}
# Instead of them, where a cloud has neither: the page that follows what the guest writes, which anybody may read.
TEXT_CONSOLE: dict[str, Verb] = {
    "console-log": Verb(
        label=gettext_lazy("Console"),
        statuses=EVERY,
        feature=Feature.CONSOLE_LOG,
        role=Role.READER,
        icon="terminal-2",
    ),
}
# Likewise, and only in menus.
LOOKS: dict[str, Verb] = {
    "password": Verb(
        label=gettext_lazy("Administrator's password"),
        statuses=EVERY,
        feature=Feature.PASSWORD,
        icon="key",
    ),
}
EVERYTHING = {**VERBS, **CONSOLES, **TEXT_CONSOLE, **LOOKS}

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


def has_text_only(cloud: Cloud) -> bool:
    """Whether what a guest writes to its console is all that can be had of it."""
    has_more = any(verb.feature is not None and cloud.can(verb.feature) for verb in CONSOLES.values())
    return cloud.can(Feature.CONSOLE_LOG) and not has_more


def consoles_of(cloud: Cloud) -> dict[str, Verb]:
    """What stands for an instance's consoles in menus. The name of each is its page's path below the instance's."""
    return TEXT_CONSOLE if has_text_only(cloud) else CONSOLES


def status_word(instance: Instance, operation: Operation | None) -> str:
    """The word on the row: what we are doing, else what the cloud does by itself, else its last word."""
    if operation is not None:
        return doing_word(operation.verb)
    if instance.task and not instance.deleted_at:
        verb = verb_of_task(instance.task)
        return doing_word(verb) if verb else instance.task.replace("_", " ").capitalize()
    return str(STATUS_WORDS[Status(instance.status)])


def doing_word(verb: str) -> str:
    if verb == "roll-back":
        return _("Rolling back")
    return str(VERBS[verb].doing if verb in VERBS else STATUS_WORDS[Status.BUILD])

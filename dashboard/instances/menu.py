"""Which of the verbs a menu shows, and in which groups.

Of a verb and the one that takes it back only that is shown which makes sense now. What the cloud cannot do
at all is in no menu; the instance's page names it once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from dashboard.clouds.interface import Status

from .models import Instance
from .verbs import CONSOLES, VERBS, Text

GROUPS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (gettext_lazy("Power"), ("start", "stop", "reboot", "hard-reboot")),
    (
        gettext_lazy("State"),
        ("pause", "unpause", "suspend", "resume", "shelve", "unshelve", "rescue", "unrescue", "lock", "unlock"),
    ),
    (gettext_lazy("Size and disk"), ("resize", "confirm-resize", "revert-resize", "snapshot", "rebuild")),
    (gettext_lazy("Name and notes"), ("rename", "tags", "metadata")),
    (gettext_lazy("End"), ("delete",)),
)
TAKES_BACK = {
    "unpause": "pause",
    "resume": "suspend",
    "unshelve": "shelve",
    "unrescue": "rescue",
    "confirm-resize": "resize",
    "revert-resize": "resize",
    "unlock": "lock",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`names` are verbs, in the order in which they are shown."""

    label: Text
    names: tuple[str, ...]


def makes_sense(instance: Instance, name: str) -> bool:
    """Whether there is something to take back; any other verb makes sense, be it grey."""
    if name == "unlock":
        return instance.is_locked
    return name not in TAKES_BACK or Status(instance.status) in VERBS[name].statuses


def shown(instance: Instance) -> set[str]:
    """The verbs for its menus: what the cloud can do, and not both of a pair."""
    able = {name for name, verb in VERBS.items() if verb.feature is None or instance.cloud.can(verb.feature)}
    able = {name for name in able if makes_sense(instance, name)}
    return able - {TAKES_BACK[name] for name in able if name in TAKES_BACK}


def groups_of(instance: Instance) -> Iterator[Group]:
    """Those that have a verb to show."""
    names = shown(instance)
    for label, members in GROUPS:
        if there := tuple(name for name in members if name in names):
            yield Group(label=label, names=there)


def beyond(instance: Instance) -> list[Text]:
    """The labels of what its cloud cannot do."""
    return [
        verb.label
        for name, verb in {**CONSOLES, **VERBS}.items()
        if verb.feature is not None and not instance.cloud.can(verb.feature) and name not in TAKES_BACK
    ]

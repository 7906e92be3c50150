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
from .verbs import CONSOLES, LOOKS, OF_HIDDEN, VERBS, Text, Verb, has_text_only

GROUPS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (gettext_lazy("Power"), ("start", "stop", "reboot", "hard-reboot")),
    (
        gettext_lazy("State"),
        ("pause", "unpause", "suspend", "resume", "shelve", "unshelve", "rescue", "unrescue", "lock", "unlock"),
    ),
    (gettext_lazy("Size and disk"), ("resize", "confirm-resize", "revert-resize", "snapshot", "rebuild")),
    (gettext_lazy("Name and notes"), ("rename", "describe", "tags", "metadata")),
    (gettext_lazy("End"), ("delete", "restore", "delete-now")),
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
    if instance.is_hidden:
        return set(OF_HIDDEN)
    able = {name for name, verb in VERBS.items() if verb.feature is None or instance.cloud.can(verb.feature)}
    able = {name for name in able if makes_sense(instance, name)}
    able -= {TAKES_BACK[name] for name in able if name in TAKES_BACK}
    return able - OF_HIDDEN - ({"rename"} if "describe" in able else set())


def looks_of(instance: Instance) -> dict[str, Verb]:
    """What there is to look at beside its consoles: a password only of what may be Windows, which alone makes one."""
    return {name: verb for name, verb in LOOKS.items() if name != "password" or instance.may_be_windows}


def groups_of(instance: Instance) -> Iterator[Group]:
    """Those that have a verb to show."""
    names = shown(instance)
    for label, members in GROUPS:
        if there := tuple(name for name in members if name in names):
            yield Group(label=label, names=there)


def beyond(instance: Instance) -> list[Text]:
    """The labels of what its cloud cannot do. Where “Console” shows the text alone, its page says what it lacks."""
    told_elsewhere = {*TAKES_BACK, *(("console",) if has_text_only(instance.cloud) else ())}
    return [
        verb.label
        for name, verb in {**CONSOLES, **LOOKS, **VERBS}.items()
        if verb.feature is not None and not instance.cloud.can(verb.feature) and name not in told_elsewhere
    ]

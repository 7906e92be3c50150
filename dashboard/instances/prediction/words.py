"""What a host has too little of, and hosts of which the same is to be said, in words. Names are for administrators."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.quotas.models import Resource
from dashboard.ui.templatetags.ui import amount

from .hosts import Room

MOST_GROUPS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Hosts of which the same is to be said."""

    text: str
    names: Sequence[str]
    is_able: bool

    @property
    def count(self) -> int:
        return len(self.names)


def alike(rooms: Iterable[Room], *, wanted: int) -> list[Alike]:
    """Those with most room first, then those that lack least."""
    groups: dict[str, list[Room]] = {}
    for room in sorted(rooms, key=lambda room: (-min(room.fits, wanted), bool(room.why), sum(room.missing.values()))):
        groups.setdefault(said_of(room, wanted=wanted), []).append(room)
    return [
        Alike(text=text, names=[room.name for room in found], is_able=found[0].fits > 0)
        for text, found in groups.items()
    ]


def said_of(room: Room, *, wanted: int) -> str:
    if room.fits >= wanted:
        return _("room for it") if wanted == 1 else _("room for all %(count)s") % {"count": wanted}
    if room.fits:
        return ngettext("room for %(count)s", "room for %(count)s", room.fits) % {"count": room.fits}
    if room.missing:
        return ", ".join(missing(resource, number) for resource, number in room.missing.items())
    return why(room)


def missing(resource: Resource, number: int) -> str:
    if resource == Resource.VCPUS:
        return ngettext("%(count)s vCPU missing", "%(count)s vCPUs missing", number) % {"count": number}
    if resource == Resource.RAM_MIB:
        return _("%(amount)s of memory missing") % {"amount": amount(number, resource)}
    return _("%(amount)s of disk missing") % {"amount": amount(number, resource)}


def why(room: Room) -> str:
    zone = {"zone": room.host.zone}
    return {
        "zone": _("in the zone %(zone)s") % zone,
        "apart": _("has one of the server group already"),
        "together": _("the server group is on another host"),
    }.get(room.why) or states().get(room.host.state, _("in the state “%(state)s”") % {"state": room.host.state})


def states() -> dict[str, str]:
    return {"down": _("down"), "disabled": _("takes no new instances")}

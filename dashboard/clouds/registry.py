"""The kinds of cloud: a name, and the dotted path of its driver's factory.

A driver is a folder below `drivers/` with `driver.py` holding `connect(settings)`,
which returns an `interface.Driver`, and `connection.py` holding `FIELDS`,
`PLACE_FIELDS` and `has_places(settings)`. One that does not take all that people may
type has `bounds.py` holding `BOUNDS`. One with Feature.ACCESS_KEYS also has
`access_files.py` holding `doors(settings, place)` and `files(settings, secret, name=...)`:
pure functions, since pages ask them and pages never call a cloud.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from .interface import AccessFile, Bounds, ConnectionField, Door, Driver, RemotePlace

KINDS: dict[str, str] = {
    "libvirt": "dashboard.clouds.drivers.libvirt",
    "openstack": "dashboard.clouds.drivers.openstack",
    "eucalyptus": "dashboard.clouds.drivers.eucalyptus",
    "fake": "dashboard.clouds.drivers.fake",
}


def connect(kind: str, settings: Mapping[str, str]) -> Driver:
    """A driver for the cloud described by `settings`; does not talk to the cloud yet."""
    driver: Driver = import_module(f"{KINDS[kind]}.driver").connect(settings)
    return driver


def connection_fields(kind: str) -> tuple[ConnectionField, ...]:
    fields: tuple[ConnectionField, ...] = import_module(f"{KINDS[kind]}.connection").FIELDS
    return fields


def has_places(kind: str, settings: Mapping[str, str]) -> bool:
    """Whether each tenant has a place and a credential of its own on such a cloud."""
    answer: bool = import_module(f"{KINDS[kind]}.connection").has_places(settings)
    return answer


def place_fields(kind: str) -> tuple[ConnectionField, ...]:
    """What a tenant types to bring its own credential."""
    fields: tuple[ConnectionField, ...] = import_module(f"{KINDS[kind]}.connection").PLACE_FIELDS
    return fields


def access_doors(kind: str, settings: Mapping[str, str], place: RemotePlace) -> tuple[Door, ...]:
    """Where programs find such a cloud, and a tenant's place on it. Nothing where it has no tools of its own."""
    if find_spec(f"{KINDS[kind]}.access_files") is None:
        return ()
    found: tuple[Door, ...] = import_module(f"{KINDS[kind]}.access_files").doors(settings, place)
    return found


def access_files(
    kind: str, settings: Mapping[str, str], secret: Mapping[str, str], *, name: str
) -> tuple[AccessFile, ...]:
    """What a person's own tools read, with the secret of one key. `settings` are the cloud's public ones."""
    found: tuple[AccessFile, ...] = import_module(f"{KINDS[kind]}.access_files").files(settings, secret, name=name)
    return found


@cache
def bounds(kind: str) -> Bounds:
    """What such a cloud does not take of what people type. Of one that takes all, its driver has no `bounds.py`."""
    if find_spec(f"{KINDS[kind]}.bounds") is None:
        return Bounds()
    found: Bounds = import_module(f"{KINDS[kind]}.bounds").BOUNDS
    return found


def place_word(kind: str) -> str:
    """What such a cloud calls the place of a tenant: `project`, unless its `connection.py` has another word."""
    word: str = getattr(import_module(f"{KINDS[kind]}.connection"), "PLACE_WORD", "project")
    return word


def borrows(kind: str, credential: Mapping[str, str]) -> bool:
    """Whether a place's credential lets in only together with the cloud's own one, which is then in its settings too.

    Few kinds of cloud are like that; their `connection.py` says so with a function `borrows`.
    """
    ask = getattr(import_module(f"{KINDS[kind]}.connection"), "borrows", None)
    return bool(ask and ask(credential))


_connected: dict[tuple[int, str], tuple[tuple[dict[str, str], str], Driver]] = {}
_lock = threading.Lock()


def driver_for(
    key: str, kind: str, settings: Mapping[str, str], sealed: str, *, open_: Callable[[], Mapping[str, str]]
) -> Driver:
    """The driver of one cloud or place, kept for this process and made anew when its settings changed.

    `open_` gives the settings with the secrets in them; it is called only when a driver is made.
    """
    name, basis = (os.getpid(), key), (dict(settings), sealed)
    with _lock:
        kept = _connected.get(name)
        if kept is None or kept[0] != basis:
            if kept is not None:
                kept[1].close()
            kept = _connected[name] = (basis, connect(kind, open_()))
    return kept[1]

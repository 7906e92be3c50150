"""The kinds of cloud: a name, and the dotted path of its driver's factory.

A driver is a folder below `drivers/` with `driver.py` holding `connect(settings)`,
which returns an `interface.Driver`, and `connection.py` holding `FIELDS`,
`PLACE_FIELDS` and `has_places(settings)`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from importlib import import_module

from .interface import ConnectionField, Driver

KINDS: dict[str, str] = {
    "libvirt": "dashboard.clouds.drivers.libvirt",
    "openstack": "dashboard.clouds.drivers.openstack",
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

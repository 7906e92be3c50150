"""The kinds of cloud: a name, and the dotted path of its driver's factory.

A driver is a folder below `drivers/` with `driver.py` holding `connect(settings)`,
which returns an `interface.Driver`, and `connection.py` holding `FIELDS`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
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


_connected: dict[tuple[int, str], tuple[dict[str, str], Driver]] = {}


def driver_for(cloud_id: str, kind: str, settings: Mapping[str, str]) -> Driver:
    """The driver of one cloud, kept for this process and made anew when its settings changed."""
    key = (os.getpid(), cloud_id)
    kept = _connected.get(key)
    if kept is None or kept[0] != settings:
        if kept is not None:
            kept[1].close()
        kept = _connected[key] = (dict(settings), connect(kind, settings))
    return kept[1]

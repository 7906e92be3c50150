"""The kinds of cloud: a name, and the dotted path of its driver's factory.

A driver is a folder below `drivers/` with `driver.py` holding `connect(settings)`,
which returns an `interface.Driver`, and `connection.py` holding `FIELDS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from .interface import ConnectionField, Driver

KINDS: dict[str, str] = {
    "libvirt": "dashboard.clouds.drivers.libvirt",
    "fake": "dashboard.clouds.drivers.fake",
}


def connect(kind: str, settings: Mapping[str, str]) -> Driver:
    """A driver for the cloud described by `settings`; does not talk to the cloud yet."""
    driver: Driver = import_module(f"{KINDS[kind]}.driver").connect(settings)
    return driver


def connection_fields(kind: str) -> tuple[ConnectionField, ...]:
    fields: tuple[ConnectionField, ...] = import_module(f"{KINDS[kind]}.connection").FIELDS
    return fields

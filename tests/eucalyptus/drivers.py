"""How our driver is connected to a dialect server."""

from __future__ import annotations

from .dialect import Dialect


def settings_of(cloud: Dialect, **more: str) -> dict[str, str]:
    keys = {"access_key": cloud.root_key.id, "secret_key": cloud.root_key.secret}
    return {"endpoint": cloud.url, "allow_local": "yes", **keys, **more}

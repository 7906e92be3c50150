"""What the fake cloud's own tools would read, if it had any: so that the pages can be tried without a real cloud."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from ...interface import AccessFile, Door, RemotePlace


def doors(settings: Mapping[str, str], place: RemotePlace) -> tuple[Door, ...]:
    return (Door(name="Place", value=place.name), Door(name="Place id", value=place.id))


def files(settings: Mapping[str, str], secret: Mapping[str, str], *, name: str) -> tuple[AccessFile, ...]:
    exports = {"FAKE_CLOUD": name, "FAKE_PLACE": secret["place_id"], "FAKE_KEY": secret["key"]}
    text = "".join(f"export {key}={shlex.quote(value)}\n" for key, value in exports.items())
    return (AccessFile(name=f"{name}-fakerc.sh", text=text, kind="text/x-shellscript", hint=f". ./{name}-fakerc.sh"),)

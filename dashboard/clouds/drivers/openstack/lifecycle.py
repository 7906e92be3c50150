"""The verbs beyond turning on and off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...interface import Conflict, NotFound, Reason, Refused, Verb
from . import storable
from .errors import translated
from .mapping import MARKS, TAG
from .servers import Servers, path_of
from .session import Session
from .verbs import ask

ACTIONS = {
    Verb.PAUSE: "pause",
    Verb.UNPAUSE: "unpause",
    Verb.SUSPEND: "suspend",
    Verb.RESUME: "resume",
    Verb.SHELVE: "shelve",
    Verb.UNSHELVE: "unshelve",
    Verb.UNRESCUE: "unrescue",
    Verb.LOCK: "lock",
    Verb.UNLOCK: "unlock",
    Verb.CONFIRM_RESIZE: "confirmResize",
    Verb.REVERT_RESIZE: "revertResize",
}
DESCRIPTION = "2.19"
TAGS = "2.26"
SNAPSHOT = "2.45"
"""The first that says the image's id in its answer."""
RESCUE_VOLUME = "2.87"
REBUILD_VOLUME = "2.93"
"""The first that does so with a server whose disk is a volume."""
KEY = "skydeck_snapshot"


class OpenStackLifecycle:
    def __init__(self, session: Session) -> None:
        self.session = session
        self.servers = Servers(session)

    def do(self, remote_id: str, verb: Verb) -> None:
        ask(self.servers, remote_id, ACTIONS[verb])

    def rescue(self, remote_id: str, *, image_id: str = "") -> None:
        """Without an image Nova takes the one that the server was made from, unless its operator chose another."""
        argument = {"rescue_image_ref": image_id} if image_id else None
        ask(self.servers, remote_id, "rescue", argument, microversion=self._newest(RESCUE_VOLUME))

    def resize(self, remote_id: str, *, flavor_id: str, vcpus: int, ram_mib: int, disk_gib: int) -> None:
        try:
            ask(self.servers, remote_id, "resize", {"flavorRef": flavor_id})
        except (Conflict, Refused) as error:
            if isinstance(error, Refused) and error.reason is not Reason.INVALID:
                raise
            if not self._has_flavor(remote_id, flavor_id):
                raise

    def rebuild(self, remote_id: str, *, image_id: str) -> None:
        ask(
            self.servers,
            remote_id,
            "rebuild",
            {"imageRef": image_id},
            microversion=self._newest(REBUILD_VOLUME),
        )

    def snapshot(self, remote_id: str, *, name: str, key: str) -> str:
        """The key stands in a property of the image, which Glance filters by."""
        with translated("glance"):
            found = self.session.get("image", "/images", params={KEY: key})["images"]
            if found:
                return str(found[0]["id"])
        with translated("nova"):
            argument = {"name": name, "metadata": {KEY: key}}
            return str(self.servers.act(remote_id, "createImage", argument, microversion=SNAPSHOT)["image_id"])

    def carry_on(self, remote_id: str) -> None:
        """The cloud does so by itself."""

    def rename(self, remote_id: str, *, name: str) -> None:
        self.session.put("compute", path_of(remote_id), json={"server": {"name": name}})

    def describe(self, remote_id: str, *, description: str) -> None:
        storable.check([description])
        body = {"server": {"description": description}}
        self.session.put("compute", path_of(remote_id), json=body, microversion=DESCRIPTION)

    def set_tags(self, remote_id: str, *, tags: Iterable[str]) -> None:
        """Beside ours, by which `find` finds it."""
        with translated("nova"):
            ours = {tag for tag in self.servers.raw(remote_id)["tags"] if tag.startswith(TAG)}
        body = {"tags": sorted(ours | set(tags))}
        storable.check(body["tags"])
        self.session.put("compute", f"{path_of(remote_id)}/tags", json=body, microversion=TAGS)

    def set_metadata(self, remote_id: str, *, metadata: Mapping[str, str]) -> None:
        with translated("nova"):
            there = self.servers.raw(remote_id)["metadata"]
        ours = {key: there[key] for key in MARKS if key in there}
        storable.check([*metadata, *metadata.values()])
        body = {"metadata": {**metadata, **ours}}
        self.session.put("compute", f"{path_of(remote_id)}/metadata", json=body)

    def _newest(self, microversion: str) -> str:
        return microversion if self.session.serves("compute", microversion) else "2.1"

    def _has_flavor(self, remote_id: str, flavor_id: str) -> bool:
        """Nova tells a server's flavor by its name, and refuses a resize to what it has."""
        server = self.servers.get(remote_id)
        try:
            with translated("nova"):
                flavor = self.session.get("compute", f"/flavors/{flavor_id}")["flavor"]
                return bool(server.flavor_name == flavor["name"] and not server.task)
        except NotFound:
            return False

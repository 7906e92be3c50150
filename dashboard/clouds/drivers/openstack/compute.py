"""Servers: made, found, turned on and off, deleted."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator

from ...interface import Change, LaunchSpec, NotFound, RemoteInstance, Status, Unavailable
from . import keypairs
from .errors import translated
from .launch import CREATE, request_of
from .servers import Servers, path_of
from .session import Session
from .verbs import ask

Listen = Callable[[threading.Event], Iterator[Change]]

CREATE_S = 60.0
"""Nova checks image, networks, ports and quota of other services before it answers."""
WHY_S = 1.0


class OpenStackCompute:
    """`listen` is what tells of changes, where the cloud has notifications."""

    def __init__(self, session: Session, *, listen: Listen | None = None) -> None:
        self.session = session
        self.servers = Servers(session)
        self.listen = listen

    def list(self) -> Iterator[RemoteInstance]:
        return self.servers.list()

    def get(self, remote_id: str) -> RemoteInstance:
        """Nova notes that a server failed, and a moment later why: who is told the one is told the other."""
        found = self.servers.get(remote_id)
        if found.status is Status.ERROR and not found.fault:
            time.sleep(WHY_S)
            found = self.servers.get(remote_id)
        return found

    def find(self, instance_id: str) -> RemoteInstance | None:
        """The oldest that carries our id. It is there from the moment Nova accepted it, in BUILD and in ERROR."""
        found = self.servers.tagged(instance_id)
        return min(found, key=lambda one: (str(one.created_at), one.id), default=None)

    def create(self, spec: LaunchSpec) -> RemoteInstance:
        """Nova has no create token: a second call makes a second server. Callers look with `find` first."""
        key_name = keypairs.ensure(self.session, spec.public_key) if spec.public_key else ""
        body = request_of(spec, key_name=key_name, has_networks=self.session.has("network"))
        with translated("nova"):
            answer = self.session.post(
                "compute",
                "/servers",
                json=body,
                microversion=CREATE,
                timeout_s=CREATE_S,
                request_id=request_id_of(spec.operation_id),
            )
            return self._made(answer["server"]["id"], spec)

    def start(self, remote_id: str) -> None:
        ask(self.servers, remote_id, "os-start")

    def stop(self, remote_id: str, *, force: bool = False) -> None:
        """Nova asks the guest and cuts the power when its time is over (60 s by default); it knows no `force`."""
        ask(self.servers, remote_id, "os-stop")

    def reboot(self, remote_id: str, *, hard: bool = False) -> None:
        ask(self.servers, remote_id, "reboot", {"type": "HARD" if hard else "SOFT"})

    def delete(self, remote_id: str) -> None:
        """Its boot volume goes with it, where we made it. Key pairs stay: others use them."""
        try:
            self.session.delete("compute", path_of(remote_id))
        except NotFound:
            return

    def console_log(self, remote_id: str, *, max_bytes: int = 65536) -> str:
        """Nova itself keeps no more than 100 KiB. A guest that has no console yet has written nothing."""
        try:
            with translated("nova"):
                text: str = self.servers.act(remote_id, "os-getConsoleOutput", {})["output"] or ""
        except NotFound as error:
            if "console" not in error.detail:
                raise
            return ""
        return text.encode()[-max_bytes:].decode(errors="ignore")

    def password_data(self, remote_id: str) -> str:
        """What the guest posted to the metadata service."""
        with translated("nova"):
            return str(self.session.get("compute", f"{path_of(remote_id)}/os-server-password")["password"] or "")

    def watch(self, stop: threading.Event) -> Iterator[Change]:
        if self.listen is None:
            raise Unavailable("this cloud was given no address for its notifications", source="nova")
        return self.listen(stop)

    def _made(self, remote_id: str, spec: LaunchSpec) -> RemoteInstance:
        """Nova's answer to a create holds little more than the id."""
        try:
            return self.get(remote_id)
        except Unavailable:
            return RemoteInstance(
                id=remote_id,
                name=spec.name,
                status=Status.BUILD,
                description=spec.description,
                vcpus=spec.vcpus,
                ram_mib=spec.ram_mib,
                disk_gib=spec.disk_gib,
            )


def request_id_of(operation_id: str) -> str:
    """So that one search in the cloud's logs finds everything of an operation; oslo.middleware wants a UUID."""
    uuid = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    return f"req-{operation_id}" if re.fullmatch(uuid, operation_id) else ""

"""Instances as libvirt domains."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import libvirt

from ...interface import Change, LaunchSpec, Reason, Refused, RemoteInstance
from . import domains, storage
from .files import Files
from .hypervisor import Hypervisor
from .launch import Launch
from .mapping import domain_uuid
from .power import hard_reboot, power_off, press_button, reboot, start
from .snapshots import Snapshots
from .watch import changes

CREATE_S = 50
LIST_S = 50


class LibvirtCompute:
    def __init__(self, hypervisor: Hypervisor, *, launch: Launch, snapshots: Snapshots) -> None:
        self.hypervisor = hypervisor
        self.launch = launch
        self.snapshots = snapshots

    def list(self) -> Iterator[RemoteInstance]:
        found = self.hypervisor.run(lambda connection: [*domains.describe_all(connection)], timeout_s=LIST_S)
        return iter(found)

    def get(self, remote_id: str) -> RemoteInstance:
        return self.hypervisor.run(lambda connection: _get(connection, remote_id))

    def find(self, instance_id: str) -> RemoteInstance | None:
        return self.hypervisor.run(lambda connection: _find(connection, instance_id))

    def create(self, spec: LaunchSpec) -> RemoteInstance:
        return self.hypervisor.run(lambda connection: self.launch.create(connection, spec), timeout_s=CREATE_S)

    def start(self, remote_id: str) -> None:
        self.hypervisor.run(lambda connection: start(domains.at_rest(connection, remote_id)), timeout_s=CREATE_S)

    def stop(self, remote_id: str, *, force: bool = False) -> None:
        stop = power_off if force else press_button
        self.hypervisor.run(lambda connection: stop(domains.at_rest(connection, remote_id)))

    def reboot(self, remote_id: str, *, hard: bool = False) -> None:
        restart = hard_reboot if hard else reboot
        self.hypervisor.run(lambda connection: restart(domains.at_rest(connection, remote_id)), timeout_s=CREATE_S)

    def delete(self, remote_id: str) -> None:
        """Also clears away the files of an instance whose domain was never made, or is gone."""
        self.hypervisor.run(lambda connection: self._delete(connection, remote_id), timeout_s=CREATE_S)

    def console_log(self, remote_id: str, *, max_bytes: int = 65536) -> str:
        said = self.hypervisor.run(lambda connection: self._log(connection, remote_id, max_bytes=max_bytes))
        return said.decode(errors="replace")

    def password_data(self, remote_id: str) -> str:
        """Its feature is not declared: a guest has nowhere to leave it."""
        raise Refused("a libvirt host keeps no passwords", reason=Reason.INVALID)

    def watch(self, stop: threading.Event) -> Iterator[Change]:
        return changes(self.hypervisor, stop=stop)

    def _delete(self, connection: libvirt.virConnect, remote_id: str) -> None:
        if domains.existing(connection, remote_id) is not None:
            self.snapshots.give_up(connection, domains.own(connection, remote_id))
        self.launch.remove(connection, domain_uuid(remote_id))

    def _log(self, connection: libvirt.virConnect, remote_id: str, *, max_bytes: int) -> bytes:
        domain = domains.marked(connection, remote_id)
        pool = storage.pool_of(connection, self.launch.pool)
        log = storage.volume(pool, Files(uuid=domain.UUIDString()).console_log)
        return storage.tail(connection, log, max_bytes=max_bytes) if log else b""


def _get(connection: libvirt.virConnect, remote_id: str) -> RemoteInstance:
    return domains.describe(domains.lookup(connection, remote_id), host=connection.getHostname())


def _find(connection: libvirt.virConnect, instance_id: str) -> RemoteInstance | None:
    domain = domains.existing(connection, domain_uuid(instance_id))
    if domain is None:
        return None
    found = domains.describe(domain, host=connection.getHostname())
    return found if found.mark is not None else None

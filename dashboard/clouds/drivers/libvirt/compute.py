"""Instances as libvirt domains."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import libvirt

from ...interface import Change, Conflict, LaunchSpec, RemoteInstance
from . import domains, storage
from .hypervisor import Hypervisor
from .launch import Files, Launch, power_off, power_on
from .mapping import domain_uuid
from .watch import changes

CREATE_S = 50
LIST_S = 50


class LibvirtCompute:
    def __init__(self, hypervisor: Hypervisor, *, launch: Launch) -> None:
        self.hypervisor = hypervisor
        self.launch = launch

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
        """A guest that is paused goes on."""
        self.hypervisor.run(lambda connection: _start(domains.own(connection, remote_id)), timeout_s=CREATE_S)

    def stop(self, remote_id: str, *, force: bool = False) -> None:
        stop = power_off if force else _press_power_button
        self.hypervisor.run(lambda connection: stop(domains.own(connection, remote_id)))

    def reboot(self, remote_id: str, *, hard: bool = False) -> None:
        reboot = _reset if hard else _reboot
        self.hypervisor.run(lambda connection: reboot(domains.own(connection, remote_id)))

    def delete(self, remote_id: str) -> None:
        """Also clears away the files of an instance whose domain was never made, or is gone."""
        self.hypervisor.run(lambda connection: self._delete(connection, remote_id), timeout_s=CREATE_S)

    def console_log(self, remote_id: str, *, max_bytes: int = 65536) -> str:
        said = self.hypervisor.run(lambda connection: self._log(connection, remote_id, max_bytes=max_bytes))
        return said.decode(errors="replace")

    def watch(self, stop: threading.Event) -> Iterator[Change]:
        return changes(self.hypervisor, stop=stop)

    def _delete(self, connection: libvirt.virConnect, remote_id: str) -> None:
        if domains.existing(connection, remote_id) is not None:
            domains.own(connection, remote_id)
        self.launch.remove(connection, domain_uuid(remote_id))

    def _log(self, connection: libvirt.virConnect, remote_id: str, *, max_bytes: int) -> bytes:
        domain = domains.own(connection, remote_id)
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


def _start(domain: libvirt.virDomain) -> None:
    if domain.state()[0] == libvirt.VIR_DOMAIN_PAUSED:
        domain.resume()
    else:
        power_on(domain)


def _press_power_button(domain: libvirt.virDomain) -> None:
    """By ACPI, which returns at once; the guest's agent would hold the call until the guest is off."""
    if not domain.isActive():
        return
    _refuse_if_paused(domain)
    domain.shutdownFlags(_acpi(domain, libvirt.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN))


def _reboot(domain: libvirt.virDomain) -> None:
    """The power button too: when the guest is off libvirt turns it on again, whatever the button does there."""
    _refuse_if_paused(domain)
    domain.reboot(_acpi(domain, libvirt.VIR_DOMAIN_REBOOT_ACPI_POWER_BTN))


def _reset(domain: libvirt.virDomain) -> None:
    if not domain.isActive():
        raise Conflict("the domain is not running")
    domain.reset(0)


def _refuse_if_paused(domain: libvirt.virDomain) -> None:
    """A paused guest hears no button; libvirt would take the press and nothing would come of it."""
    if domain.state()[0] != libvirt.VIR_DOMAIN_RUNNING:
        raise Conflict("the domain is not running")


def _acpi(domain: libvirt.virDomain, flag: int) -> int:
    """libvirt's test driver knows no ways to choose from."""
    return 0 if domain.connect().getType() == "TEST" else flag

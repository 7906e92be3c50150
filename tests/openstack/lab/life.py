"""What `manage.py lab` does: up, down, status, seed."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager

from dashboard.setup.terminal import say

from . import clouds, configuration, database, ground, libvirtd, packages, place, processes, services
from .place import Lab, LabFailed
from .seed import catalogue, computes, people, servers, things


def up(lab: Lab, *, assume_yes: bool) -> None:
    """Install, start and seed whatever is not there. Raises LabFailed, PackagesUnavailable or CalledProcessError."""
    began = time.monotonic()
    if reason := packages.unsupported():
        raise LabFailed(reason)
    place.lay_out(lab)
    with _alone(lab):
        _check_ports(lab)
        place.keep_ports(lab)
        packages.install(lab, assume_yes=assume_yes)
        configuration.write(lab)
        libvirtd.prepare(lab)
        clouds.write(lab)
        say("Starting MariaDB, RabbitMQ and memcached")
        ground.begin(lab)
        database.bring_up(lab, database.chains_of(lab), wanted=packages.fingerprint())
        _start_services(lab)
    say(f"The lab is up after {time.monotonic() - began:.0f} s.")


def down(lab: Lab) -> None:
    """End what `up` started, by its pids; guests too. All data stays."""
    if not lab.home.exists():
        return
    with _alone(lab):
        found = processes.running(lab)
        processes.end(lab, [process for process in found if process.name not in ground.NAMES])
        libvirtd.end_guests(lab)
        for name in ground.NAMES:
            processes.end(lab, [process for process in found if process.name == name])
    say(f"{len(found)} processes ended.")


def is_up(lab: Lab) -> bool:
    """Whether everything runs that `up` starts."""
    return lab.clouds_yaml.exists() and _names(lab) <= {process.name for process in processes.running(lab)}


def status(lab: Lab) -> None:
    """Say what runs, how much memory it takes, and where it is."""
    found = {process.name: process for process in processes.running(lab)} if lab.home.exists() else {}
    if not found:
        say(f"There is no lab running in {lab.home}.")
        return
    total = 0.0
    for name in sorted(_names(lab) | set(found)):
        process = found.get(name)
        memory = processes.memory_mib(process) if process else 0
        total += memory
        say(f"{name:22} {f'{process.pid:8} {memory:7.0f} MiB' if process else '   DOWN'}")
    say(f"{'in all':22} {'':8} {total:7.0f} MiB, shared pages counted in each process")
    say_where(lab)


def say_where(lab: Lab) -> None:
    client = f"OS_CLIENT_CONFIG_FILE={lab.clouds_yaml} {lab.program('openstack')} --os-cloud lab-demo1"
    say(f"""
clouds.yaml       {lab.clouds_yaml} ({", ".join(clouds.read(lab))})
Keystone          {lab.auth_url}
Nova notifies     {lab.messages("notifications", scheme="amqp")}
                  exchange nova, routing key versioned_notifications.info
the client        {client} server list""")


def seed(lab: Lab, count: int, *, with_network: bool) -> None:
    with clouds.connect(lab, "lab-admin") as admin, clouds.connect(lab, servers.CLOUD) as connection:
        servers.make(admin, connection, count, with_network=with_network)


def unseed(lab: Lab) -> None:
    with clouds.connect(lab, servers.CLOUD) as connection:
        servers.delete(connection)


def _start_services(lab: Lab) -> None:
    keystone = services.keystone(lab)
    processes.start(lab, keystone)
    processes.wait_for(lab, [keystone])
    say("Keystone is up; starting the other services")
    with clouds.connect(lab, "lab-admin") as admin:
        catalogue.make(lab, admin)
    for daemons in (services.before_computes(lab), services.computes(lab)):
        for daemon in daemons:
            processes.start(lab, daemon)
        processes.wait_for(lab, daemons)
    with clouds.connect(lab, "lab-admin") as admin:  # whose catalogue is whole now
        people.make(lab, admin)
        things.make(lab, admin)
        computes.wait(lab, admin)
        computes.reserve_libvirt_host(admin)


def _names(lab: Lab) -> set[str]:
    started = [services.keystone(lab), *services.before_computes(lab), *services.computes(lab)]
    return {*ground.NAMES, *(daemon.name for daemon in started)}


def _check_ports(lab: Lab) -> None:
    if processes.running(lab):
        return  # then they are ours
    if taken := place.taken_ports(lab):
        named = ", ".join(f"{port} ({name})" for name, port in taken.items())
        raise LabFailed(f"Something else listens on {named}. Set SKYDECK_LAB_PORT_BASE to another number.")


@contextmanager
def _alone(lab: Lab) -> Iterator[None]:
    """Two that start or end the same lab take turns."""
    with (lab.folder("run") / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

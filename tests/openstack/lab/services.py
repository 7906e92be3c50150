"""OpenStack's services as daemons of the lab."""

from __future__ import annotations

import http.client
from collections.abc import Sequence

from . import libvirtd
from .configuration import STORAGE_KINDS
from .place import FAKE_HOSTS, HOST, LIBVIRT_HOST, Lab, is_listening
from .processes import Daemon

GUNICORN = [
    *("--timeout", "600", "--graceful-timeout", "5", "--keep-alive", "30", "--backlog", "512"),
    *("--worker-tmp-dir", "/dev/shm", "--limit-request-line", "0"),
]
THREADS = ["--worker-class", "gthread", "--threads", "12"]
# Keystone 30 keeps the token of a request in what all threads of a process share: where two come at once, the one is
# answered with the rights of the other.
PROCESSES = ["--worker-class", "sync"]


def keystone(lab: Lab) -> Daemon:
    return _api(lab, "keystone", port_of="keystone", path="/v3", workers=4, how=PROCESSES)


def before_computes(lab: Lab) -> list[Daemon]:
    """A compute host needs the APIs when it starts."""
    neutron = ["--config-file", lab.config("neutron/neutron.conf")]
    cinder = ["--config-file", lab.config("cinder/cinder.conf")]
    screens = [lab.program("python"), "-m", "skydeck_lab.consoles"]
    ports = [str(lab.port("fake_screen")), str(lab.port("fake_serial"))]
    return [
        _api(lab, "nova-api", port_of="nova", workers=2),
        _api(lab, "neutron-api", port_of="neutron", workers=2),
        _api(lab, "placement-api", port_of="placement"),
        _api(lab, "glance-api", port_of="glance"),
        _api(lab, "cinder-api", port_of="cinder"),
        *_swift(lab),
        Daemon("nova-conductor", _nova(lab, "conductor")),
        Daemon("nova-scheduler", _nova(lab, "scheduler")),
        Daemon("neutron-rpc", [lab.program("neutron-rpc-server"), *neutron]),
        Daemon("neutron-periodic", [lab.program("neutron-periodic-workers"), *neutron]),
        Daemon("cinder-scheduler", [lab.program("cinder-scheduler"), *cinder]),
        Daemon("cinder-volume", [lab.program("cinder-volume"), *cinder]),
        Daemon("fake-consoles", [*screens, *ports], lambda: is_listening(lab.port("fake_serial"))),
        libvirtd.daemon(lab),
    ]


def computes(lab: Lab) -> list[Daemon]:
    """The compute hosts, the proxies in front of their consoles, and what reports to Neutron."""
    neutron = ["--config-file", lab.config("neutron/neutron.conf")]
    hosts = [
        Daemon(
            f"nova-compute-{host}", [*_nova(lab, "compute"), "--config-file", lab.config(f"nova/compute-{host}.conf")]
        )
        for host in (*FAKE_HOSTS, LIBVIRT_HOST)
    ]
    # no pages: whoever looks at a console brings a viewer
    screens, lines = [*_nova(lab, "novncproxy"), "--web", ""], _nova(lab, "serialproxy")
    return [
        *hosts,
        Daemon("neutron-agents", [lab.program("python"), "-m", "skydeck_lab.agents", *neutron]),
        Daemon("nova-novncproxy", screens, lambda: is_listening(lab.port("novncproxy"))),
        Daemon("nova-serialproxy", lines, lambda: is_listening(lab.port("serialproxy"))),
    ]


def _nova(lab: Lab, part: str) -> list[str]:
    return [lab.program(f"nova-{part}"), "--config-file", lab.config("nova/nova.conf")]


def _api(
    lab: Lab, name: str, *, port_of: str, path: str = "/", workers: int = 1, how: Sequence[str] = THREADS
) -> Daemon:
    port = lab.port(port_of)
    bind = ["--bind", f"{HOST}:{port}", "--workers", str(workers), "--name", name]
    command = [lab.program("gunicorn"), *bind, *GUNICORN, *how, f'skydeck_lab.wsgi:app("{name}")']
    return Daemon(name, command, lambda: serves(port, path))


def _swift(lab: Lab) -> list[Daemon]:
    command = [lab.program("swift-proxy-server"), lab.config("swift/proxy-server.conf")]
    proxy = Daemon("swift-proxy", command, lambda: serves(lab.port("swift"), "/healthcheck"))
    return [*(_storage(lab, kind) for kind in STORAGE_KINDS), proxy]


def _storage(lab: Lab, kind: str) -> Daemon:
    command = [lab.program(f"swift-{kind}-server"), lab.config(f"swift/{kind}-server.conf")]
    return Daemon(f"swift-{kind}", command, lambda: is_listening(lab.port(f"swift_{kind}")))


def serves(port: int, path: str) -> bool:
    """Whether it answers, and with no fault of its own. Without a token some say 401, of several versions 300."""
    connection = http.client.HTTPConnection(HOST, port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

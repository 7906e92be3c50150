"""Where a lab is: its folder, its ports, its passwords. Everything else is told from these."""

from __future__ import annotations

import json
import os
import secrets
import socket
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dashboard.setup.libvirtd import SEARCH_PATH

HOST = "127.0.0.1"
REGION = "RegionOne"
HOME = Path("/var/tmp/skydeck-lab")
PORT_BASE = 20000
FAKE_HOSTS = ("fake1", "fake2")
LIBVIRT_HOST = "kvm1"
# each listens there, plus the lab's port base
USUAL_PORTS = {
    "keystone": 5000,
    "placement": 8778,
    "glance": 9292,
    "nova": 8774,
    "neutron": 9696,
    "cinder": 8776,
    "ec2": 8788,
    "swift": 8080,
    "swift_object": 6200,
    "swift_container": 6201,
    "swift_account": 6202,
    "novncproxy": 6080,
    "serialproxy": 6083,
    "fake_screen": 5901,
    "fake_serial": 5902,
    "mariadb": 3306,
    "rabbitmq": 5672,
    "rabbitmq_peers": 5673,
    "epmd": 4369,
    "memcached": 11211,
}
# Nova takes one of these for each guest with a serial console
SERIAL_PORTS = (1000, 1999)
SECRETS = ("admin", "service", "people", "database", "messages", "swift")


class LabFailed(Exception):
    """The lab cannot do what was asked; the text says why and where to look."""


@dataclass(frozen=True)
class Lab:
    """The lab in `home`. Its folders: etc, data, log, run, bin, stand_ins, venv."""

    home: Path
    port_base: int

    def folder(self, name: str) -> Path:
        return self.home / name

    def program(self, name: str) -> str:
        """A program of the lab's own Python packages."""
        return str(self.home / "venv/bin" / name)

    def config(self, path: str) -> str:
        return str(self.home / "etc" / path)

    def port(self, name: str) -> int:
        return USUAL_PORTS[name] + self.port_base

    def url(self, name: str) -> str:
        return f"http://{HOST}:{self.port(name)}"

    @property
    def auth_url(self) -> str:
        return f"{self.url('keystone')}/v3"

    @property
    def clouds_yaml(self) -> Path:
        return self.home / "clouds.yaml"

    def database(self, name: str) -> str:
        """SQLAlchemy's URL of one database."""
        password = self.secrets["database"]
        return f"mysql+pymysql://lab:{password}@{HOST}:{self.port('mariadb')}/{name}?charset=utf8"

    def messages(self, virtual_host: str = "", *, scheme: str = "rabbit") -> str:
        """oslo.messaging's URL of RabbitMQ; Kombu's with the scheme `amqp`. Nova notifies in `notifications`."""
        return f"{scheme}://lab:{self.secrets['messages']}@{HOST}:{self.port('rabbitmq')}/{virtual_host}"

    @cached_property
    def secrets(self) -> dict[str, str]:
        """Passwords, made once."""
        path = self.home / "secrets.json"
        if not path.exists():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                json.dump({name: secrets.token_hex(8) for name in SECRETS}, file)
        found: dict[str, str] = json.loads(path.read_text())
        return found

    def environment(self, **more: str) -> dict[str, str]:
        """All that a process of the lab is told; nothing of ours, least of all a proxy or a password."""
        configuration = {
            f"OS_{name.upper()}_CONFIG_DIR": self.config(name)
            for name in ("keystone", "placement", "glance", "nova", "neutron")
        }
        return {
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PATH": f"{self.home}/bin:{self.home}/venv/bin:{SEARCH_PATH}",
            "PYTHONPATH": str(self.folder("stand_ins")),
            "PYTHONUNBUFFERED": "1",
            "SKYDECK_LAB_HOME": str(self.home),
            "OS_NEUTRON_CONFIG_FILES": "neutron.conf",
            **configuration,
            **more,
        }


def from_environment() -> Lab:
    """The lab of SKYDECK_LAB_HOME and SKYDECK_LAB_PORT_BASE; one that exists keeps the ports it was made with.

    Raises LabFailed.
    """
    home = Path(os.environ.get("SKYDECK_LAB_HOME") or HOME).resolve()
    asked = os.environ.get("SKYDECK_LAB_PORT_BASE", "")
    if asked and not (asked.isdecimal() and 1024 <= int(asked) <= 50000):
        raise LabFailed(f"SKYDECK_LAB_PORT_BASE is {asked!r}; it has to be a number from 1024 to 50000.")
    made_with = _made_with(home)
    if made_with and asked and int(asked) != made_with:
        raise LabFailed(
            f"The lab in {home} was made with port base {made_with}, not {asked}. "
            "Set SKYDECK_LAB_HOME to another folder, or end the lab and remove its folder."
        )
    return Lab(home, made_with or int(asked or PORT_BASE))


def lay_out(lab: Lab) -> None:
    for name in ("etc", "data", "log", "run", "bin", "stand_ins"):
        lab.folder(name).mkdir(parents=True, exist_ok=True)


def keep_ports(lab: Lab) -> None:
    """Remember the ports: they are in the lab's configuration and in its catalogue."""
    (lab.home / "lab.json").write_text(json.dumps({"port_base": lab.port_base}))


def is_listening(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((HOST, port)) == 0


def taken_ports(lab: Lab) -> dict[str, int]:
    """The ports of this lab that something listens on: with nothing of the lab running, something else."""
    return {name: lab.port(name) for name in USUAL_PORTS if is_listening(lab.port(name))}


def _made_with(home: Path) -> int:
    """0 where no lab was made yet."""
    try:
        port_base: int = json.loads((home / "lab.json").read_text())["port_base"]
    except OSError:
        return 0
    return port_base

"""Writing the services' configuration: the templates in `etc/`, filled in, and what the services' packages bring."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sysconfig
import uuid
from collections.abc import Iterable
from pathlib import Path
from string import Template

from .place import FAKE_HOSTS, HOST, LIBVIRT_HOST, REGION, SERIAL_PORTS, USUAL_PORTS, Lab

HERE = Path(__file__).resolve().parent
DATABASES = ("keystone", "placement", "glance", "nova_api", "nova", "nova_cell0", "neutron", "cinder")
# these end with etc/shared.conf; the file of each, and its database
SHARING = {
    "placement": "placement.conf",
    "glance": "glance-api.conf",
    "nova": "nova.conf",
    "neutron": "neutron.conf",
    "cinder": "cinder.conf",
}
STORAGE_KINDS = ("account", "container", "object")
# files that come with the services' packages, below the venv's etc
SHIPPED = {
    "glance/glance-api-paste.ini": "glance/glance-api-paste.ini",
    "nova/api-paste.ini": "nova/api-paste.ini",
    "neutron/api-paste.ini": "neutron/api-paste.ini",
    "cinder/api-paste.ini": "cinder/api-paste.ini",
    "cinder/resource_filters.json": "cinder/resource_filters.json",
}
FOLDERS = (
    *("keystone/fernet", "keystone/credential", "glance/images", "glance/staging", "glance/tasks"),
    *("cinder/conversion", "cinder/volumes", "cinder/coordination", "swift/node/d1", "rabbitmq/log"),
)
LOGIN = """\
auth_type = password
auth_url = {url}/v3
username = {name}
password = {password}
project_name = service
project_domain_name = Default
user_domain_name = Default
region_name = {region}"""
# Services run some commands through sudo and a wrapper. The lab is root already, and a bare machine has neither.
SUDO = """\
#!/bin/sh
while [ "${1#-}" != "$1" ]; do shift; done
case $1 in *-rootwrap) shift 2 ;; esac
exec "$@"
"""
ENTRY_POINTS = "[neutron.ml2.mechanism_drivers]\nskydeck_lab = skydeck_lab.ports:InstantPorts\n"
METADATA = "Metadata-Version: 2.1\nName: skydeck-lab\nVersion: 1.0\n"


def write(lab: Lab) -> None:
    """Write all of it. Also when the lab is running: nothing changes then, unless the templates did."""
    _make_folders(lab)
    _install_stand_ins(lab)
    _copy_shipped(lab)
    values = _values(lab)
    _write_plain(lab, values)
    for service, name in SHARING.items():
        more = {"service": service, "database": lab.database(service), "login": values[f"{service}_login"]}
        text = _filled(f"{service}/{name}", values) + "\n" + _filled("shared.conf", values | more)
        _put(lab, f"{service}/{name}", text)
    _write_computes(lab, values)
    _write_storage(lab, values)


def fill(lab: Lab, paths: Iterable[str]) -> None:
    """Write these files alone, for a part that is started on its own."""
    values = _values(lab)
    for path in paths:
        _put(lab, path, _filled(path, values))


def _make_folders(lab: Lab) -> None:
    for folder in FOLDERS:
        lab.folder("data").joinpath(folder).mkdir(parents=True, exist_ok=True)
    for service in ("keystone", *SHARING):
        lab.folder("data").joinpath(service, "lock").mkdir(parents=True, exist_ok=True)
        lab.folder("etc").joinpath(service, "policy.d").mkdir(parents=True, exist_ok=True)
    sudo = lab.folder("bin") / "sudo"
    sudo.write_text(SUDO)
    sudo.chmod(0o755)


def _install_stand_ins(lab: Lab) -> None:
    target = lab.folder("stand_ins")
    shutil.copytree(HERE / "stand_ins", target / "skydeck_lab", dirs_exist_ok=True)
    about = target / "skydeck_lab-1.0.dist-info"
    about.mkdir(exist_ok=True)
    (about / "METADATA").write_text(METADATA)
    (about / "entry_points.txt").write_text(ENTRY_POINTS)
    # Nova loads drivers from its own package only
    (_packages(lab) / "nova/virt/skydeck_lab.py").write_text("from skydeck_lab.compute import FakeDriver  # noqa\n")


def _packages(lab: Lab) -> Path:
    """The venv's site-packages; its Python is of our own version."""
    return Path(sysconfig.get_path("purelib", "venv", vars={"base": str(lab.folder("venv"))}))


def _copy_shipped(lab: Lab) -> None:
    shipped = lab.folder("venv") / "etc"
    for source, target in SHIPPED.items():
        shutil.copy(shipped / source, lab.config(target))
    shutil.copytree(shipped / "glance/metadefs", lab.config("glance/metadefs"), dirs_exist_ok=True)


def _values(lab: Lab) -> dict[str, str]:
    """What the templates may name."""
    folders = {name: str(lab.folder(name)) for name in ("etc", "data")}
    ports = {f"{name}_port": str(lab.port(name)) for name in USUAL_PORTS}
    urls = {f"{name}_url": lab.url(name) for name in USUAL_PORTS}
    databases = {f"{name}_database": lab.database(name) for name in (*DATABASES, "ec2")}
    logins = {f"{name}_login": _login(lab, name) for name in (*SHARING, "swift")}
    return {
        **folders,
        **ports,
        **urls,
        **databases,
        **logins,
        "host": HOST,
        "messages": lab.messages(),
        "messages_password_hash": _rabbitmq_hash(lab.secrets["messages"]),
        "notifications": lab.messages("notifications"),
        "serial_ports": ":".join(str(lab.port_base + port) for port in SERIAL_PORTS),
        "swift_password": lab.secrets["swift"],
    }


def _login(lab: Lab, name: str) -> str:
    """How a service signs in to Keystone."""
    return LOGIN.format(url=lab.url("keystone"), name=name, password=lab.secrets["service"], region=REGION)


def _rabbitmq_hash(password: str) -> str:
    """RabbitMQ's own: the salt, and the SHA-256 of salt and password. The salt stays, so that the file does."""
    salt = hashlib.sha256(password.encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _write_plain(lab: Lab, values: dict[str, str]) -> None:
    plain = ("keystone/keystone.conf", "rabbitmq/rabbitmq.conf", "rabbitmq/definitions.json", "swift/swift.conf")
    for path in (*plain, "swift/proxy-server.conf", "libvirt/libvirtd.conf", "libvirt/qemu.conf"):
        _put(lab, path, _filled(path, values))
    _put(lab, "rabbitmq/enabled_plugins", "[].\n")
    _put(lab, "rabbitmq/environment", "")


def _write_computes(lab: Lab, values: dict[str, str]) -> None:
    for host in FAKE_HOSTS:
        _put(lab, f"nova/compute-{host}.conf", _filled("nova/fake-compute.conf", values | {"compute_host": host}))
        identity = lab.folder("data") / "nova" / host / "compute_id"
        identity.parent.mkdir(exist_ok=True)
        if not identity.exists():  # Nova's fake driver writes none, and without it a host cannot start a second time
            identity.write_text(str(uuid.uuid5(uuid.NAMESPACE_DNS, host)))
    (lab.folder("data") / "nova" / LIBVIRT_HOST / "instances").mkdir(parents=True, exist_ok=True)
    text = _filled("nova/libvirt-compute.conf", values | {"compute_host": LIBVIRT_HOST})
    _put(lab, f"nova/compute-{LIBVIRT_HOST}.conf", text)


def _write_storage(lab: Lab, values: dict[str, str]) -> None:
    for kind in STORAGE_KINDS:
        more = {"storage_kind": kind, "storage_port": values[f"swift_{kind}_port"]}
        _put(lab, f"swift/{kind}-server.conf", _filled("swift/storage-server.conf", values | more))
        if not Path(lab.config(f"swift/{kind}.ring.gz")).exists():
            _make_ring(lab, kind)


def _make_ring(lab: Lab, kind: str) -> None:
    """One device that holds everything, once."""
    ring = [lab.program("swift-ring-builder"), lab.config(f"swift/{kind}.builder")]
    place = ["--region", "1", "--zone", "1", "--ip", HOST, "--port", str(lab.port(f"swift_{kind}"))]
    commands = [["create", "6", "1", "0"], ["add", *place, "--device", "d1", "--weight", "100"], ["rebalance"]]
    Path(ring[1]).unlink(missing_ok=True)
    for command in commands:
        # exit status 1 is a warning: that one replica is not many
        done = subprocess.run([*ring, *command], env=lab.environment(), capture_output=True, text=True, check=False)
        if done.returncode > 1:
            raise subprocess.CalledProcessError(done.returncode, done.args, done.stdout, done.stderr)


def _filled(path: str, values: dict[str, str]) -> str:
    return Template((HERE / "etc" / path).read_text()).substitute(values)


def _put(lab: Lab, path: str, text: str) -> None:
    target = Path(lab.config(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    if not (target.exists() and target.read_text() == text):
        target.write_text(text)

"""Flavors, images, networks and key pairs: what a launch chooses from."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from openstack.connection import Connection

from tests import demo_image

from ..clouds import connect
from ..place import Lab

# name -> vCPUs, MiB of memory, GiB of disk
FLAVORS = {
    "m1.nano": (1, 64, 1),
    "m1.tiny": (1, 512, 1),
    "m1.small": (1, 2048, 20),
    "m1.medium": (2, 4096, 40),
    "m1.large": (4, 8192, 80),
}
# these run on kvm1, and nothing else does
REAL_FLAVORS = {"real.tiny": (1, 128, 1), "real.demo": (1, 256, 1)}
REAL_TRAIT = "CUSTOM_REAL_GUEST"
# The demo image's kernel has no AHCI, and its screen is a plain VGA
DEMO_PROPERTIES = {
    "os_distro": "debian",
    "hw_machine_type": "pc",
    "hw_disk_bus": "virtio",
    "hw_vif_model": "virtio",
    "hw_video_model": "vga",
}
VOLUME_TYPE = "lab"
PUBLIC, PUBLIC_CIDR, PUBLIC_GATEWAY = "public", "203.0.113.0/26", "203.0.113.1"


def make(lab: Lab, admin: Connection) -> None:
    _make_flavors(admin)
    _make_images(admin)
    if VOLUME_TYPE not in {kind.name for kind in admin.block_storage.types()}:
        admin.block_storage.create_type(name=VOLUME_TYPE, extra_specs={"volume_backend_name": "files"})
    public = _make_public_network(admin)
    for number, cloud in enumerate(("lab-demo1", "lab-demo2"), 1):
        with connect(lab, cloud) as connection:
            make_network(connection, f"private{number}", cidr=f"10.{number}.0.0/16", public=public)
            if not connection.compute.find_keypair("demo"):
                connection.compute.create_keypair(name="demo")


def make_network(connection: Connection, name: str, *, cidr: str, public: str) -> str:
    """A network with a subnet, behind a router to the network `public`; its id."""
    network = connection.network.find_network(name)
    if network is None:
        network = connection.network.create_network(name=name)
        servers = ["192.0.2.53"]
        subnet = connection.network.create_subnet(
            network_id=network.id, name=name, ip_version=4, cidr=cidr, dns_nameservers=servers
        )
        router = connection.network.create_router(name=name, external_gateway_info={"network_id": public})
        connection.network.add_interface_to_router(router.id, subnet=subnet.id)
    found: str = network.id
    return found


def _make_flavors(admin: Connection) -> None:
    known = {flavor.name for flavor in admin.compute.flavors()}
    for name, (vcpus, ram_mib, disk_gib) in (FLAVORS | REAL_FLAVORS).items():
        if name in known:
            continue
        flavor = admin.compute.create_flavor(name=name, vcpus=vcpus, ram=ram_mib, disk=disk_gib)
        if name in REAL_FLAVORS:
            admin.compute.create_flavor_extra_specs(flavor, {f"trait:{REAL_TRAIT}": "required"})


def _make_images(admin: Connection) -> None:
    if not admin.image.find_image("tiny"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "tiny.qcow2"
            subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", path, "16M"], check=True)
            _upload(admin, "tiny", path=path, hw_video_model="vga")
    if not admin.image.find_image("demo"):
        _upload(admin, "demo", path=demo_image.cached(), min_ram=192, **DEMO_PROPERTIES)


def _upload(admin: Connection, name: str, *, path: Path, **properties: str | int) -> None:
    how = {"disk_format": "qcow2", "container_format": "bare", "visibility": "public", "min_disk": 1}
    admin.image.create_image(name, filename=str(path), wait=True, **how, **properties)


def _make_public_network(admin: Connection) -> str:
    """Its id."""
    public = admin.network.find_network(PUBLIC)
    if public is None:
        physical = {"provider_network_type": "flat", "provider_physical_network": PUBLIC}
        public = admin.network.create_network(name=PUBLIC, is_router_external=True, **physical)
        admin.network.create_subnet(
            network_id=public.id,
            name=PUBLIC,
            ip_version=4,
            cidr=PUBLIC_CIDR,
            gateway_ip=PUBLIC_GATEWAY,
            is_dhcp_enabled=False,
        )
    found: str = public.id
    return found

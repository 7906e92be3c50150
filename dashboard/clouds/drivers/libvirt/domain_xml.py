"""A domain's XML, built and read as a tree, so that no name can become markup.

Our mark is an element of our own in the domain's metadata:

    <skydeck:instance xmlns:skydeck="urn:skydeck:instance:1" tenant= id= operation= name= description= image= flavor=
                      disk-gib= created= locked= turn-on=>
      <skydeck:tag name=/>
      <skydeck:metadata key= value=/>
      <skydeck:earlier vcpus= ram-mib= disk-gib= flavor= disk=/>      before a resize that is open
      <skydeck:snapshot image= name= tries= failure=/>                while its disk is copied
    </skydeck:instance>
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ...interface import LaunchSpec

MARK_URI = "urn:skydeck:instance:1"
MARK_TAG = f"{{{MARK_URI}}}instance"
TAG_TAG = f"{{{MARK_URI}}}tag"
METADATA_TAG = f"{{{MARK_URI}}}metadata"
EARLIER_TAG = f"{{{MARK_URI}}}earlier"
SNAPSHOT_TAG = f"{{{MARK_URI}}}snapshot"
ET.register_namespace("skydeck", MARK_URI)

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold in any form (its section 2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """Where the parts of a guest are. `kind` is the domain type: `kvm`, `qemu` or `test`.

    `networks` are libvirt's names of those that it is plugged into; with none it has QEMU's user mode.
    """

    kind: str
    uuid: str
    domain_name: str
    disk: str
    seed: str
    console_log: str
    networks: tuple[str, ...] = ()


def build(spec: LaunchSpec, hardware: Hardware, *, created_at: datetime) -> str:
    domain = _node("domain", {"type": hardware.kind})
    _add(domain, "name", text=hardware.domain_name)
    _add(domain, "uuid", text=hardware.uuid)
    _add(domain, "metadata").append(_mark(spec, created_at=created_at))
    _add(domain, "memory", {"unit": "MiB"}, text=str(spec.ram_mib))
    _add(domain, "vcpu", text=str(spec.vcpus))
    _add(_add(domain, "os"), "type", {"arch": "x86_64", "machine": "q35"}, text="hvm")
    _add(_add(domain, "features"), "acpi")
    # without KVM there is no host processor to pass through; `maximum` is all that TCG can emulate
    _add(domain, "cpu", {"mode": "host-passthrough" if hardware.kind == "kvm" else "maximum"})
    for event, action in (("poweroff", "destroy"), ("reboot", "restart"), ("crash", "preserve")):
        _add(domain, f"on_{event}", text=action)
    _add_devices(_add(domain, "devices"), hardware)
    return ET.tostring(domain, encoding="unicode")


def _mark(spec: LaunchSpec, *, created_at: datetime) -> ET.Element:
    attributes = {
        "tenant": spec.tenant_id,
        "id": spec.instance_id,
        "operation": spec.operation_id,
        "name": spec.name,
        "description": spec.description,
        "image": spec.image_id,
        "flavor": spec.flavor_id,
        "disk-gib": str(spec.disk_gib),
        "created": created_at.astimezone(UTC).isoformat(timespec="seconds"),
    }
    mark = _node(MARK_TAG, attributes)
    mark.extend((*tag_nodes(spec.tags), *metadata_nodes(spec.metadata)))
    return mark


def tag_nodes(tags: Iterable[str]) -> list[ET.Element]:
    return [_node(TAG_TAG, {"name": tag}) for tag in sorted(set(tags))]


def metadata_nodes(metadata: Mapping[str, str]) -> list[ET.Element]:
    return [_node(METADATA_TAG, {"key": key, "value": value}) for key, value in metadata.items()]


def _add_devices(devices: ET.Element, hardware: Hardware) -> None:
    _add_disks(devices, hardware)
    _add_network_cards(devices, hardware)
    _add_serial(devices, hardware.console_log)
    # no guest agent: nothing of ours asks it, and the path of its socket would leave a private
    # libvirtd's folder 22 of the 107 bytes that such a path may have
    _add(devices, "input", {"type": "tablet", "bus": "usb"})
    screen = _add(devices, "graphics", {"type": "vnc"})
    _add(screen, "listen", {"type": "socket"})  # never a TCP port
    _add(_add(devices, "video"), "model", {"type": "vga", "vram": "16384"})
    # without a period nobody asks the guest how much of its memory it uses
    _add(_add(devices, "memballoon", {"model": "virtio"}), "stats", {"period": "10"})
    _add(_add(devices, "rng", {"model": "virtio"}), "backend", {"model": "random"}, text="/dev/urandom")


def _add_disks(devices: ET.Element, hardware: Hardware) -> None:
    disk = _add(devices, "disk", {"type": "file", "device": "disk"})
    _add(disk, "driver", {"name": "qemu", "type": "qcow2", "discard": "unmap"})
    _add(disk, "source", {"file": hardware.disk})
    _add(disk, "target", {"dev": "vda", "bus": "virtio"})
    _add(disk, "boot", {"order": "1"})
    # a virtio disk and no CD-ROM: small cloud kernels have no AHCI
    seed = _add(devices, "disk", {"type": "file", "device": "disk"})
    _add(seed, "driver", {"name": "qemu", "type": "raw"})
    _add(seed, "source", {"file": hardware.seed})
    _add(seed, "target", {"dev": "vdb", "bus": "virtio"})
    _add(seed, "readonly")


def _add_network_cards(devices: ET.Element, hardware: Hardware) -> None:
    for name in hardware.networks:
        card = _add(devices, "interface", {"type": "network"})
        _add(card, "source", {"network": name})
        _add(card, "model", {"type": "virtio"})
    if not hardware.networks:
        _add(_add(devices, "interface", {"type": "user"}), "model", {"type": "virtio"})


def _add_serial(devices: ET.Element, console_log: str) -> None:
    serial = _add(devices, "serial", {"type": "pty"})
    # without append a revert to a snapshot empties the file
    _add(serial, "log", {"file": console_log, "append": "on"})
    _add(serial, "target", {"port": "0"})
    console = _add(devices, "console", {"type": "pty"})
    _add(console, "target", {"type": "serial", "port": "0"})


def _node(tag: str, attributes: Mapping[str, str]) -> ET.Element:
    return ET.Element(tag, {name: legal(value) for name, value in attributes.items()})


def _add(parent: ET.Element, tag: str, attributes: Mapping[str, str] | None = None, *, text: str = "") -> ET.Element:
    node = _node(tag, attributes or {})
    node.text = legal(text) or None
    parent.append(node)
    return node


def legal(text: str) -> str:
    """`text` with a replacement character for each that XML cannot hold."""
    return ILLEGAL.sub("\ufffd", text)


class _Tree(ET.TreeBuilder):
    def doctype(self, name: str, pubid: str, system: str) -> None:
        """No domain has a document type; one that has is up to no good (entities are declared there)."""
        raise ValueError("a domain's XML must not have a document type")


def parse(xml: str) -> ET.Element:
    parser = ET.XMLParser(target=_Tree())  # noqa: S314  it takes no entities, see above
    return ET.fromstring(xml, parser=parser)  # noqa: S314


def reshaped(xml: str, *, disk: str, mark: ET.Element, vcpus: int = 0, ram_mib: int = 0) -> str:
    """The domain with another disk, another mark and, where they are given, another size."""
    domain = parse(xml)
    main = _main_disk(domain)
    for known in main.findall("backingStore"):
        main.remove(known)
    _found(main, "source").set("file", legal(disk))
    kept = _found(domain, "metadata")
    for old in kept.findall(MARK_TAG):
        kept.remove(old)
    kept.append(mark)
    if vcpus:
        _found(domain, "vcpu").text = str(vcpus)
        _found(domain, "vcpu").attrib.pop("current", None)
    if ram_mib:
        for name in ("memory", "currentMemory"):
            node = _found(domain, name)
            node.text = str(ram_mib)
            node.set("unit", "MiB")
    return ET.tostring(domain, encoding="unicode")


def disk_of(domain: ET.Element) -> str:
    """The path of its own disk."""
    return _found(_main_disk(domain), "source").get("file", "")


def backup(domain: ET.Element, *, to: str) -> str:
    """The XML of a job that copies its own disk, and none that others gave it, into one file."""
    job = _node("domainbackup", {"mode": "push"})
    disks, own = _add(job, "disks"), _target(_main_disk(domain))
    for name in map(_target, domain.findall("devices/disk")):
        if name == own:
            disk = _add(disks, "disk", {"name": name, "backup": "yes", "type": "file"})
            _add(disk, "driver", {"type": "qcow2"})
            _add(disk, "target", {"file": to})
        else:
            _add(disks, "disk", {"name": name, "backup": "no"})
    return ET.tostring(job, encoding="unicode")


def _main_disk(domain: ET.Element) -> ET.Element:
    """The first one: so it was built."""
    return _found(domain, "devices/disk")


def _target(disk: ET.Element) -> str:
    return _found(disk, "target").get("dev", "")


def _found(parent: ET.Element, path: str) -> ET.Element:
    node = parent.find(path)
    if node is None:
        raise ValueError(f"a domain's XML has no {path}")
    return node


def storage_volume(*, name: str, capacity_bytes: int, kind: str, backing: str = "") -> str:
    """The XML of a storage volume; `kind` is `qcow2` or `raw`, `backing` the path of a qcow2 image below it."""
    volume = _node("volume", {})
    _add(volume, "name", text=name)
    _add(volume, "capacity", {"unit": "bytes"}, text=str(capacity_bytes))
    _add(_add(volume, "target"), "format", {"type": kind})
    if backing:
        store = _add(volume, "backingStore")
        _add(store, "path", text=backing)
        _add(store, "format", {"type": "qcow2"})
    return ET.tostring(volume, encoding="unicode")


def storage_pool(*, name: str, uuid: str, path: str) -> str:
    pool = _node("pool", {"type": "dir"})
    _add(pool, "name", text=name)
    _add(pool, "uuid", text=uuid)
    _add(_add(pool, "target"), "path", text=path)
    return ET.tostring(pool, encoding="unicode")

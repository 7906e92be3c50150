"""No text that a user chose becomes a part of a domain."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clouds.drivers.libvirt.domain_xml import Hardware, build, legal, parse, storage_volume
from dashboard.clouds.drivers.libvirt.mapping import to_instance
from dashboard.clouds.interface import LaunchSpec

HARDWARE = Hardware(kind="qemu", uuid="u", domain_name="n", disk="/d", seed="/s", console_log="/l")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
CHOSEN = [field.name for field in fields(LaunchSpec) if field.type == "str"]
anything = st.text(st.characters(codec=None, exclude_categories=()), max_size=300)


def spec_of(**texts):
    default = dict.fromkeys(CHOSEN, "plain")
    return LaunchSpec(**{**default, **texts}, vcpus=1, ram_mib=64, disk_gib=1)


def shape(xml):
    """All tags with their attributes' names, in order, and every text but those of our mark."""
    return [(node.tag, sorted(node.attrib), node.text) for node in parse(xml).iter()]


PLAIN = shape(build(spec_of(), HARDWARE, created_at=NOW))


@given(st.fixed_dictionaries(dict.fromkeys(CHOSEN, anything)))
def test_whatever_is_typed_the_domain_has_the_same_parts(texts):
    xml = build(spec_of(**texts), HARDWARE, created_at=NOW)
    xml.encode()  # and it can be sent
    assert shape(xml) == PLAIN


@given(anything)
def test_whatever_is_typed_comes_back(name):
    instance = to_instance(build(spec_of(name=name), HARDWARE, created_at=NOW), state=1, reason=0)
    assert instance.name == (legal(name) or "n")


@pytest.mark.parametrize("text", ["\0", "\x1b", "\ud800", "\ufffe", "\uffff"])
def test_what_xml_cannot_hold_is_replaced(text):
    assert legal(f"a{text}b") == "a\ufffdb"


@pytest.mark.parametrize("text", ["\t\n\r", "é", "\U0001f984", "\ufffd", "<&>'\""])
def test_what_xml_can_hold_stays(text):
    assert legal(text) == text


def test_a_document_type_is_refused():
    with pytest.raises(ValueError, match="document type"):
        parse("<!DOCTYPE domain [<!ENTITY a 'aaaa'>]><domain>&a;</domain>")


def test_the_guest_has_two_disks_and_the_seed_is_read_only():
    disk, seed = parse(build(spec_of(), HARDWARE, created_at=NOW)).findall("devices/disk")
    assert (disk.find("source").get("file"), disk.find("readonly")) == ("/d", None)
    assert (seed.find("source").get("file"), seed.find("readonly") is not None) == ("/s", True)


def test_the_screen_has_no_port():
    screen = parse(build(spec_of(), HARDWARE, created_at=NOW)).find("devices/graphics")
    assert screen.attrib == {"type": "vnc"}
    assert screen.find("listen").attrib == {"type": "socket"}


@pytest.mark.parametrize(("kind", "mode"), [("kvm", "host-passthrough"), ("qemu", "maximum")])
def test_the_processor_is_what_the_acceleration_can_give(kind, mode):
    hardware = Hardware(kind=kind, uuid="u", domain_name="n", disk="/d", seed="/s", console_log="/l")
    domain = parse(build(spec_of(), hardware, created_at=NOW))
    assert (domain.get("type"), domain.find("cpu").get("mode")) == (kind, mode)


@given(anything)
def test_a_volumes_name_is_only_a_name(name):
    volume = ElementTree.fromstring(storage_volume(name=name, capacity_bytes=1, kind="raw"))
    assert [node.tag for node in volume.iter()] == ["volume", "name", "capacity", "target", "format"]

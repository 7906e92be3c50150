"""Our mark on a domain, read and written anew: all that libvirt itself has no place for stands in it.

One write replaces the whole element, so that whoever is killed leaves the old mark or the new one.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping

import libvirt

from ...interface import Conflict
from .domain_xml import MARK_TAG, MARK_URI, METADATA_TAG, TAG_TAG, legal, metadata_nodes, parse, tag_nodes

PREFIX = "skydeck"


def read(domain: libvirt.virDomain) -> ET.Element:
    """The element, detached. Raises Conflict where there is none: somebody else made the domain."""
    mark = parse(domain.XMLDesc(0)).find(f"metadata/{MARK_TAG}")
    if mark is None or not mark.get("id"):
        raise Conflict(f"domain {domain.UUIDString()} does not carry our mark")
    return mark


def write(domain: libvirt.virDomain, mark: ET.Element) -> None:
    """Into the domain as it is kept, and as it runs. libvirt itself puts all of it into our namespace."""
    bare = ET.Element("instance", mark.attrib)
    bare.extend(ET.Element(node.tag.rpartition("}")[2], node.attrib) for node in mark)
    flags = libvirt.VIR_DOMAIN_AFFECT_CONFIG | (libvirt.VIR_DOMAIN_AFFECT_LIVE if domain.isActive() else 0)
    text = ET.tostring(bare, encoding="unicode")
    domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, text, PREFIX, MARK_URI, flags)


def set_attributes(domain: libvirt.virDomain, **values: str) -> None:
    """Underscores stand for hyphens; an empty value takes the attribute away."""
    mark = read(domain)
    for name, value in values.items():
        put(mark, name.replace("_", "-"), value)
    write(domain, mark)


def put(mark: ET.Element, name: str, value: str) -> None:
    if value:
        mark.set(name, legal(value))
    else:
        mark.attrib.pop(name, None)


def set_tags(domain: libvirt.virDomain, tags: Iterable[str]) -> None:
    _replace(domain, TAG_TAG, tag_nodes(tags))


def set_metadata(domain: libvirt.virDomain, metadata: Mapping[str, str]) -> None:
    _replace(domain, METADATA_TAG, metadata_nodes(metadata))


def child(mark: ET.Element, tag: str, values: Mapping[str, str] | None) -> None:
    """The one child of that tag, with these attributes; with None it goes."""
    for old in mark.findall(tag):
        mark.remove(old)
    if values is not None:
        ET.SubElement(mark, tag, {name: legal(value) for name, value in values.items()})


def set_child(domain: libvirt.virDomain, tag: str, values: Mapping[str, str] | None) -> None:
    mark = read(domain)
    child(mark, tag, values)
    write(domain, mark)


def _replace(domain: libvirt.virDomain, tag: str, nodes: Iterable[ET.Element]) -> None:
    mark = read(domain)
    for old in mark.findall(tag):
        mark.remove(old)
    mark.extend(nodes)
    write(domain, mark)

"""XML of clouds. It is hostile: what declares entities or a document type is not read at all."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

DECLARES = re.compile(rb"<!(DOCTYPE|ENTITY)|\x00", re.IGNORECASE)
"""No answer needs one. A NUL is in no XML, but in UTF-16, in which the others would not be seen."""


class NotUnderstood(ValueError):
    """No XML, or none that is read here."""


def check(content: bytes) -> None:
    if DECLARES.search(content):
        raise NotUnderstood("it declares entities or a document type")


def parse(content: bytes) -> Element:
    check(content)
    try:
        return ElementTree.fromstring(content)  # noqa: S314  entities are refused above
    except ElementTree.ParseError as error:
        raise NotUnderstood(str(error)) from None


def items(content: bytes, path: str) -> Iterator[Element]:
    """Each element at `path` (local names with slashes between, without the root's), one at a time.

    Only one is held. Raises NotUnderstood also at the end, where the text breaks off there.
    """
    check(content)
    wanted, here = path.split("/"), list[str]()
    try:
        for event, element in ElementTree.iterparse(io.BytesIO(content), ("start", "end")):  # noqa: S314
            if event == "start":
                here.append(local(element.tag))
                continue
            if here[1:] == wanted:
                yield element
                element.clear()
            here.pop()
    except ElementTree.ParseError as error:
        raise NotUnderstood(str(error)) from None


def root_of(content: bytes) -> str:
    """The local name of the outermost element; empty where there is none."""
    found = re.search(rb"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)", content[:2000])
    return found[1].decode() if found else ""


def local(tag: Any) -> str:
    """Without its namespace; comments have no tag of text."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def child(element: Element | None, name: str) -> Element | None:
    """The first child of that local name; names with slashes go deeper."""
    for part in name.split("/"):
        if element is None:
            return None
        element = next((one for one in element if local(one.tag) == part), None)
    return element


def text(element: Element | None, name: str) -> str:
    """Empty where it is not there."""
    found = child(element, name)
    return (found.text or "") if found is not None else ""


def rows(element: Element | None, name: str, *, each: str = "item") -> list[Element]:
    """The members of a list."""
    found = child(element, name)
    return [one for one in found if local(one.tag) == each] if found is not None else []

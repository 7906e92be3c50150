"""XML by joining strings: 5,000 instances are one answer."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape


def text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value))


def element(name: str, value: object) -> str:
    """Nothing at all for None: Eucalyptus leaves out what it does not know."""
    return "" if value is None else f"<{name}>{text(value)}</{name}>"


def elements(**values: object) -> str:
    return "".join(element(name, value) for name, value in values.items())


def wrap(name: str, *inner: str) -> str:
    return f"<{name}>{''.join(inner)}</{name}>"


def items(name: str, inner: Iterable[str], *, each: str = "item") -> str:
    """A set; an empty one is an empty element, as Eucalyptus writes it."""
    inside = "".join(f"<{each}>{one}</{each}>" for one in inner)
    return f"<{name}>{inside}</{name}>" if inside else f"<{name}/>"

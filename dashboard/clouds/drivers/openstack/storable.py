"""What Nova accepts and then cannot keep.

Its database columns are MySQL's three-byte `utf8`. Names are checked by Nova; metadata and tags are not, and a server
with an emoji in them stays in BUILD for good: what should write it down fails behind everybody's back.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...interface import Reason, Refused

LAST = "\uffff"


def check(texts: Iterable[str]) -> None:
    """Raises Refused for what the cloud would choke on."""
    for text in texts:
        if any(character > LAST for character in text):
            raise Refused(f"not storable by Nova: {text[:100]!r}", reason=Reason.INVALID, source="nova")

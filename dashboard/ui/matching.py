"""Text, and where in it stands what was looked for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.http import HttpRequest

LONGEST = 200


def looked_for(request: HttpRequest) -> str:
    """The `q` of its address: neither endless nor with what no database takes."""
    return request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]


def parts_of(text: str, wanted: Iterable[str]) -> list[tuple[str, bool]]:
    """`(piece, matches)` in turn; all of them together are the text. Templates mark the ones that match."""
    longest_first = sorted(filter(None, wanted), key=len, reverse=True)
    if not longest_first:
        return [(text, False)]
    pieces = re.split(f"({'|'.join(map(re.escape, longest_first))})", text, flags=re.IGNORECASE)
    return [(piece, index % 2 == 1) for index, piece in enumerate(pieces) if piece]

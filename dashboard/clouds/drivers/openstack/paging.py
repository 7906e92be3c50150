"""Lists that come in pages. Each ends with an answer of the cloud's that there is no more, or raises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...interface import Unavailable
from .session import Session, object_in

OnAnswer = Callable[[Mapping[str, str]], None]
"""Sees the headers of each page's answer."""

LIST_S = 60.0


def by_marker(
    session: Session,
    path: str,
    *,
    key: str,
    params: Mapping[str, Any],
    microversion: str,
    on_answer: OnAnswer | None = None,
) -> Iterator[dict[str, Any]]:
    """Nova's: what follows the last one's id, for as long as it says that there is a next page.

    Neither `limit` nor `marker` is sent for the first page; servers.py says why.
    """
    asked, seen = dict(params), set()
    while True:
        response = session.answer("GET", "compute", path, params=asked, microversion=microversion, timeout_s=LIST_S)
        if on_answer is not None:
            on_answer(response.headers)
        answer = object_in(response, source="nova")
        rows = _rows(answer, key, source="nova")
        yield from rows
        if not any(link.get("rel") == "next" for link in answer.get(f"{key}_links", ())):
            return
        marker = rows[-1]["id"] if rows else ""
        if not marker or marker in seen:
            raise Unavailable("the list goes round in a circle", source="nova")
        seen.add(marker)
        asked["marker"] = marker


def by_next(session: Session, path: str, *, key: str, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Glance's: the address of the next page stands in the answer."""
    asked: Mapping[str, Any] = params
    seen = set()
    while path not in seen:
        seen.add(path)
        answer = session.get("image", path, params=asked, timeout_s=LIST_S)
        yield from _rows(answer, key, source="glance")
        if not answer.get("next"):
            return
        path, asked = str(answer["next"]).removeprefix("/v2"), {}
    raise Unavailable("the list goes round in a circle", source="glance")


def _rows(answer: Mapping[str, Any], key: str, *, source: str) -> list[dict[str, Any]]:
    rows = answer.get(key)
    if not isinstance(rows, list):
        raise Unavailable(f"the answer holds no list of {key}", source=source)
    return rows

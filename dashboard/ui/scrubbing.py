"""No secret in a log line: by the name that it has, by how it looks, and by what this process has opened itself.

`fields` runs before a line is written, on its values; `line` runs last, on its text, with what exceptions said.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, MutableMapping
from typing import Any

HIDDEN = "•••"
NAMES = (
    r"pass(?:word|wd|phrase|code)|adminpass|secret|token|api[-_]?key|private[-_]?key|field[-_]?keys?|user[-_]?data"
    r"|credential|authorization|cookie|recovery[-_]?codes?"
)
NAMED = re.compile(NAMES, re.IGNORECASE)
TEXTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), HIDDEN),
    # headers: all of the value, which may be several words
    (
        re.compile(
            r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|x-[a-z-]*token)(['\"]?\s*[:=]\s*b?['\"]?)[^\s'\"}][^\r\n'\"}]*"
        ),
        rf"\1\2{HIDDEN}",
    ),
    # name: "value" and 'name': 'value'
    (
        re.compile(
            rf"(?i)(\b[\w.-]*(?:{NAMES})[\w-]*['\"]?\s*[:=]\s*b?)(['\"])(?:(?!\2)[^\\]|\\.)+(?:\2|\Z)", re.DOTALL
        ),
        rf"\1\2{HIDDEN}\2",
    ),
    # name=value
    (
        re.compile(rf"(?i)(\b[\w.-]*(?:{NAMES})[\w-]*['\"]?\s*[:=]\s*)[^\s'\",;&)}}\]\[{{(]+"),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=._~-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"\bsky_[A-Za-z0-9_-]{8,}"), HIDDEN),
    (re.compile(r"\bgAAAA[A-Za-z0-9_=-]{40,}"), HIDDEN),  # what we sealed ourselves
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s/@]+@", re.IGNORECASE), rf"\1:{HIDDEN}@"),
)
SHORTEST, LONGEST, MOST_KNOWN = 8, 512, 2000

_known: OrderedDict[str, None] = OrderedDict()
"""Secrets that this process has opened or sealed: found wherever somebody else's words hold them."""


def learn(secrets: Mapping[str, str]) -> None:
    """Values under such names are hidden from now on. What is short would hide ordinary words."""
    for name, value in secrets.items():
        if (name == "key" or NAMED.search(name)) and SHORTEST <= len(value) <= LONGEST:
            _known[value] = None
            _known.move_to_end(value)
    while len(_known) > MOST_KNOWN:
        _known.popitem(last=False)


def text(value: str) -> str:
    """The same without what looks like a secret, or is known to be one."""
    for known in list(_known):
        if known in value:
            value = value.replace(known, HIDDEN)
    for pattern, instead in TEXTS:
        value = pattern.sub(instead, value)
    return value


def scrubbed(name: str, value: Any) -> Any:
    """A value of a field. What is no text stays what it is."""
    match value:
        case str() | bytes():
            return HIDDEN if value and NAMED.search(name) else (text(value) if isinstance(value, str) else value)
        case Mapping():
            return {key: scrubbed(str(key), each) for key, each in value.items()}
        case list() | tuple():
            return [scrubbed(name, each) for each in value]
    return value


def fields(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: each field by its name and its text."""
    for name, value in event.items():
        if not name.startswith("_") and name != "exc_info":
            event[name] = scrubbed(name, value)
    return event


def line(logger: Any, method: str, rendered: Any) -> Any:
    """A structlog processor behind the renderer: the whole line, tracebacks too."""
    return text(rendered) if isinstance(rendered, str) else rendered

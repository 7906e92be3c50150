"""What each release of Eucalyptus can bind: it refuses a whole EC2 call for one parameter that it does not know.

The list in `data/` is derived from the message classes of the published sources of Eucalyptus 4.4.6 and 5.1.0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

VERSIONS = {"4.4": "4.4.6", "5.1": "5.1.0"}
ALWAYS = frozenset({"Action", "Version"})
ADDED_BY_BOTOCORE = "ClientToken"
NUMBER = re.compile(r"\.\d+(?=\.|$)")


class NotAccepted(Exception):
    """A mistake of ours: sent as it is the cloud would refuse the call, and without the part it would mean another."""


@cache
def _lists() -> Mapping[str, Mapping[str, frozenset[str]]]:
    found = json.loads((Path(__file__).parent / "data" / "ec2_accepted_parameters.json").read_text())["versions"]
    return {
        release: {action: frozenset(names) for action, names in found[version].items()}
        for release, version in VERSIONS.items()
    }


def knows(action: str, *, release: str) -> bool:
    return action in _lists()[release]


def accepts(action: str, name: str, *, release: str) -> bool:
    known = _lists()[release].get(action, frozenset())
    return name in ALWAYS or name in known or NUMBER.sub(".N", name) in known


def check(action: str, names: Iterable[str], *, release: str) -> None:
    """Raises NotAccepted."""
    if not knows(action, release=release):
        raise NotAccepted(f"Eucalyptus {release} does not know {action}")
    unknown = sorted(name for name in names if not accepts(action, name, release=release))
    if unknown:
        raise NotAccepted(f"Eucalyptus {release} refuses {action} with {', '.join(unknown)}")


def drop_what_botocore_added(action: str, body: dict[str, Any], *, chosen: Collection[str], release: str) -> None:
    """A create token that nobody chose goes where it is not known. Whatever else is not known raises NotAccepted."""
    is_known = accepts(action, ADDED_BY_BOTOCORE, release=release)
    if ADDED_BY_BOTOCORE not in chosen and not is_known:
        body.pop(ADDED_BY_BOTOCORE, None)
    check(action, body, release=release)

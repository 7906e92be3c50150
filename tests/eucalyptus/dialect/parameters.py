"""The parameters of one call, and which of them an EC2 action of a release can bind.

The allow lists are derived from the published sources of Eucalyptus 4.4.6 and 5.1.0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .errors import NotServed

DATA = Path(__file__).parent / "data"
VERSIONS = {"4.4": "4.4.6", "5.1": "5.1.0"}

# Of every query request; the signature in the address is taken out of the parameters before the call is bound.
COMMON = frozenset({"Action", "Version", "SecurityToken", "AWSAccessKeyId", "Signature", "SignatureMethod"}) | {
    "SignatureVersion",
    "Timestamp",
    "Expires",
}


@cache
def data(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text())


@cache
def accepted(release: str) -> Mapping[str, frozenset[str]]:
    lists = data("ec2_accepted_parameters")["versions"][VERSIONS[release]]
    return {action: frozenset(names) for action, names in lists.items()}


@cache
def without_effect(release: str) -> frozenset[str]:
    return frozenset(data("ec2_action_status")["versions"][VERSIONS[release]]["no-op"])


def unknown(release: str, action: str, names: Iterable[str]) -> list[str]:
    known = accepted(release)[action]
    return [name for name in names if not (name in COMMON or name in known or numbered(name) in known)]


def numbered(name: str) -> str:
    return re.sub(r"\.\d+(?=\.|$)", ".N", name)


class Parameters(dict[str, str]):
    """As they were sent: `InstanceId.1` is read by `many("InstanceId")`, `Filter.1.Name` by `rows("Filter")`."""

    def number(self, name: str, default: int | None = None) -> int | None:
        if name not in self:
            return default
        try:
            return int(self[name])
        except ValueError:
            raise NotServed(400, f"Failed to bind the following fields:\n{name} = {self[name]}\n") from None

    def flag(self, name: str, default: bool = False) -> bool:
        return self[name].lower() == "true" if name in self else default

    def many(self, name: str) -> list[str]:
        found = [(int(match[1]), value) for key, value in self.items() if (match := _index(name, key)) and not match[2]]
        return [value for _, value in sorted(found)]

    def rows(self, name: str) -> list[Parameters]:
        found: dict[int, Parameters] = {}
        for key, value in self.items():
            if (match := _index(name, key)) and match[2]:
                found.setdefault(int(match[1]), Parameters())[match[2]] = value
        return [found[number] for number in sorted(found)]


def _index(name: str, key: str) -> re.Match[str] | None:
    return re.fullmatch(rf"{re.escape(name)}\.(\d+)(?:\.(.+))?", key)

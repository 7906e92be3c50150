"""What was before and what is after, name by name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.quotas.models import Resource

UNITS = {"_mib": "MiB", "_gib": "GiB"}


@dataclass(frozen=True, slots=True)
class Difference:
    """`state` is `changed`, `added`, `removed` or `same`; a side that was not kept is empty."""

    name: str
    before: str
    after: str
    state: str

    @property
    def label(self) -> str:
        """In words: a resource by its own label and unit, anything else by its name. Files keep the name."""
        name = self.name.rpartition(".")[2]
        unit = next((f", {said}" for end, said in UNITS.items() if name.endswith(end)), "")
        if name in Resource.values:
            return f"{Resource(name).label}{unit}"
        return self.name.replace(".", ": ").replace("_", " ")


def differences_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The names in the order in which they were written: those that changed from something else first."""
    old, new = dict(flat(before)), dict(flat(after))
    found = [
        Difference(name, old.get(name, ""), new.get(name, ""), state_of(name, old, new)) for name in {**old, **new}
    ]
    return sorted(found, key=lambda one: one.state != "changed")


def state_of(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> str:
    if name not in old:
        return "added"
    if name not in new:
        return "removed"
    return "same" if old[name] == new[name] else "changed"


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """`{"settings": {"path": "x"}}` is `settings.path`."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", shown(value)


def shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

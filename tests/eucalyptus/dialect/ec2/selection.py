"""Which resources a Describe call shows: its own account's, those named, those that match its filters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..accounts import is_like
from ..call import Call
from ..errors import Refused, invalid
from ..markup import elements, items

Values = Callable[[Any], Iterable[object] | object]
VERBOSE = "verbose"


def owned(call: Call, things: Mapping[str, Any], parameter: str, missing: str) -> list[Any]:
    """Of the caller's account; for an administrator of all if one is named or `verbose` stands among the ids.

    One unknown id fails the whole call with the code `missing`.
    """
    named = call.asked.many(parameter)
    is_everything = bool(named) and call.is_administrator
    mine = [t for t in things.values() if is_everything or t.account == call.account.id]
    ids = [one for one in named if one != VERBOSE]
    return by_id(mine, ids, missing) if ids else mine


WELL_FORMED = re.compile(r"[a-z]+-[0-9a-fA-F]{8}(?:[0-9a-fA-F]{9})?")
MALFORMED = {
    "InvalidInstanceID.NotFound": "InvalidInstanceID.Malformed",
    "InvalidGroup.NotFound": "InvalidGroupId.Malformed",
}


def unknown(one: str, missing: str) -> Refused:
    """Eucalyptus tells an id that nothing has from what is no id."""
    if not WELL_FORMED.fullmatch(one):
        return invalid(MALFORMED.get(missing, "InvalidParameterValue"), f"Invalid id: '{one}'")
    return invalid(missing, f"The ID '{one}' does not exist")


def by_id(things: Iterable[Any], ids: Iterable[str], missing: str) -> list[Any]:
    known = {thing.id: thing for thing in things}
    for one in ids:
        if one not in known:
            raise unknown(one, missing)
    return [known[one] for one in dict.fromkeys(ids)]


def one(call: Call, things: Mapping[str, Any], parameter: str, missing: str) -> Any:
    """The caller's own; an administrator's hand reaches into every account."""
    found = things.get(call.asked.get(parameter, ""))
    if found is None or not (call.is_administrator or found.account == call.account.id):
        raise unknown(call.asked.get(parameter, ""), missing)
    return found


def filtered(call: Call, things: list[Any], values: Mapping[str, Values]) -> list[Any]:
    """In any order. `values`: name of a filter -> what a thing has for it."""
    for row in call.asked.rows("Filter"):
        name, patterns = row.get("Name", ""), row.many("Value")
        if not (name in values or name in ("tag-key", "tag-value") or name.startswith("tag:")):
            raise invalid("InvalidParameterValue", f"The filter '{name}' is invalid")
        things = [thing for thing in things if _matches(_have(call, thing, name, values), patterns)]
    return call.cloud.shuffle(things)


def _have(call: Call, thing: Any, name: str, values: Mapping[str, Values]) -> Iterable[object]:
    tags = call.cloud.tags_of(call.account.id, getattr(thing, "id", ""))
    if name.startswith("tag:"):
        return [tags[name[4:]]] if name[4:] in tags else []
    if name in ("tag-key", "tag-value"):
        return tags if name == "tag-key" else tags.values()
    found = values[name](thing)
    return found if isinstance(found, (list, tuple, set)) else [found]


def _matches(have: Iterable[object], patterns: Iterable[str]) -> bool:
    known = [("true" if one else "false") if isinstance(one, bool) else str(one) for one in have if one is not None]
    return any(is_like(pattern, value) for pattern in patterns for value in known)


def tag_set(call: Call, resource: str) -> str:
    """Tags of the caller's account, whoever owns the resource."""
    tags = call.cloud.tags.get((call.account.id, resource))
    return items("tagSet", (elements(key=k, value=v) for k, v in tags.items())) if tags else ""

"""A #cloud-config against cloud-init's own schema, each problem in plain words.

The schema is draft 4, read as cloud-init reads it: what stands beside a `$ref` counts, and `deprecated` is a
warning. Whatever could take long is bounded: patterns see short texts only, and entries are compared by their text.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path as FilePath
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import create

from .problems import Path, shortened

FILE = FilePath(__file__).parent.parent / "cloud_init" / "schema-cloud-config-v1.json"
MOST_ERRORS = 500
MOST_UNKNOWN = 50
LONGEST_FOR_PATTERN = 256
"""One of the schema's patterns takes time with the square of the length."""
Errors = Iterator[ValidationError]
TYPES: dict[str, str | Promise] = {
    "string": gettext_lazy("text"),
    "array": gettext_lazy("a list"),
    "object": gettext_lazy("a block of “key: value”"),
    "boolean": gettext_lazy("true or false"),
    "integer": gettext_lazy("a whole number"),
    "number": gettext_lazy("a number"),
    "null": gettext_lazy("nothing"),
}


class Deprecated(ValidationError):  # type: ignore[misc]
    """Works, and will not for ever."""


# --- what differs from draft 4 -------------------------------------------------------


def deprecated(validator: Validator, value: Any, instance: Any, schema: Any) -> Errors:
    if value:
        yield Deprecated(str(schema.get("description", "")))


def one_of(validator: Any, branches: Any, instance: Any, schema: Any) -> Errors:
    """The first branch that fits; where none does, why each does not. Also for `anyOf`."""
    wrong: list[ValidationError] = []
    for number, branch in enumerate(branches):
        found = list(validator.descend(instance, branch, schema_path=number))
        errors = [error for error in found if not isinstance(error, Deprecated)]
        if not errors:
            yield from found
            return
        wrong += errors
    yield ValidationError("", context=wrong)


def unique_items(validator: Any, wanted: Any, instance: Any, schema: Any) -> Errors:
    if wanted and isinstance(instance, list):
        seen = {json.dumps(item, sort_keys=True, default=str) for item in instance}
        if len(seen) < len(instance):
            yield ValidationError("")


def pattern(validator: Any, wanted: str, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, str) and (len(instance) > LONGEST_FOR_PATTERN or not re.search(wanted, instance)):
        yield ValidationError("")


CloudConfigValidator = create(
    meta_schema=Draft4Validator.META_SCHEMA,
    validators={
        **Draft4Validator.VALIDATORS,
        "deprecated": deprecated,
        "oneOf": one_of,
        "anyOf": one_of,
        "uniqueItems": unique_items,
        "pattern": pattern,
    },
    type_checker=Draft4Validator.TYPE_CHECKER,
    id_of=Draft4Validator.ID_OF,
)


@cache
def the_schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(FILE.read_text())
    return schema


@cache
def known_keys() -> frozenset[str]:
    """All that may stand at the top of a #cloud-config."""
    return frozenset(key for part in the_schema()["$defs"].values() for key in part.get("properties", ()))


# --- in words -----------------------------------------------------------------------

Told = tuple[Path, str]


def problems_with(value: Mapping[str, Any]) -> tuple[list[Told], list[Told]]:
    """What is wrong, and what is only to be warned of: `(path, words)` each."""
    errors: list[Told] = []
    warnings: list[Told] = list(unknown_keys(value))
    for error in islice(CloudConfigValidator(the_schema()).iter_errors(value), MOST_ERRORS):
        if isinstance(error, Deprecated):
            warnings.append((tuple(error.absolute_path), out_of_date(error)))
        else:
            errors += words_of(error)
    return list(dict.fromkeys(errors)), list(dict.fromkeys(warnings))


def out_of_date(error: ValidationError) -> str:
    """With the schema's own sentence on what to use instead, where it has one."""
    instead = re.search(r"Use ``([^`]+)``", error.message)
    if instead:
        return _("It is out of date: use %(instead)s instead.") % {"instead": instead[1]}
    return _("It is out of date and will stop to work in a later cloud-init.")


def unknown_keys(value: Mapping[str, Any]) -> Iterator[Told]:
    """The schema lets any key stand at the top, and cloud-init says nothing about those that it does not know."""
    for key in islice((key for key in value if key not in known_keys()), MOST_UNKNOWN):
        yield (key,), unknown(key, known_keys())


def unknown(key: str, known: Any) -> str:
    close = difflib.get_close_matches(key, known, n=1) if len(key) <= 40 else []
    if close:
        return _("cloud-init does not know this key. Did you mean %(close)s?") % {"close": close[0]}
    return _("cloud-init does not know this key.")


def words_of(error: ValidationError) -> Iterator[Told]:
    path, wanted = tuple(error.absolute_path), error.validator_value
    match error.validator:
        case "oneOf" | "anyOf":
            yield from of_branches(error)
        case "additionalProperties":
            known = error.schema.get("properties", {})
            patterns = error.schema.get("patternProperties", {})
            extra = (key for key in error.instance if key not in known and not any(re.search(p, key) for p in patterns))
            yield from (((*path, key), unknown(key, known)) for key in islice(extra, MOST_ERRORS))
        case "required":
            for key in (key for key in wanted if key not in error.instance):
                yield path, _("%(key)s is missing.") % {"key": key}
        case "type":
            yield path, should_be([wanted] if isinstance(wanted, str) else wanted, error.instance)
        case "enum":
            yield path, _("It has to be one of: %(values)s.") % {"values": ", ".join(map(written, wanted))}
        case _:
            yield path, of_limit(str(error.validator), wanted)


def of_limit(name: str, wanted: Any) -> str:
    match name:
        case "minItems" | "minProperties":
            return _("It has to have %(number)s entries at least.") % {"number": wanted}
        case "maxItems" | "maxProperties":
            return _("It may have %(number)s entries at most.") % {"number": wanted}
        case "minLength":
            return _("It must not be empty.")
        case "minimum":
            return _("It has to be %(number)s at least.") % {"number": wanted}
        case "maximum":
            return _("It may be %(number)s at most.") % {"number": wanted}
        case "uniqueItems":
            return _("An entry is there twice.")
        case "pattern":
            return _("It does not have the form that cloud-init wants: %(pattern)s") % {"pattern": wanted}
        case "additionalItems":
            return _("It has too many entries.")
    return _("cloud-init does not take it like this.")


def of_branches(error: ValidationError) -> Iterator[Told]:
    """Of several forms that it may have: the one that was meant, else all of them."""
    branches: dict[Any, list[ValidationError]] = {}
    for one in error.context or ():
        branches.setdefault(one.relative_schema_path[0], []).append(one)
    meant = [errors for errors in branches.values() if not any(is_other_form(one) for one in errors)]
    if meant:
        for one in min(meant, key=len):
            yield from words_of(one)
        return
    types = [one.validator_value for errors in branches.values() for one in errors if one.validator == "type"]
    names = [name for wanted in types for name in ([wanted] if isinstance(wanted, str) else wanted)]
    if names:
        yield tuple(error.absolute_path), should_be(list(dict.fromkeys(names)), error.instance)
    else:
        values = [value for errors in branches.values() for one in errors for value in one.validator_value]
        listed = ", ".join(dict.fromkeys(map(written, values)))
        yield tuple(error.absolute_path), _("It has to be one of: %(values)s.") % {"values": listed}


def is_other_form(error: ValidationError) -> bool:
    """The value itself is of another type, or none of the values that this form has."""
    return error.validator in {"type", "enum"} and not error.relative_path


def should_be(wanted: list[str], value: Any) -> str:
    names = [str(TYPES.get(name, name)) for name in wanted]
    listed = names[0] if len(names) == 1 else _("%(first)s or %(last)s") % {
        "first": ", ".join(names[:-1]),
        "last": names[-1],
    }  # fmt: skip
    return _("It has to be %(wanted)s, and is %(is)s.") % {"wanted": listed, "is": type_of(value)}


def type_of(value: Any) -> str:
    for name in ("boolean", "integer", "number", "string", "array", "object", "null"):
        if Draft4Validator.TYPE_CHECKER.is_type(value, name):
            return str(TYPES[name])
    return _("a date")


def written(value: Any) -> str:
    return shortened(value if isinstance(value, str) else json.dumps(value))

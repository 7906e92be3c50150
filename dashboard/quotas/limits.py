"""Limits as people type them, and as pages and files show them."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from .models import Resource

UNLIMITED = "unlimited"
NONE = "none"
MOST = 10**12
"""More than anybody has, and far below where counters end."""
GROUPED = re.compile(r"[0-9]{1,3}(?:(?P<mark>[, '’\u00a0\u202f])[0-9]{3})(?:(?P=mark)[0-9]{3})*")


def digits_of(text: str) -> str:
    """What our own messages write as `1,000` may be typed so as well; anything else stays as it is."""
    typed = text.strip()
    return re.sub(r"[^0-9]", "", typed) if GROUPED.fullmatch(typed) else typed


SIZE = re.compile(r"(?P<number>[0-9][0-9., '’\u00a0\u202f]{0,20}?)\s*(?P<unit>[mg])(?:ib)?", re.IGNORECASE)
MIB_IN = {"m": 1, "g": 1024}


def in_its_unit(text: str, resource: str) -> str:
    """`34 GiB` and `34G` as the number that a limit of the resource is kept in; anything else stays as it is."""
    found, unit = SIZE.fullmatch(text.strip()), unit_of(resource)
    if not found or not unit:
        return text
    try:
        mib = Decimal(digits_of(found["number"])) * MIB_IN[found["unit"].lower()]
    except InvalidOperation:
        return text
    size, rest = divmod(mib, MIB_IN[unit[0].lower()])
    return text if rest else str(int(size))


def hint_of(resource: str) -> str:
    """Of memory alone: pages show it in another unit than it is kept in."""
    return _("MiB, or such as 34 GiB.") if resource == Resource.RAM_MIB else ""


def read_limit(text: str, *, word: str = UNLIMITED) -> int | None:
    """A whole number, or None for `word`. Raises ValidationError with the sentence for whoever typed it."""
    typed = digits_of(text)
    if typed.casefold() == word:
        return None
    if not typed:
        raise ValidationError(_("Type a number, or “%(word)s”.") % {"word": word}, code="required")
    if re.fullmatch(r"[-−]\s*[0-9.]+", typed):
        raise ValidationError(_("A limit cannot be negative. The least is 0."))
    if not re.fullmatch(r"[0-9]+", typed):
        told = _("“%(typed)s” is not a whole number. Type digits only, such as 20, or “%(word)s”.")
        raise ValidationError(told % {"typed": typed[:40], "word": word})
    if len(typed) > len(str(MOST)) or int(typed) > MOST:
        told = _("That is too much: the most is %(most)s. For no limit type “%(word)s”.")
        raise ValidationError(told % {"most": number_format(MOST, force_grouping=True), "word": word})
    return int(typed)


def show_limit(limit: int | None, *, word: str = UNLIMITED) -> str:
    """What `read_limit` reads again."""
    return word if limit is None else str(limit)


def unit_of(resource: str) -> str:
    """In which a limit of it is typed; empty where it is counted."""
    if resource == Resource.RAM_MIB:
        return "MiB"
    return "GiB" if resource.endswith("_gib") else ""

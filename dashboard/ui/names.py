"""What a name may be, of whatever it is."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

UNSEEN = {"Cc", "Cf", "Zl", "Zp"}
"""Unicode's categories of control characters, marks that change the direction, and ends of lines."""


def is_seen(value: str) -> bool:
    """Any text in any script, but nothing that cannot be seen: it would hide what a list shows."""
    return not any(unicodedata.category(character) in UNSEEN for character in value)


def check_name(value: str) -> None:
    if not is_seen(value):
        raise ValidationError(_("The name has a character that cannot be seen; type it again without."))


def check_line(value: str) -> None:
    """One line of text in any script."""
    if not is_seen(value):
        raise ValidationError(_("It has a line break or a character that cannot be seen; type it again without."))

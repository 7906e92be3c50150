"""What a name may be, of whatever it is."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

UNSEEN = {"Cc", "Cf", "Zl", "Zp"}
"""Unicode's categories of control characters, marks that change the direction, and ends of lines."""


def check_name(value: str) -> None:
    """Any text in any script, but nothing that cannot be seen: it would hide what a list shows."""
    if any(unicodedata.category(character) in UNSEEN for character in value):
        raise ValidationError(_("The name has a character that cannot be seen; type it again without."))

"""What a name may be."""

from __future__ import annotations

import unicodedata

from django import forms
from django.utils.translation import gettext as _


def check_name(value: str) -> None:
    """Any text in any script, but nothing that cannot be seen: it would hide what a list shows."""
    if any(unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"} for character in value):
        raise forms.ValidationError(_("The name has a character that cannot be seen; type it again without."))

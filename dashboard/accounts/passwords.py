"""What a password has to be, after ASVS 5 (6.2): long, not common, not one's own name; nothing else.

django's own validators do the rest: the least length, the list of 20,000 common ones, and likeness to the name.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 256
"""Hashing takes longer with the length, so there has to be an end; ASVS asks for 64 at least."""


class MaximumLengthValidator:
    def validate(self, password: str, user: object = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return _("At most %(longest)d characters are possible.") % {"longest": LONGEST}

"""What is typed to make a key."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.clouds.forms import mark_wrong
from dashboard.ui.names import check_line

from .models import LONGEST_LABEL


class KeyForm(forms.Form):
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    """Made with the empty form and sent back: two clicks are one request."""
    label = forms.CharField(
        label=_("What it is for"),
        max_length=LONGEST_LABEL,
        validators=[check_line],
        help_text=_("Such as “laptop” or “backup job”. It stands in the list and in the audit trail."),
        error_messages={"required": _("Say what the key is for, so that you know later which one to revoke.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).update(key=uuid.uuid4().hex)
        super().__init__(*args, **kwargs)
        self.fields["label"].widget.attrs.pop("maxlength", None)  # a browser would cut it without a word

    def full_clean(self) -> None:
        super().full_clean()
        mark_wrong(self)

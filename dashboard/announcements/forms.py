"""The form of an announcement."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import Announcement

LONGEST = 1000


def moment_field(label: Any, help_text: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": gettext_lazy("Type a date and a time, such as 2030-01-31T18:00.")},
    )


class AnnouncementForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("Type what everybody shall read.")},
    )
    severity = forms.ChoiceField(label=gettext_lazy("Looks like"), choices=Announcement.Severity.choices)
    link = forms.CharField(
        label=gettext_lazy("Link to more"),
        required=False,
        max_length=500,
        validators=[URLValidator(schemes=["http", "https"], message=gettext_lazy("Begin with https:// or http://."))],
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    starts_at = moment_field(gettext_lazy("Shown from"), gettext_lazy("Empty: at once."))
    ends_at = moment_field(gettext_lazy("Shown until"), gettext_lazy("Empty: until you end it."))
    before_sign_in = forms.BooleanField(
        label=gettext_lazy("Also before sign-in"),
        required=False,
        help_text=gettext_lazy("Then everybody who reaches this Skydeck reads it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = timezone.get_current_timezone_name()
        for name in ("starts_at", "ends_at"):
            field = self.fields[name]
            field.help_text = f"{field.help_text} " + _("In the time zone %(zone)s.") % {"zone": zone}

    def full_clean(self) -> None:
        super().full_clean()
        for name, field in self.fields.items():
            is_wrong = self.is_bound and name in self.errors
            described = [f"{name}-hint"] * bool(field.help_text) + [f"{name}-error"] * is_wrong
            field.widget.attrs["aria-describedby"] = " ".join(described)
            if is_wrong:
                field.widget.attrs["aria-invalid"] = "true"

    def clean_text(self) -> str:
        return str(self.cleaned_data["text"]).strip()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if ends and ends <= (starts or timezone.now()):
            self.add_error("ends_at", _("It would be over before it begins. Type a later time, or leave it empty."))
        return cleaned

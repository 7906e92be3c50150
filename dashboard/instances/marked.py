"""Forms whose wrong fields are found: by the eye, by screen readers and by the keyboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """One thing that is wrong in a form. `target` is the id of its field; `is_missing`: nothing was typed yet."""

    label: str
    target: str
    text: str
    is_missing: bool


class MarkedForm(forms.Form):
    """Call `mark_wrong_fields` once it is made, and again after errors were added.

    Of a form that was filled in for somebody `notes` say at its fields what could not be; `remarks` are about all.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notes: dict[str, str] = {}
        self.remarks: list[str] = []
        self.first_wrong = ""

    @property
    def wrong(self) -> list[Wrong]:
        """What is wrong with the fields of a form that was sent, in their order."""
        return [
            Wrong(
                label=str(field.label),
                target=field.id_for_label or f"{field.auto_id}_0",
                text=text,
                is_missing=error.code == "required",
            )
            for field in self.visible_fields()
            for error in self.errors.as_data().get(field.name, ())
            for text in error.messages
        ]

    def mark_wrong_fields(self) -> None:
        """Let screen readers find the message of a wrong field and the hint of any; begin at the first wrong one."""
        wrong = [
            field.name
            for field in self.visible_fields()
            if field.name in self.notes or (self.is_bound and field.errors)
        ]
        self.first_wrong = wrong[0] if wrong else ""
        for name, field in self.fields.items():
            described = [f"{name}-hint"] if field.help_text else []
            if name in wrong:
                field.widget.attrs.update({"aria-invalid": "true", "autofocus": name == self.first_wrong})
                described.append(f"{name}-error")
            if described:
                field.widget.attrs["aria-describedby"] = " ".join(described)

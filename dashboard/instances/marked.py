"""Forms whose wrong fields are found: by the eye, by screen readers and by the keyboard."""

from __future__ import annotations

from django import forms


class MarkedForm(forms.Form):
    """Call `mark_wrong_fields` once it is made, and again after errors were added."""

    def mark_wrong_fields(self) -> None:
        """Let screen readers find the message of a wrong field and the hint of any; begin at the first wrong one."""
        wrong = [field.name for field in self.visible_fields() if self.is_bound and field.errors]
        for name, field in self.fields.items():
            described = [f"{name}-hint"] if field.help_text else []
            if name in wrong:
                field.widget.attrs.update({"aria-invalid": "true", "autofocus": name == wrong[0]})
                described.append(f"{name}-error")
            if described:
                field.widget.attrs["aria-describedby"] = " ".join(described)

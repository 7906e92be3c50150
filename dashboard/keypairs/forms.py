"""The forms of key pairs: what they accept, and what they say when they do not."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.clouds.forms import mark_wrong
from dashboard.ui.names import check_name

from .public_keys import LONGEST, PublicKey, Type, is_private, read


def name_field(**options: Any) -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Name"),
        max_length=255,
        validators=[check_name],
        error_messages={"required": gettext_lazy("Give the key pair a name.")},
        **options,
    )


class KeyPairForm(forms.Form):
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    """Made with the empty form and sent back: two clicks are one request."""
    name = name_field(widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).update(key=uuid.uuid4().hex)
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # a browser would cut what is too long without a word; we say it
            field.widget.attrs.pop("maxlength", None)

    def full_clean(self) -> None:
        super().full_clean()
        mark_wrong(self)


class GenerateForm(KeyPairForm):
    """It may be in a dialog over the launch form, whose fields have the plain ids."""

    name = name_field(widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True}))
    type = forms.ChoiceField(
        label=gettext_lazy("Type"),
        choices=Type.choices,
        error_messages={"invalid_choice": gettext_lazy("Choose one of these types.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="new_%s", **kwargs)


class ImportForm(KeyPairForm):
    """The key is pasted or comes in a file, whose text is then shown as if it had been pasted."""

    public_key = forms.CharField(
        label=gettext_lazy("Public key"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("The one line of a file such as ~/.ssh/id_ed25519.pub. Never paste a private key."),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file with it"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".pub,text/plain"}),
    )

    def __init__(self, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        uploaded = files.get("file") if files else None
        if data is not None and uploaded:
            data = data.copy()
            data["public_key"] = text_of(uploaded)
        super().__init__(data, files, **kwargs)

    def clean_public_key(self) -> PublicKey:
        text = self.cleaned_data["public_key"]
        if not text:
            raise forms.ValidationError(_("Paste the public key, or choose the file that has it."))
        return read(text)

    def full_clean(self) -> None:
        """A private key that came by mistake is in no answer of ours."""
        super().full_clean()
        data: Any = self.data
        if is_private(data.get("public_key", "")):
            self.data = data = data.copy()
            data["public_key"] = ""


def text_of(uploaded: UploadedFile) -> str:
    """What is no text is something that no public key looks like, and is refused as such."""
    content: bytes = uploaded.read(LONGEST + 1)
    return content.decode("utf-8", errors="replace").replace("\0", "\ufffd")

"""The launch form: what it accepts, and what it says when it does not."""

from __future__ import annotations

import unicodedata
import uuid
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.clouds.interface import Feature
from dashboard.clouds.models import Cloud
from dashboard.images.models import Image

from .models import Flavor


def check_name(value: str) -> None:
    """Any text in any script, but nothing that cannot be seen: it would hide what a list shows."""
    if any(unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"} for character in value):
        raise forms.ValidationError(_("The name has a character that cannot be seen; type it again without."))


def check_public_key(value: str) -> None:
    """One OpenSSH public key. A private key pasted by mistake is refused in words that say so."""
    if "PRIVATE KEY" in value:
        raise forms.ValidationError(
            _("This is a private key. Keep it secret and paste the public one, from the file that ends in .pub.")
        )
    try:
        load_ssh_public_key(value.strip().encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise forms.ValidationError(
            _("This is not a public key. It is one line that begins with ssh-ed25519, ssh-rsa or ecdsa-sha2-.")
        ) from error


class LaunchForm(forms.Form):
    """Choices are of one cloud; the tenant's clouds are offered when there are several."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    """Made with the empty form and sent back: two clicks are one request."""
    cloud = forms.ModelChoiceField(Cloud.objects.none(), label=gettext_lazy("Cloud"), empty_label=None)
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=255,
        validators=[check_name],
        error_messages={"required": gettext_lazy("Give the instance a name.")},
    )
    image = forms.ModelChoiceField(
        Image.objects.none(),
        label=gettext_lazy("Image"),
        empty_label=gettext_lazy("Choose an image"),
        error_messages={
            "required": gettext_lazy("Choose an image."),
            "invalid_choice": gettext_lazy("This image does not exist any more. Choose another one."),
        },
    )
    flavor = forms.ModelChoiceField(
        Flavor.objects.none(),
        label=gettext_lazy("Flavor"),
        empty_label=gettext_lazy("Choose a flavor"),
        error_messages={
            "required": gettext_lazy("Choose a flavor."),
            "invalid_choice": gettext_lazy("This flavor does not exist any more. Choose another one."),
        },
    )
    public_key = forms.CharField(
        label=gettext_lazy("Public key"),
        required=False,
        max_length=16384,
        validators=[check_public_key],
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "One line from a file such as ~/.ssh/id_ed25519.pub, to sign in by SSH where the cloud gives it an address."
        ),
    )

    def __init__(self, *args: Any, clouds: list[Cloud], cloud: Cloud, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).update(key=uuid.uuid4().hex, cloud=cloud)
        super().__init__(*args, **kwargs)
        self.chosen_cloud = cloud
        self.fields["cloud"].queryset = Cloud.objects.filter(pk__in=[c.pk for c in clouds])  # type: ignore[attr-defined]
        self.fields["image"].queryset = Image.objects.usable().filter(cloud=cloud)  # type: ignore[attr-defined]
        self.fields["flavor"].queryset = Flavor.objects.filter(cloud=cloud, is_gone=False)  # type: ignore[attr-defined]
        if not cloud.can(Feature.PUBLIC_KEY) and cloud.features:
            self.fields["public_key"].disabled = True
            self.fields["public_key"].help_text = _("The cloud %(cloud)s cannot put keys into instances.") % {
                "cloud": cloud.name
            }
        for name in ("name", "public_key"):  # a browser would cut what is too long without a word; we say it
            self.fields[name].widget.attrs.pop("maxlength", None)
        self.choose_the_only()
        self.mark_wrong_fields()

    def choose_the_only(self) -> None:
        """Nobody needs to choose from one."""
        for name in ("image", "flavor"):
            offered = list(self.fields[name].queryset[:2])  # type: ignore[attr-defined]
            if len(offered) == 1:
                self.initial.setdefault(name, offered[0].pk)

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

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        image, flavor = cleaned.get("image"), cleaned.get("flavor")
        if image and flavor and image.min_disk_gib > flavor.disk_gib:
            self.add_error(
                "flavor",
                _("%(image)s needs a disk of %(need)s GiB; this flavor has %(have)s GiB.")
                % {"image": image.name, "need": image.min_disk_gib, "have": flavor.disk_gib},
            )
        if image and flavor and image.min_ram_mib > flavor.ram_mib:
            self.add_error(
                "flavor",
                _("%(image)s needs %(need)s MiB of memory; this flavor has %(have)s MiB.")
                % {"image": image.name, "need": image.min_ram_mib, "have": flavor.ram_mib},
            )
        return cleaned

"""The launch form: what it accepts, and what it says when it does not."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.clouds.interface import Feature
from dashboard.clouds.models import Cloud
from dashboard.images.models import Image
from dashboard.tenancy.models import Tenant
from dashboard.ui.names import check_name

from .launch_options import LARGEST_VOLUME_GIB, LaunchOptions
from .models import Flavor


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


class LaunchForm(LaunchOptions):
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

    def __init__(self, *args: Any, clouds: list[Cloud], cloud: Cloud, tenant: Tenant, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).update(key=uuid.uuid4().hex, cloud=cloud)
        super().__init__(*args, cloud=cloud, tenant=tenant, **kwargs)
        self.fields["cloud"].queryset = Cloud.objects.filter(pk__in=[c.pk for c in clouds])  # type: ignore[attr-defined]
        images, flavors = Image.objects.usable().for_tenant(tenant), Flavor.objects.usable().for_tenant(tenant)
        self.fields["image"].queryset = images.filter(cloud=cloud)  # type: ignore[attr-defined]
        self.fields["flavor"].queryset = flavors.filter(cloud=cloud)  # type: ignore[attr-defined]
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

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        image, flavor = cleaned.get("image"), cleaned.get("flavor")
        if image and flavor:
            self.check_disk(image, flavor)
        if image and flavor and image.min_ram_mib > flavor.ram_mib:
            self.add_error(
                "flavor",
                _("%(image)s needs %(need)s MiB of memory; this flavor has %(have)s MiB.")
                % {"image": image.name, "need": image.min_ram_mib, "have": flavor.ram_mib},
            )
        return cleaned

    def check_disk(self, image: Image, flavor: Flavor) -> None:
        """The disk is the flavor's, or the new volume that was asked for."""
        volume = self.cleaned_data.get("boot_volume_gib")
        if volume and image.min_disk_gib > volume:
            self.add_error(
                "boot_volume_gib",
                _("%(image)s needs at least %(need)s GiB.") % {"image": image.name, "need": image.min_disk_gib},
            )
        elif not volume and "boot_volume_gib" not in self.errors and image.min_disk_gib > flavor.disk_gib:
            self.add_error(
                "flavor",
                _("%(image)s needs a disk of %(need)s GiB; this flavor has %(have)s GiB.")
                % {"image": image.name, "need": image.min_disk_gib, "have": flavor.disk_gib},
            )

    def wanted(self) -> dict[str, Any]:
        """For actions.launch; only after `is_valid`."""
        plain = ("key", "cloud", "name", "image", "flavor", "public_key")
        return {
            **{name: self.cleaned_data[name] for name in plain},
            "asked": self.asked(),
            "floating_network": self.cleaned_data.get("floating_network"),
        }

    def would_take(self, values: Mapping[str, str], *, flavor: Flavor | None) -> dict[str, int]:
        """What a launch of what was typed so far would take from the quota: `{resource: amount}`."""
        taken = dict(flavor.resources) if flavor else {}
        volume = values.get("boot_volume_gib", "")
        if "boot_volume_gib" in self.fields and volume.isdecimal() and 0 < int(volume) <= LARGEST_VOLUME_GIB:
            taken |= {"volumes": 1, "volume_gib": int(volume), **({"disk_gib": 0} if flavor else {})}
        if "floating_network" in self.fields and values.get("floating_network"):
            taken["floating_ips"] = 1
        return taken

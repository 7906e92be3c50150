"""The key in the launch form: one of the tenant's key pairs, or a public key that is pasted and may be kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.clouds.interface import Feature
from dashboard.keypairs import public_keys
from dashboard.keypairs.actions import taken
from dashboard.keypairs.models import KeyPair
from dashboard.keypairs.public_keys import PublicKey, Type
from dashboard.quotas.models import Resource
from dashboard.quotas.reservations import shortages
from dashboard.ui.names import check_name

from .launch_options import LaunchOptions
from .shortages import sentence

PASTE = "paste"


def kept_with(key: str) -> str:
    """The key of the request that keeps what was pasted into the launch form with this key."""
    return f"launch:{key}"


class LaunchKey(LaunchOptions):
    is_short = False
    """There is no quota for what is to be kept."""
    key_pair = forms.ChoiceField(
        label=gettext_lazy("Key pair"),
        required=False,
        help_text=gettext_lazy("To sign in by SSH where the cloud gives it an address."),
        error_messages={"invalid_choice": gettext_lazy("This key pair does not exist any more. Choose another one.")},
    )
    public_key = forms.CharField(
        label=gettext_lazy("Public key"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("One line from a file such as ~/.ssh/id_ed25519.pub."),
    )
    keep_as = forms.CharField(
        label=gettext_lazy("Keep it as a key pair named"), required=False, max_length=255, validators=[check_name]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = KeyPair.objects.for_tenant(self.tenant)
        self.key_pairs = {str(row.pk): row for row in rows}
        self.fields["key_pair"].choices = [  # type: ignore[attr-defined]
            ("", _("None")),
            *((pk, f"{row.name} ({row.kind})") for pk, row in self.key_pairs.items()),
            (PASTE, _("Paste a public key")),
        ]
        self.fields["keep_as"].widget.attrs.pop("maxlength", None)
        if self.initial.get("public_key") and not self.initial.get("key_pair"):
            self.initial["key_pair"] = PASTE
        if not self.chosen_cloud.can(Feature.PUBLIC_KEY) and self.chosen_cloud.features:
            self.offer_no_key()
        elif self.type_to_generate == Type.RSA:
            self.fields["public_key"].help_text = _("One line from a file such as ~/.ssh/id_rsa.pub.")

    def offer_no_key(self) -> None:
        for name in ("public_key", "keep_as"):
            del self.fields[name]
        self.fields["key_pair"].disabled = True
        self.initial["key_pair"] = ""
        self.fields["key_pair"].help_text = _("The cloud %(cloud)s cannot put keys into instances.") % {
            "cloud": self.chosen_cloud.name
        }

    @property
    def type_to_generate(self) -> str:
        """What the dialog that makes a key pair for this launch begins with."""
        return Type.ED25519 if self.chosen_cloud.bounds.takes_key("ssh-ed25519 ") else Type.RSA

    def clean_key_pair(self) -> str:
        chosen: str = self.cleaned_data["key_pair"]
        if (row := self.key_pairs.get(chosen)) and not self.chosen_cloud.bounds.takes_key(row.public_key):
            raise forms.ValidationError(self.why_no_such_key(row.kind))
        return chosen

    def why_no_such_key(self, kind: str) -> str:
        return _("The cloud %(cloud)s takes keys of the type %(types)s only, and this one is %(kind)s. %(action)s") % {
            "cloud": self.chosen_cloud.name,
            "types": ", ".join(self.chosen_cloud.bounds.key_types),
            "kind": kind,
            "action": _("Choose another one, or generate or import one of that type."),
        }

    def clean_public_key(self) -> PublicKey | None:
        """None where it does not count, as when a key pair was chosen."""
        text = self.cleaned_data["public_key"]
        if self["key_pair"].data in self.key_pairs:
            return None
        if not text and self.cleaned_data.get("key_pair") == PASTE:
            raise forms.ValidationError(_("Paste the public key, or choose a key pair."))
        pasted = public_keys.read(text) if text else None
        if pasted and not self.chosen_cloud.bounds.takes_key(pasted.text):
            raise forms.ValidationError(self.why_no_such_key(pasted.kind))
        return pasted

    def clean_keep_as(self) -> str:
        name: str = self.cleaned_data["keep_as"]
        return name if self.cleaned_data.get("public_key") else ""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("keep_as") and cleaned.get("public_key") and not self.is_kept:
            self.check_keeping(cleaned["keep_as"], cleaned["public_key"])
        return cleaned

    @property
    def is_kept(self) -> bool:
        """This form was sent before, and its key was kept, though the launch was refused then."""
        return any(row.key.endswith(f":{kept_with(self.data.get('key', ''))}") for row in self.key_pairs.values())

    def check_keeping(self, name: str, pasted: PublicKey) -> None:
        """What `import_key` would refuse now; only it decides."""
        wanted = KeyPair(tenant=self.tenant, name=name, fingerprint=pasted.fingerprint)
        if any(wanted.name == row.name or wanted.fingerprint == row.fingerprint for row in self.key_pairs.values()):
            error = taken(wanted)
            self.add_error("keep_as" if error.field == "name" else "public_key", str(error))
        elif short := shortages(self.tenant, {Resource.KEY_PAIRS: 1}):
            self.is_short = True
            self.add_error("keep_as", sentence(short[0]))

    @property
    def key_settings(self) -> dict[str, Any]:
        """For a launch."""
        pasted: PublicKey | None = self.cleaned_data.get("public_key")
        return {
            "key_pair": self.key_pairs.get(self.cleaned_data["key_pair"]),
            "public_key": pasted.text if pasted else "",
        }

    def full_clean(self) -> None:
        """A private key that came by mistake is in no answer of ours."""
        super().full_clean()
        data: Any = self.data
        if public_keys.is_private(data.get("public_key", "")):
            self.data = data = data.copy()
            data["public_key"] = ""

"""The forms of a connection: one for text that is pasted, one whose fields a driver names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import registry
from .interface import ConnectionField
from .models import Cloud
from .words import PLACES

LONGEST_TEXT = 256 * 1024


def ways_of(kind: str) -> list[tuple[str, str]]:
    """To work on a cloud of that kind, in the cloud's own word for a tenant's place."""
    places = {"places": PLACES[registry.place_word(kind)].several}
    return [
        ("", _("An administrator's: Skydeck makes the tenants' %(places)s, credentials and limits") % places),
        ("yes", _("Of %(places)s only: each tenant brings its own") % places),
    ]


def mark_wrong(form: forms.Form) -> None:
    """Let screen readers find the message of a wrong field and the hint of any; begin at the first wrong one."""
    wrong = [field.name for field in form.visible_fields() if form.is_bound and field.errors]
    for name, field in form.fields.items():
        described = [f"{name}-hint"] if field.help_text else []
        if name in wrong:
            field.widget.attrs.update({"aria-invalid": "true", "autofocus": name == wrong[0]})
            described.append(f"{name}-error")
        if described:
            field.widget.attrs["aria-describedby"] = " ".join(described)


class SecretText(forms.Textarea):
    """Never filled in: what was typed there may hold passwords."""

    def format_value(self, value: Any) -> str | None:
        return None


class PasteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("clouds.yaml or openrc"),
        max_length=LONGEST_TEXT,
        strip=False,
        widget=SecretText(attrs={"rows": 12, "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Paste a clouds.yaml or an openrc here.")},
    )


def field_of(field: ConnectionField, *, stored: bool) -> forms.Field:
    """The form's field for one of a driver's. A secret that is stored may stay empty: then it stays."""
    common: dict[str, Any] = {"label": _(field.label), "required": field.required and not stored}
    common["help_text"] = _(field.help) if field.help else ""
    if field.choices:
        return forms.ChoiceField(choices=[(choice, _(field.called(choice))) for choice in field.choices], **common)
    quiet = {"autocomplete": "off", "spellcheck": "false"}
    if field.secret:
        if stored:
            common["help_text"] = _("One is stored and never shown. Leave this empty to keep it.")
        widget: forms.Widget = forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False)
        return forms.CharField(widget=widget, strip=False, max_length=4096, **common)
    if field.is_text:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 4, **quiet}), max_length=LONGEST_TEXT, **common)
    return forms.CharField(widget=forms.TextInput(attrs=quiet), max_length=2048, **common)


class ConnectionForm(forms.Form):
    """How one cloud of a kind is reached. `stored` names the secrets that are kept where their fields stay empty."""

    name = forms.SlugField(
        label=gettext_lazy("Name"),
        max_length=64,
        help_text=gettext_lazy("What people see: letters, digits and dashes."),
        error_messages={"required": gettext_lazy("Give the cloud a name.")},
    )
    tenants_bring = forms.ChoiceField(
        label=gettext_lazy("Credentials"),
        required=False,
    )

    def __init__(
        self, *args: Any, kind: str, cloud: Cloud | None = None, stored: Collection[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.cloud, self.stored = kind, cloud, stored
        self.described = registry.connection_fields(kind)
        for field in self.described:
            self.fields[field.name] = field_of(field, stored=field.name in stored)
            self.initial.setdefault(field.name, field.default)
        if registry.place_fields(kind):
            self.fields["tenants_bring"].choices = ways_of(kind)  # type: ignore[attr-defined]
        else:
            del self.fields["tenants_bring"]

    @property
    def secret_names(self) -> list[str]:
        return [field.name for field in self.described if field.secret]

    def full_clean(self) -> None:
        super().full_clean()
        mark_wrong(self)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = Cloud.objects.exclude(pk=self.cloud.pk) if self.cloud else Cloud.objects.all()
        if others.filter(name=name).exists():
            raise forms.ValidationError(_("Another cloud has this name already. Choose another one."))
        return name

    def has(self, name: str) -> bool:
        return bool(self.cleaned_data.get(name)) or name in self.stored or name in self.errors

    def need(self, name: str, why: str) -> None:
        if not self.has(name):
            self.add_error(name, why)

    def unwanted(self) -> frozenset[str]:
        """Fields of which nothing is kept, since what was chosen beside them makes them idle."""
        return frozenset()

    def values(self) -> dict[str, str]:
        """What the driver gets, without the secrets that stay as they are."""
        wanted = [field.name for field in self.described if field.name not in self.unwanted()]
        return {name: self.cleaned_data.get(name, "") for name in wanted}


CREDENTIAL = frozenset(
    {"username", "password", "project", "application_credential_id", "application_credential_secret"}
)


class OpenStackForm(ConnectionForm):
    def clean_auth_url(self) -> str:
        url: str = self.cleaned_data["auth_url"].strip()
        if not is_web_address(url):
            raise forms.ValidationError(_("This is no web address. It begins with https:// or http://."))
        return url

    def clean_ca_bundle(self) -> str:
        return pem_in(self.cleaned_data.get("ca_bundle") or "")

    def clean(self) -> dict[str, Any]:
        """One whole credential, unless the tenants bring theirs."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("tenants_bring"):
            return cleaned
        if self.has("application_credential_id"):
            self.need("application_credential_secret", _("Type the secret that belongs to the application credential."))
        elif self.has("username"):
            self.need("password", _("Type the password of this user."))
            self.need("project", _("Name a project in which this user is an administrator."))
        else:
            self.need("username", _("Fill in a user and a password, or an application credential further down."))
        return cleaned

    def unwanted(self) -> frozenset[str]:
        """No secret is kept for which there is no use."""
        if self.cleaned_data.get("tenants_bring"):
            return CREDENTIAL
        if self.cleaned_data.get("application_credential_id"):
            return frozenset({"username", "password"})
        return frozenset({"application_credential_secret"})


class EucalyptusForm(ConnectionForm):
    needed = ("access_key", "secret_key")
    """Not optional, unless the tenants bring theirs."""

    def clean_endpoint(self) -> str:
        url: str = self.cleaned_data["endpoint"].strip()
        if not is_web_address(url):
            raise forms.ValidationError(_("This is no web address. It begins with https:// or http://."))
        return url

    def clean_ca_bundle(self) -> str:
        return pem_in(self.cleaned_data.get("ca_bundle") or "")

    def clean_fingerprint(self) -> str:
        text: str = (self.cleaned_data.get("fingerprint") or "").strip()
        if text and not re.fullmatch(r"[0-9a-f]{64}", re.sub(r"[:\s]", "", text.lower())):
            raise forms.ValidationError(_("A fingerprint by SHA-256 has 64 hexadecimal digits."))
        return text

    def clean(self) -> dict[str, Any]:
        """The administrator's key, unless the tenants bring theirs."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("tenants_bring"):
            self.need("access_key", _("Fill in an access key of a user in the account eucalyptus."))
            self.need("secret_key", _("Type the secret key that belongs to the access key."))
        return cleaned

    def unwanted(self) -> frozenset[str]:
        return frozenset({"access_key", "secret_key"}) if self.cleaned_data.get("tenants_bring") else frozenset()


FORMS: Mapping[str, type[ConnectionForm]] = {"openstack": OpenStackForm, "eucalyptus": EucalyptusForm}


def form_class(kind: str) -> type[ConnectionForm]:
    return FORMS.get(kind, ConnectionForm)


def pem_in(text: str) -> str:
    if text.strip() and "-----BEGIN CERTIFICATE-----" not in text:
        raise forms.ValidationError(_("This is no certificate. It begins with -----BEGIN CERTIFICATE-----."))
    return text.strip()


def is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)

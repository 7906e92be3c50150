"""What is typed about people."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.accounts.models import User
from dashboard.accounts.usernames import is_taken, look, mixes_scripts, normal
from dashboard.tenancy.access import SYSTEM
from dashboard.tenancy.fields import TenantNameField
from dashboard.tenancy.models import Role
from dashboard.ui.names import check_line

from .words import ALLOWS, Text

ROLES = [(role.value, role.label) for role in ALLOWS]
AT_ONCE = 50
LONGEST_MESSAGE = 1000
NOBODYS = {SYSTEM, "anonymous"}
"""The audit trail names with these what no person did."""


class RoleForm(forms.Form):
    role = forms.TypedChoiceField(label=gettext_lazy("Role"), choices=ROLES, coerce=Role, widget=forms.RadioSelect)

    @property
    def choices(self) -> list[tuple[str, Text, Text, bool]]:
        """Value, name, what it allows, and whether it is the one that is chosen."""
        return [(value, label, ALLOWS[Role(value)], self["role"].value() == value) for value, label in ROLES]


def check_address(address: str) -> str:
    """Raises ValidationError that quotes it."""
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValidationError(_("“%(address)s” is no email address.") % {"address": address[:100]}) from error
    if len(address) > 254:
        raise ValidationError(_("“%(address)s” is too long.") % {"address": address[:100]})
    return address


class InviteForm(RoleForm):
    addresses = forms.CharField(
        label=gettext_lazy("Email addresses"),
        max_length=20_000,
        help_text=gettext_lazy("One in each line, or separated by commas."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocapitalize": "none"}),
    )
    message = forms.CharField(
        label=gettext_lazy("Message"),
        required=False,
        max_length=LONGEST_MESSAGE,
        help_text=gettext_lazy("It stands in the mail, with your name."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_addresses(self) -> list[str]:
        """Each once, however it is written."""
        found = [part for part in re.split(r"[\s,;]+", self.cleaned_data["addresses"]) if part]
        addresses = list({address.lower(): address for address in found}.values())
        if len(addresses) > AT_ONCE:
            raise ValidationError(_("Not more than %(number)d at once.") % {"number": AT_ONCE})
        wrong: list[ValidationError] = []
        for address in addresses:
            try:
                check_address(address)
            except ValidationError as error:
                wrong.append(error)
        if wrong:
            raise ValidationError(wrong[:5])
        return addresses


class BeginForm(forms.Form):
    """The first thing that somebody new chooses."""

    username = forms.CharField(
        label=gettext_lazy("Username"),
        max_length=150,
        help_text=gettext_lazy("Others see it. Letters, digits, and . - _ +"),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    full_name = forms.CharField(
        label=gettext_lazy("Full name"),
        required=False,
        max_length=150,
        validators=[check_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(  # how long it may be, too, is for the validators to say
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean_username(self) -> str:
        name = normal(self.cleaned_data["username"])
        User.username_validator(name)
        if "@" in name:
            raise ValidationError(_("A username has no @. To sign in you can type your address as well."))
        if mixes_scripts(name):
            raise ValidationError(_("It mixes letters of several scripts, such as Latin and Cyrillic. Use one."))
        if not is_free(name):
            raise ValidationError(_("Somebody has that name already. Choose another one."))
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "password" in data:
            user = User(username=data.get("username", ""), email=self.address, first_name=data.get("full_name", ""))
            try:
                validate_password(data["password"], user)
            except ValidationError as error:
                self.add_error("password", error)
        return data


def username_for(address: str) -> str:
    """What an address suggests; empty where that is taken."""
    name = normal(re.sub(r"[^\w.+-]", "", address.partition("@")[0]))[:150]
    return name if is_free(name) and not mixes_scripts(name) else ""


def is_free(name: str) -> bool:
    return look(name) not in NOBODYS and not is_taken(name)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Other administrators see it, and the audit trail keeps it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        validators=[check_line],
    )


class RejectForm(ReasonForm):
    """Of a request for an account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("It is mailed to them word for word, and the audit trail keeps it.")


NONE = gettext_lazy(
    "Its short name, or its name where no other tenant has it. Empty: the account is in no tenant at first."
)


class AddForm(forms.Form):
    tenant = TenantNameField()
    role = forms.TypedChoiceField(label=gettext_lazy("Role"), choices=ROLES, coerce=Role, initial=Role.MEMBER.value)


class InviteUserForm(RoleForm):
    address = forms.EmailField(
        label=gettext_lazy("Email address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    full_name = forms.CharField(
        label=gettext_lazy("Full name"), required=False, max_length=150, validators=[check_line]
    )
    tenant = TenantNameField(required=False, help_text=NONE)
    message = forms.CharField(
        label=gettext_lazy("Message"),
        required=False,
        max_length=LONGEST_MESSAGE,
        help_text=gettext_lazy("It stands in the mail, with your name."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SignUpForm(forms.Form):
    """Asking for an account."""

    address = forms.EmailField(
        label=gettext_lazy("Email address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    full_name = forms.CharField(
        label=gettext_lazy("Full name"),
        max_length=150,
        validators=[check_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    wish = forms.CharField(
        label=gettext_lazy("Tenant"),
        max_length=200,
        validators=[check_line],
        help_text=gettext_lazy("The group or project that you belong to, as you call it."),
    )
    purpose = forms.CharField(label=gettext_lazy("What for"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class AcceptForm(RoleForm):
    tenant = TenantNameField(required=False, help_text=NONE)

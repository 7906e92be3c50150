"""What people type to sign in with OpenStack."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class PasswordForm(forms.Form):
    name = forms.CharField(
        label=_("OpenStack user name"),
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    domain = forms.CharField(
        label=_("Domain"),
        max_length=255,
        help_text=_("Where your account is; most clouds have only one."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )

    @staticmethod
    def empty() -> PasswordForm:
        return PasswordForm(initial={"domain": settings.OPENSTACK_SIGN_IN_DOMAIN})


class PasscodeForm(forms.Form):
    passcode = forms.CharField(
        label=_("Passcode"),
        max_length=32,
        help_text=_("Six digits from your authenticator."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )

    def clean_passcode(self) -> str:
        """Some authenticators show a space in the middle."""
        return "".join(str(self.cleaned_data["passcode"]).split())

"""The forms of signing in and of one's own account."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm as AllauthAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthCodeForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from . import steps
from .models import User
from .passwords import LONGEST

LONGEST_NAME = 254


def plain(form: forms.Form) -> None:
    """Labels say what a field is, so nothing stands in it; passwords have an end before they are hashed."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
        if isinstance(field.widget, forms.PasswordInput):
            field.help_text = ""
            field.validators.append(MaxLengthValidator(LONGEST, _("At most %(limit_value)d characters are possible.")))


class LoginForm(AllauthLoginForm):  # type: ignore[misc]
    """Name or e-mail, and the password. Pasting and password managers are welcome."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self)
        login = self.fields["login"]
        login.label = _("Username or email")
        login.max_length = LONGEST_NAME
        login.validators.append(MaxLengthValidator(LONGEST_NAME))
        login.widget.attrs["autocomplete"] = "username"
        self.fields.pop("remember", None)

    def clean(self) -> Any:
        """A password that is too long is not looked at, nor is a name."""
        return self.cleaned_data if self.errors else super().clean()


class ReauthenticateForm(AllauthReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self)


class ChangePasswordForm(AllauthChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self)
        self.fields["oldpassword"].label = _("Your password until now")
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password, again")
        self.fields["password1"].help_text = _(
            "A few words are better than one with symbols in it. Paste it from a password manager if you like."
        )


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["first_name", "last_name"]
        labels = {"first_name": _("First name"), "last_name": _("Last name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_name"].widget.attrs["autocomplete"] = "given-name"
        self.fields["last_name"].widget.attrs["autocomplete"] = "family-name"


# --- second factors ---------------------------------------------------------------


class OnceMixin:
    """A code of the app is good once, whichever web process it came to."""

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        one: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if one.type == Authenticator.Type.TOTP and not steps.use(one, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeMixin:
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code: forms.Field = self.fields["code"]  # type: ignore[attr-defined]
        code.label = _("Code")
        code.validators.append(MaxLengthValidator(64))
        code.widget.attrs.pop("placeholder", None)
        code.widget.attrs |= {"autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "off"}


class AuthenticateForm(CodeMixin, OnceMixin, AllauthAuthenticateForm):  # type: ignore[misc]
    """At sign-in, after the password."""


class CodeForm(CodeMixin, OnceMixin, AllauthCodeForm):  # type: ignore[misc]
    """Before something that needs a proof again."""


class AppForm(CodeMixin, ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an app that was just set up."""


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """Each is one with which one can sign in alone, so it has to know its person: by a finger, a face or a PIN."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["name"].help_text = _("So that you know it again, such as “Phone” or “Work laptop”.")
        self.fields["name"].validators.append(MaxLengthValidator(60))

    def clean_passwordless(self) -> bool:
        return True


class PasskeyNameForm(EditWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["name"].validators.append(MaxLengthValidator(60))

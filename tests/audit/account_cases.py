"""What people change of their own account, which nobody is refused. Where it matters they prove first who they are."""

from __future__ import annotations

from allauth.usersessions.models import UserSession

from dashboard.accounts import email
from dashboard.keys import actions as keys
from dashboard.tenancy.models import Role
from tests.accounts.conftest import SECRET, code_of, give_app, give_passkey, signed_in
from tests.conftest import PASSWORD

from .world import Case

PROVED = ("/accounts/prove/", {"password": PASSWORD})
PROOFS = ("account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn")
ADDING = "mfa_activate_totp"


def profile(world):
    return Case("account_profile", [("user.profile-change", "bob")], [], {"first_name": "Bob", "last_name": "B."})


def password(world):
    data = {"oldpassword": PASSWORD, "password1": "staple of the horse", "password2": "staple of the horse"}
    return Case("account_change_password", [("user.password-change", "bob")], [], data)


def add_app(world):
    """The recovery codes that come with it are another thing."""
    entries = [("user.app-add", "bob"), ("user.codes-make", "bob")]
    return Case(ADDING, entries, [], {"code": code_of()}, comes_from=PROVED, session={"mfa.totp.secret": SECRET})


def remove_app(world):
    give_app(world.people["bob"])
    return Case("mfa_deactivate_totp", [("user.app-remove", "bob")], comes_from=PROVED)


def make_codes(world):
    give_app(world.people["bob"])
    return Case("mfa_generate_recovery_codes", [("user.codes-make", "bob")], comes_from=PROVED)


def rename_passkey(world):
    row = give_passkey(world.people["bob"])
    return Case("mfa_edit_webauthn", [("user.passkey-rename", "bob")], [row.pk], {"name": "Phone"}, comes_from=PROVED)


def remove_passkey(world):
    row = give_passkey(world.people["bob"])
    return Case("mfa_remove_webauthn", [("user.passkey-remove", "bob")], [row.pk], comes_from=PROVED)


def other_session(world):
    return UserSession.objects.get(session_key=signed_in(world.people["bob"]).session.session_key)


def end_session(world):
    return Case("account_end_session", [("user.session-end", "bob")], [other_session(world).pk])


def end_others(world):
    assert other_session(world)
    return Case("account_end_other_sessions", [("user.session-end", "bob")])


def make_key(world):
    data = {"name": "backup", "tenant": world.lab.pk, "role": "member", "days": "30"}
    return Case("keys:create", [("api-key.create", "backup")], [], data, comes_from=PROVED)


def revoke_key(world):
    made = keys.create(world.people["bob"], name="backup", tenant=world.lab, role=Role.MEMBER, days=1, address=None)
    return Case("keys:revoke", [("api-key.revoke", "backup")], [made.key.pk])


def change_email(world):
    token = email.token_of(world.people["bob"], "bob@new.example")
    return Case("account_confirm_email", [("user.email-change", "bob")], [token])


CASES = {
    "account_confirm_email": change_email,
    "keys:create": make_key,
    "keys:revoke": revoke_key,
    "account_profile": profile,
    "account_change_password": password,
    ADDING: add_app,
    "mfa_deactivate_totp": remove_app,
    "mfa_generate_recovery_codes": make_codes,
    "mfa_edit_webauthn": rename_passkey,
    "mfa_remove_webauthn": remove_passkey,
    "account_end_session": end_session,
    "account_end_other_sessions": end_others,
}

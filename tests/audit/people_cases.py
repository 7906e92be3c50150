"""What is changed of people, as cases of test_every_change.py."""

from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from dashboard.people import invitations, users
from dashboard.people.models import SignUp
from dashboard.tenancy.access import Administrator
from dashboard.tenancy.models import Membership, Role
from tests.conftest import actor_of, make_tenant

from .world import Case


def bob_in_lab(world) -> int:
    return Membership.objects.get(user=world.people["bob"], tenant=world.lab).pk


def change_role(world):
    entry = ("membership.change", "bob")
    return Case("people:role", [entry], ["lab", bob_in_lab(world)], {"role": "reader"}, by="alice")


def remove(world):
    return Case("people:remove", [("membership.remove", "bob")], ["lab", bob_in_lab(world)], by="alice")


def leave(world):
    return Case("people:remove", [("membership.leave", "bob")], ["lab", bob_in_lab(world)], by="bob")


def invite(_world):
    """Two addresses are two entries."""
    entries = [("invitation.send", "a@example.org"), ("invitation.send", "b@example.org")]
    data = {"addresses": "a@example.org b@example.org", "role": "member", "message": "canary"}
    return Case("people:invite", entries, ["lab"], data, by="alice")


def invited(world):
    actor = actor_of(world.people["alice"], world.lab)
    return invitations.invite(actor, ["dora@example.org"], role=Role.READER)[0].invitation


def on_invitation(page, verb):
    def case(world):
        return Case(f"people:{page}", [(verb, "dora@example.org")], ["lab", invited(world).pk], by="alice")

    return case


def on_user(verb, entry, who="bob", **data):
    def case(world):
        return Case("people:change-user", [(entry, who)], [world.people[who].pk, verb], data, by="root")

    return case


def enable(world):
    users.disable(Administrator(user=world.people["root"]), world.people["bob"].pk, reason="away")
    return on_user("enable", "user.enable")(world)


def unmake(world):
    users.make_administrator(Administrator(user=world.people["root"]), world.people["bob"].pk)
    return on_user("unmake-administrator", "administrator.taken")(world)


def end_sessions(world):
    Client().force_login(world.people["bob"])
    return on_user("end-sessions", "user.sessions-end")(world)


def reset_factors(world):
    Authenticator.objects.create(user=world.people["bob"], type=Authenticator.Type.TOTP, data={})
    return on_user("reset-factors", "user.factors-reset")(world)


def add(world):
    make_tenant("further")
    data = {"tenant": "further", "role": "reader"}
    return Case("people:add", [("membership.add", "bob")], [world.people["bob"].pk], data, by="root")


def invite_user(_world):
    data = {"address": "new@example.org", "tenant": "", "role": "member"}
    return Case("people:invite-user", [("invitation.send", "new@example.org")], [], data, by="root")


def asked(_world):
    return SignUp.objects.create(
        address="dora@example.org",
        full_name="Dora",
        wish="lab",
        purpose="work",
        token_hash="x",
        expires_at=timezone.now() + timedelta(days=1),
        verified_at=timezone.now(),
    )


def accept_sign_up(world):
    """The invitation is an entry, too."""
    entries = [("invitation.send", "dora@example.org"), ("sign-up.accept", "dora@example.org")]
    return Case("people:accept-sign-up", entries, [asked(world).pk], {"tenant": "lab", "role": "member"}, by="root")


def reject_sign_up(world):
    entry = ("sign-up.reject", "dora@example.org")
    return Case("people:reject-sign-up", [entry], [asked(world).pk], {"reason": "no"}, by="root")


CASES = {
    "people:accept-sign-up": accept_sign_up,
    "people:reject-sign-up": reject_sign_up,
    "people:change-user disable": on_user("disable", "user.disable", reason="away"),
    "people:change-user enable": enable,
    "people:change-user make": on_user("make-administrator", "administrator.given"),
    "people:change-user unmake": unmake,
    "people:change-user sessions": end_sessions,
    "people:change-user factors": reset_factors,
    "people:add": add,
    "people:invite-user": invite_user,
    "people:invite": invite,
    "people:send-again": on_invitation("send-again", "invitation.resend"),
    "people:withdraw": on_invitation("withdraw", "invitation.withdraw"),
    "people:role": change_role,
    "people:remove": remove,
    "people:remove oneself": leave,
}

"""Every URL that takes a POST: what it changes is one entry for each thing that it changed, or it says here why not."""

from __future__ import annotations

import re

import pytest

from dashboard.accounts.models import User
from dashboard.audit.models import Chain, Entry
from dashboard.audit.verify import first_broken
from dashboard.trail.words import NOUNS, VERBS
from tests.conftest import PASSWORD
from tests.instances.conftest import placed  # noqa: F401
from tests.matrix import MATRIX, TURNED_OFF

from . import (
    access_cases,
    account_cases,
    announcement_cases,
    cloud_cases,
    flavor_cases,
    instance_cases,
    key_pair_cases,
    network_cases,
    operation_cases,
    people_cases,
    place_cases,
    quota_cases,
    request_cases,
    tenant_cases,
    usage_cases,
)
from .world import World

SIGNING_IN = {  # below; with an OpenStack account: tests/keystone; the rest: tests/accounts
    *("account_login", "account_logout", "mfa_authenticate", "mfa_login_webauthn"),
    "mfa_add_webauthn",  # a browser has to make one
}
NO_CHANGE = {
    "account_reset_password": "sends a link; what is done with it is the entry, see tests/accounts",
    "account_email": "likewise",
    "announcements:close": "a cookie of the browser",
    **dict.fromkeys(account_cases.PROOFS, "proves again who one is; what is done then is the entry"),
    "ui:theme": "a cookie of the browser",
    "instances:columns": "a cookie of the browser",
    "instances:check-user-data": "looks at what is typed",
    "instances:console-log": "has a worker read it",
    "operations:bell-read": "how far one has read, for oneself",
    "connections:fetch": "has a worker read it",
    "people:invitation": "only for whom it is: tests/people/test_invitations.py",
    "quotas:change": "shows what would change",
    "quotas:import": "shows what would change",
    "quota-requests:carry": "keeps what is typed for the form that follows",
    "consoles:ticket": "opens nothing yet: using it is the entry, see tests/consoles",
}

BY_A_WORKER = {"cloud.test", "tenant.empty"}
"""Without an operation, and still done only later."""


@pytest.fixture
def world(placed, lab, alice, bob, rita, root, work):  # noqa: F811
    return World(people={user.username: user for user in (alice, bob, rita, root)}, cloud=placed, lab=lab, work=work)


CASES = {
    **instance_cases.CASES,
    **operation_cases.CASES,
    **key_pair_cases.CASES,
    **network_cases.CASES,
    **cloud_cases.CASES,
    **place_cases.CASES,
    **access_cases.CASES,
    **quota_cases.CASES,
    **people_cases.CASES,
    **flavor_cases.CASES,
    **account_cases.CASES,
    **tenant_cases.CASES,
    **request_cases.CASES,
    **usage_cases.CASES,
    **announcement_cases.CASES,
}
"""The URL's name, and after it which of several."""


def written(since):
    return Entry.objects.filter(pk__gt=since).order_by("object_name", "verb")


def newest() -> int:
    return Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


@pytest.mark.slow
@pytest.mark.parametrize("which", CASES)
def test_what_is_done_is_one_entry_for_each_thing(which, world, client):
    case = CASES[which](world)
    assert case.name == which.partition(" ")[0]
    url, since = case.url, newest()
    client.force_login(world.people[case.by])
    if case.session:
        session = client.session
        session.update(case.session)
        session.save()
    if case.comes_from:
        client.post(*case.comes_from)
    answer = client.post(url, case.data)
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
    entries = written(since)
    assert sorted((entry.verb, entry.object_name) for entry in entries) == sorted(case.entries), said[:3000]
    assert {(entry.actor, entry.address) for entry in entries} == {(case.by, "127.0.0.1")}
    assert {entry.verb for entry in entries} <= set(VERBS), "the page has a word for it"
    assert {entry.object_kind for entry in entries} <= set(NOUNS)
    at_once = {entry.verb: entry.outcome for entry in entries if not entry.operation_id}
    assert {verb for verb, outcome in at_once.items() if outcome != "done"} <= BY_A_WORKER
    assert "canary" not in str(list(entries.values("before", "after", "object_name")))
    assert [first_broken(chain.name) for chain in Chain.objects.all()] == [None] * Chain.objects.count()


@pytest.mark.slow
@pytest.mark.parametrize("which", [which for which in CASES if which not in account_cases.CASES])
def test_what_is_refused_changes_nothing_and_is_no_entry(which, world, client):
    case = CASES[which](world)
    url, since = case.url, newest()
    client.force_login(world.people["rita"])
    refused = 303 if which == "viewings:close" else 403  # of somebody else's there is nothing to close
    assert client.post(url, case.data).status_code == refused
    assert not written(since).exists()


def test_every_url_that_takes_a_post_is_here():
    posts = {name for name, methods in MATRIX.items() if "post" in methods and methods["post"] != TURNED_OFF}
    assert {which.partition(" ")[0] for which in CASES} | set(NO_CHANGE) | SIGNING_IN == posts


def test_signing_in_and_out_are_entries_and_so_is_a_wrong_password(client, bob):
    assert client.post("/accounts/login/", {"login": "bob", "password": "canary"}).status_code == 422
    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    client.post("/accounts/logout/")
    said = list(Entry.objects.order_by("number").values_list("verb", "outcome", "actor", "object_name", "address"))
    assert said == [
        ("user.sign-in", "refused", "anonymous", "bob", "127.0.0.1"),
        ("user.sign-in", "done", "bob", "bob", "127.0.0.1"),
        ("user.sign-out", "done", "bob", "bob", "127.0.0.1"),
    ]


def test_a_name_that_nobody_has_is_not_written_down(client, bob):
    """It may be a password that was typed into the wrong field."""
    client.post("/accounts/login/", {"login": "canary", "password": "canary"})
    assert (Entry.objects.count(), User.objects.count()) == (0, 1)

"""Signing in with an account on an OpenStack, against a Keystone of ours; tests/openstack has the real one."""

import logging
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import serializers
from django.core.cache import cache
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.audit.models import Entry
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.tenancy.models import Membership, Role, Tenant
from tests.conftest import make_tenant

pytestmark = pytest.mark.slow

PASSWORD = "her secret 77"


@pytest.fixture
def ada(keystone):
    return keystone.user("ada", PASSWORD)


def page(answer) -> str:
    return answer.content.decode()


def test_a_project_becomes_a_tenant_with_the_usual_limits(sign_in, client, keystone, ada):
    project = keystone.project("Blue Team", **{ada: "member,reader"})
    assert sign_in()["Location"] == "/"
    assert client.get("/t/blue-team/instances/").status_code == 200
    tenant = Tenant.objects.get(slug="blue-team")
    account = tenant.cloud_accounts.get()
    assert (account.remote_id, account.origin, account.sealed) == (project, "linked", "")
    assert tenant.quotas.get(resource="instances").limit == 10


def test_a_project_that_is_linked_is_that_tenant(sign_in, keystone, ada, stack):
    lab = make_tenant("lab")
    CloudAccount.objects.create(tenant=lab, cloud=stack, remote_id=keystone.project("x", **{ada: "reader"}))
    sign_in()
    assert [m.tenant for m in User.objects.get(username="ada@Default").memberships.all()] == [lab]
    assert Tenant.objects.count() == 1


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        ("reader", "reader"),
        ("member,reader", "member"),
        ("manager,member,reader", "manager"),
        ("admin,manager,member,reader", "manager"),
        ("reader,load-balancer_member", "reader"),
    ],
)
def test_the_greatest_role_counts(sign_in, keystone, ada, roles, role):
    keystone.project("p", **{ada: roles})
    sign_in()
    assert Membership.objects.get().role == role


def test_roles_that_are_gone_there_are_gone_here(sign_in, client, keystone, ada):
    stays, goes = keystone.project("stays", **{ada: "manager"}), keystone.project("goes", **{ada: "member"})
    sign_in()
    client.post("/accounts/logout/")
    del keystone.roles[ada, goes]
    keystone.roles[ada, stays] = {"reader"}
    sign_in()
    assert [(m.tenant.slug, m.role) for m in Membership.objects.all()] == [("stays", "reader")]
    assert client.get("/t/goes/instances/").status_code == 404


def test_what_was_given_by_hand_stays(sign_in, client, keystone, ada):
    project = keystone.project("p", **{ada: "reader"})
    sign_in()
    user, lab = User.objects.get(username="ada@Default"), make_tenant("lab")
    Membership.objects.create(user=user, tenant=lab, role=Role.MEMBER)
    Membership.objects.filter(tenant__slug="p").update(role=Role.MANAGER)  # by hand
    client.post("/accounts/logout/")
    sign_in()
    del keystone.roles[ada, project]
    client.post("/accounts/logout/")
    sign_in()
    assert sorted((m.tenant.slug, m.role) for m in Membership.objects.all()) == [("lab", "member"), ("p", "manager")]


def test_nobody_is_an_administrator_where_no_role_is_named_for_it(sign_in, keystone, ada):
    keystone.project("admin", **{ada: "admin"})
    keystone.roles[ada, "system"] = {"admin"}
    sign_in()
    assert not User.objects.get().is_superuser


@pytest.mark.parametrize("where", ["system", "project"])
def test_the_named_role_makes_an_administrator_and_its_end_ends_it(sign_in, client, keystone, ada, settings, where):
    project = keystone.project("admin", **{ada: "reader"})
    settings.OPENSTACK_ADMIN_ROLE, settings.OPENSTACK_ADMIN_PROJECT = "admin", project
    keystone.roles[ada, "system" if where == "system" else project] = {"admin"}
    sign_in()
    assert User.objects.get().is_admin
    client.post("/accounts/logout/")
    keystone.roles[ada, project] = {"reader"}
    keystone.roles.pop((ada, "system"), None)
    sign_in()
    assert not User.objects.get().is_superuser
    said = Entry.objects.filter(verb__startswith="administrator.").order_by("pk").values_list("before", "after")
    no, yes = {"administrator": False}, {"administrator": True}
    assert list(said) == [(no, yes), (yes, no)]


def test_the_named_role_in_any_other_project_makes_no_administrator(sign_in, keystone, ada, settings):
    settings.OPENSTACK_ADMIN_ROLE = "admin"
    keystone.project("admin", **{ada: "admin"})
    sign_in()
    assert not User.objects.get().is_superuser


def test_a_local_account_of_the_same_name_is_never_taken_over(sign_in, keystone, ada, bob):
    local = User.objects.create_user("ada@Default", password="local")
    keystone.project("p", **{ada: "member"})
    sign_in()
    assert not local.memberships.exists()
    assert User.objects.get(memberships__tenant__slug="p").username == "ada@Default-2"


def test_one_who_was_renamed_stays_and_one_made_anew_is_somebody_else(sign_in, client, keystone, ada):
    keystone.project("p", **{ada: "member"})
    sign_in()
    first = User.objects.get()
    keystone.users[ada]["name"] = "eve"
    client.post("/accounts/logout/")
    sign_in("eve")
    first.refresh_from_db()
    assert (User.objects.count(), first.username) == (1, "eve@Default")
    client.post("/accounts/logout/")
    again = keystone.user("ada", "another")
    keystone.project("q", **{again: "member"})
    sign_in("ada", "another")
    assert [m.tenant.slug for m in first.memberships.all()] == ["p"]
    assert User.objects.exclude(pk=first.pk).get().username == "ada@Default"


def test_what_is_wrong_is_said_in_one_sentence_and_the_password_is_not_sent_back(sign_in, keystone, ada):
    answer = sign_in(password="guess 4711")
    assert answer.status_code == 422
    assert "The user name, password or domain is not correct" in page(answer)
    assert "guess 4711" not in page(answer)


def test_without_a_project_there_is_a_sentence_and_no_session(sign_in, client, keystone, ada):
    answer = sign_in()
    assert (answer.status_code, "no role in any project" in page(answer)) == (403, True)
    assert client.get("/").status_code == 302


def test_one_who_is_disabled_here_stays_out(sign_in, client, keystone, ada):
    keystone.project("p", **{ada: "member"})
    sign_in()
    client.post("/accounts/logout/")
    User.objects.update(is_active=False)
    assert sign_in()["Location"] == "/accounts/login/"
    assert "This account is disabled." in page(client.get("/accounts/login/"))


@pytest.mark.parametrize("how", ["broken", "closed"])
def test_a_keystone_that_is_down_is_said_and_local_people_still_get_in(sign_in, client, keystone, stack, bob, how):
    keystone.is_broken = True
    if how == "closed":
        Cloud.objects.filter(pk=stack.pk).update(settings={"auth_url": "http://127.0.0.1:1/v3"})
    answer = sign_in()
    assert (answer.status_code, "does not answer" in page(answer)) == (503, True)
    local = client.post("/accounts/login/", {"login": "bob", "password": "correct horse battery"})
    assert (local.status_code, local["Location"]) == (302, "/")


def test_guessing_is_slowed_down_and_being_right_is_not(sign_in, client, keystone, ada):
    keystone.project("p", **{ada: "member"})
    for _ in range(12):
        sign_in()
        client.post("/accounts/logout/")
    for number in range(12):
        sign_in(password=f"guess {number}")
    calls = len(keystone.requests)
    assert "Too many" in page(sign_in())
    assert len(keystone.requests) == calls


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_it_leads_to_where_one_wanted_and_never_to_another_host(sign_in, client, keystone, ada, evil):
    keystone.project("p", **{ada: "member"})
    assert sign_in(next="/t/p/operations/?page=2")["Location"] == "/t/p/operations/?page=2"
    client.post("/accounts/logout/")
    assert sign_in(next=evil)["Location"] == "/"


def test_every_token_is_revoked_after_use(sign_in, keystone, ada):
    for name in ("p", "q"):
        keystone.project(name, **{ada: "member"})
    sign_in()
    assert keystone.tokens == {}
    assert sum(method == "DELETE" for method, _path, _sent in keystone.requests) == 3


def test_it_leaves_an_audit_entry_for_each_change(sign_in, client, keystone, ada):
    keystone.project("p", **{ada: "member"})
    sign_in()
    client.post("/accounts/logout/")
    sign_in()
    coming_and_going = ["user.sign-in", "user.sign-out", "user.sign-in"]
    said = [entry.verb for entry in Entry.objects.order_by("at")]
    assert said == ["tenant.made", "membership.from-openstack", *coming_and_going]


# --- passcodes --------------------------------------------------------------------


@pytest.fixture
def grace(keystone):
    user_id = keystone.user("grace", PASSWORD, passcode="123456")
    keystone.project("p", **{user_id: "member"})
    return user_id


def test_a_passcode_is_asked_for_on_a_second_page_and_the_way_is_kept(sign_in, client, keystone, grace):
    assert sign_in("grace", next="/t/p/operations/")["Location"] == "/accounts/openstack/passcode/"
    assert client.get("/t/p/operations/").status_code == 302
    answer = client.post("/accounts/openstack/passcode/", {"passcode": "123 456"})
    assert answer["Location"] == "/t/p/operations/"
    assert client.get("/t/p/operations/").status_code == 200


def test_the_second_call_holds_no_password_and_the_browser_no_receipt(sign_in, client, keystone, grace):
    first = sign_in("grace")
    shown = page(client.get(first["Location"])) + str(client.cookies)
    client.post("/accounts/openstack/passcode/", {"passcode": "123456"})
    signed_in = [sent for method, path, sent in keystone.requests if method == "POST" and '"totp"' in sent]
    assert len(signed_in) == 1
    assert PASSWORD not in signed_in[0]
    assert not any(receipt in shown for receipt in keystone.receipts)


def test_a_wrong_passcode_can_be_typed_again_but_not_for_ever(sign_in, client, keystone, grace):
    sign_in("grace")
    answers = [client.post("/accounts/openstack/passcode/", {"passcode": "000000"}) for _ in range(8)]
    assert "The passcode is not correct" in page(answers[0])
    assert "Too many" in page(answers[-1])


def test_a_receipt_does_not_last(sign_in, client, keystone, grace, monkeypatch):
    sign_in("grace")
    later = timezone.now() + timedelta(minutes=6)
    monkeypatch.setattr(timezone, "now", lambda: later)
    answer = client.post("/accounts/openstack/passcode/", {"passcode": "123456"})
    assert answer["Location"] == "/accounts/openstack/"


def test_a_factor_that_we_cannot_ask_for_is_said(sign_in, keystone, grace):
    keystone.required = [["password", "yubikey"]]
    answer = sign_in("grace")
    assert (answer.status_code, "something else to prove" in page(answer)) == (422, True)


# --- what is kept -----------------------------------------------------------------


def everything_kept() -> str:
    rows = [row for model in apps.get_models() for row in model._default_manager.all()]
    sessions = [str(session.get_decoded()) for session in Session.objects.all()]
    return serializers.serialize("json", rows) + str(sessions) + str(getattr(cache, "_cache", ""))


def test_no_password_token_or_receipt_is_kept_anywhere(sign_in, client, keystone, ada, grace, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    keystone.project("q", **{ada: "member"})
    sign_in("ada", password="wrong but hers 88")
    sign_in("grace")
    halfway = everything_kept()
    client.post("/accounts/openstack/passcode/", {"passcode": "123456"})
    client.post("/accounts/logout/")
    sign_in("ada")
    kept = halfway + everything_kept() + caplog.text + "".join(capfd.readouterr())
    assert "ada@Default" in kept
    for secret in (PASSWORD, "wrong but hers 88", "gAAAAA-"):
        assert secret not in kept


# --- off ----------------------------------------------------------------------------


def test_nothing_of_it_is_there_until_it_is_turned_on(client, db):
    for path in ("", "passcode/", "websso/"):
        assert client.get(f"/accounts/openstack/{path}").status_code == 404
    assert "OpenStack" not in page(client.get("/accounts/login/"))


def test_the_sign_in_page_offers_it_and_keeps_the_way(client, stack):
    shown = page(client.get("/accounts/login/?next=/t/p/operations/"))
    assert 'href="/accounts/openstack/?next=%2Ft%2Fp%2Foperations%2F"' in shown


def test_the_form_wants_the_csrf_token(stack, keystone, ada):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    assert (
        strict.post("/accounts/openstack/", {"name": "ada", "password": PASSWORD, "domain": "Default"}).status_code
        == 403
    )
    assert keystone.requests == []

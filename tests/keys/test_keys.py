"""API keys: made, shown once, used with the lesser role, refused when they end in whichever way."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from dashboard.audit.models import Entry
from dashboard.keys import actions, tokens
from dashboard.keys.holders import BadKey, holder_of
from dashboard.keys.models import ApiKey
from dashboard.tenancy.models import Membership, Role
from tests.accounts.conftest import give_app, signed_in
from tests.conftest import make_user


def make(user, tenant=None, role=Role.MEMBER, *, days=90, name="backup"):
    return actions.create(user, name=name, tenant=tenant, role=role, days=days, address=None)


def healthz(token, client=None):
    return (client or Client()).get("/healthz", headers={"Authorization": f"Bearer {token}"})


def why(token):
    with pytest.raises(BadKey) as refused:
        holder_of(token, address=None)
    return str(refused.value)


def test_it_is_shown_once_and_only_its_hash_is_kept(bob, lab):
    client = signed_in(bob)
    page = client.post("/accounts/keys/new/", {"name": "backup", "tenant": lab.pk, "role": "reader", "days": 90})
    token = re.search(r"sky_[0-9a-f]{12}_[0-9a-f]{64}", page.content.decode())[0]
    secret = tokens.parse(token)[1]
    row = ApiKey.objects.get()
    assert secret not in str(vars(row))
    assert secret not in client.get("/accounts/").content.decode()
    assert secret not in str(list(Entry.objects.values()))
    assert holder_of(token, address="192.0.2.1").user == bob
    row.refresh_from_db()
    assert row.last_used_from == "192.0.2.1"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"role": "manager"}, "more than your own role"),
        ({"days": 366}, "less than or equal to 365"),
        ({"days": -1}, "greater than or equal to 1"),
        ({"name": ""}, "required"),
        ({"tenant": ""}, "required"),
    ],
)
def test_what_is_too_much_is_refused_at_its_field(bob, lab, data, said):
    asked = {"name": "backup", "tenant": lab.pk, "role": "reader", "days": 90} | data
    answer = signed_in(bob).post("/accounts/keys/new/", asked)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_nobody_gets_one_for_a_tenant_of_others_or_as_administrator(bob, other):
    for tenant, role in ((other, Role.READER), (None, Role.ADMIN)):
        with pytest.raises(PermissionDenied):
            make(bob, tenant, role)


def test_the_lesser_of_both_roles_counts(alice, lab):
    token = make(alice, lab, Role.MEMBER).token
    assert holder_of(token, address=None).actor("lab").role == Role.MEMBER
    Membership.objects.update(role=Role.READER)
    actor = holder_of(token, address=None).actor("lab")
    assert (actor.role, actor.via) == (Role.READER, "backup")
    with pytest.raises(PermissionDenied):
        actor.require(Role.MEMBER)


def test_it_opens_its_own_tenant_only(alice, lab, other):
    Membership.objects.create(user=alice, tenant=other, role=Role.MANAGER)
    holder = holder_of(make(alice, lab).token, address=None)
    assert holder.actor("other") is None
    assert holder.actor("lab").tenant == lab


def test_the_key_of_a_tenant_does_not_administer(root, lab):
    holder = holder_of(make(root, lab, Role.MANAGER).token, address=None)
    assert holder.administrator is None
    assert holder.actor("lab").role == Role.MANAGER


def test_it_ends_with_its_time(bob, lab):
    token = make(bob, lab).token
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "expired" in why(token)


def test_it_ends_when_it_is_revoked(bob, lab):
    made = make(bob, lab)
    assert signed_in(bob).post(f"/accounts/keys/{made.key.pk}/revoke/").status_code == 303
    assert "revoked" in why(made.token)


def test_nobody_revokes_that_of_somebody_else(bob, alice, lab):
    made = make(bob, lab)
    assert signed_in(alice).post(f"/accounts/keys/{made.key.pk}/revoke/").status_code == 404
    assert holder_of(made.token, address=None)


def test_it_ends_with_the_membership(bob, lab):
    token = make(bob, lab).token
    Membership.objects.all().delete()
    assert "not in its tenant" in why(token)


def test_it_ends_while_the_account_is_disabled(bob, lab):
    token = make(bob, lab).token
    bob.is_active = False
    bob.save()
    assert "disabled" in why(token)


def test_it_waits_for_a_second_factor_that_the_role_demands(bob, lab, settings):
    token = make(bob, lab).token
    settings.SECOND_FACTOR = ["member"]
    assert "second factor" in why(token)
    give_app(bob)
    assert holder_of(token, address=None)


def test_an_administrators_key_ends_with_the_role(root):
    token = make(root, None, Role.ADMIN).token
    assert holder_of(token, address=None).administrator.via == "backup"
    root.is_superuser = False
    root.save()
    assert "no administrator" in why(token)


def test_what_is_wrong_is_told_only_to_who_has_the_secret(bob, lab):
    made = make(bob, lab)
    actions.revoke(bob, made.key.pk, address=None)
    forged = tokens.token_of(made.key.public_id, "0" * 64)
    assert {why(forged), why("sky_1_2"), why(""), why("x" * 10_000)} == {"This API key is not known here."}


def test_health_in_detail_is_for_an_administrators_key(root, bob, lab, cloud):
    full = healthz(make(root, None, Role.ADMIN).token).json()
    assert full["clouds"][0]["name"] == "pretend"
    assert full["open_operations"] == 0
    assert healthz(make(bob, lab).token).json() == {"status": "ok", "database": "ok"}
    assert Client().get("/healthz").json() == {"status": "ok", "database": "ok"}


def test_a_bad_key_is_refused_in_a_sentence(db):
    answer = healthz("sky_nonsense")
    assert (answer.status_code, answer.json()) == (401, {"error": "This API key is not known here."})
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_pages_are_not_for_keys_and_a_cookie_beside_one_does_not_count(root, lab):
    token = make(root, None, Role.ADMIN).token
    client = signed_in(root)
    for path in ("/", "/t/lab/instances/", "/clouds/", "/accounts/"):
        answer = client.get(path, headers={"Authorization": f"bearer {token}"})
        assert answer.status_code == 403
        assert "page for people" in answer.json()["error"]
    assert client.post("/accounts/logout/", headers={"Authorization": f"Bearer {token}"}).status_code == 403
    assert "clouds" not in healthz("sky_nonsense", client).json()


def test_no_log_has_the_secret(bob, lab, caplog):
    token = make(bob, lab).token
    healthz(token)
    healthz(token[:-1] + "x")
    assert tokens.parse(token)[1] not in caplog.text


def test_there_is_an_end_to_how_many(bob, lab, monkeypatch):
    monkeypatch.setattr(actions, "MOST", 2)
    for _ in range(2):
        make(bob, lab)
    asked = {"name": "third", "tenant": lab.pk, "role": "reader", "days": 90}
    answer = signed_in(bob).post("/accounts/keys/new/", asked)
    assert answer.status_code == 422
    assert "Revoke one first" in answer.content.decode()


def test_the_trail_of_the_tenant_says_it(bob, lab):
    make(bob, lab)
    entry = Entry.objects.get(verb="api-key.create")
    assert (entry.tenant, entry.actor, entry.after["role"]) == (str(lab.pk), "bob", "member")


def roles_offered(client, **chosen):
    page = client.get("/accounts/keys/new/", chosen).content.decode()
    select = page[page.index('id="id_role"') :].partition("</select>")[0]
    return re.findall(r'value="(\w+)"', select)


def test_no_role_is_offered_beyond_ones_own_in_the_tenant(alice, bob, root, lab, other):
    assert roles_offered(signed_in(bob)) == ["reader", "member"]
    Membership.objects.create(user=bob, tenant=other, role=Role.MANAGER)
    by_bob = signed_in(bob)
    assert roles_offered(by_bob) == ["reader", "member", "manager"], "none is chosen yet"
    assert roles_offered(by_bob, tenant=lab.pk) == ["reader", "member"]
    assert roles_offered(by_bob, tenant=other.pk) == ["reader", "member", "manager"]
    by_root = signed_in(root)
    assert roles_offered(by_root) == ["reader", "member", "manager", "admin"]
    assert roles_offered(by_root, tenant="") == ["admin"]
    assert roles_offered(by_root, tenant="lab") == ["reader", "member", "manager"]
    assert roles_offered(by_root, tenant="nowhere") == ["reader", "member", "manager", "admin"]


def test_an_administrator_types_the_tenant_of_which_there_may_be_a_thousand(root, lab, other):
    by_root = signed_in(root)
    page = by_root.get("/accounts/keys/new/").content.decode()
    assert 'data-find-tenants="/switch/"' in page
    assert "tenants/picker.js" in page
    asked = {"name": "backup", "role": "reader", "days": 90}
    assert by_root.post("/accounts/keys/new/", asked | {"tenant": "nowhere"}).status_code == 422
    assert by_root.post("/accounts/keys/new/", asked | {"tenant": "Other"}).status_code == 200
    assert ApiKey.objects.get().tenant == other


def test_the_form_says_what_a_key_opens(bob, lab):
    assert "So far keys open one address, /healthz" in signed_in(bob).get("/accounts/keys/new/").content.decode()


def test_in_a_disabled_tenant_only_looking_is_offered(alice, lab):
    type(lab).objects.update(disabled_at=timezone.now())
    assert roles_offered(signed_in(alice)) == ["reader"]


def test_what_was_chosen_stays_where_the_tenant_is_changed(bob, lab):
    page = signed_in(bob).get("/accounts/keys/new/", {"tenant": lab.pk, "role": "member"}).content.decode()
    assert '<option value="member" selected>' in page


def test_who_is_in_no_tenant_reads_so_instead_of_an_empty_form(db):
    client = signed_in(make_user("nora"))
    for answer in (client.get("/accounts/keys/new/"), client.post("/accounts/keys/new/", {"name": "x"})):
        page = answer.content.decode()
        assert "You are in no tenant yet, and a key acts in one." in page
        assert 'name="tenant"' not in page


def test_tenants_of_the_same_name_are_told_apart(bob, lab, other):
    type(lab).objects.update(name="Lab")
    Membership.objects.create(user=bob, tenant=other, role=Role.READER)
    page = signed_in(bob).get("/accounts/keys/new/").content.decode()
    assert "Lab (lab)" in page
    assert "Lab (other)" in page
    make(bob, other, Role.READER)
    assert "Reader in Lab (other)" in signed_in(bob).get("/accounts/").content.decode()


def test_the_roles_of_another_tenant_come_without_proving_again_who_one_is(bob, lab):
    client = Client()
    client.force_login(bob)  # without having typed a password lately
    assert client.get("/accounts/keys/new/").status_code == 302
    answer = client.get("/accounts/keys/new/", {"tenant": lab.pk}, headers={"HX-Request": "true"})
    assert 'id="id_role"' in answer.content.decode()
    assert client.post("/accounts/keys/new/", {"name": "x"}, headers={"HX-Request": "true"}).status_code != 200

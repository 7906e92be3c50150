"""In a disabled tenant members look and administrators do; what runs goes on."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from dashboard.instances import actions as instances
from dashboard.live.visits import Visit, roles_of
from dashboard.overview.abilities import abilities_of
from dashboard.tenancy.access import find_actor
from dashboard.tenancy.models import Role, Tenant
from dashboard.tenants import actions
from tests.addresses import url_of
from tests.matrix import MANAGER, MATRIX, MEMBER, READER
from tests.test_access import outcome, undone

OF_MEMBERS = [name for name, row in MATRIX.items() if row.get("post") in (MEMBER, MANAGER)]
LOOKS = {"audit:index", "audit:entry", "audit:export"}
"""What managers look at and nobody changes."""
LOOKING = [(name, row["get"]) for name, row in MATRIX.items() if row.get("get") == READER or name in LOOKS]
FOR_ONESELF = {"operations:bell-read": "how far one has read"}
"""What readers may post changes nothing of the tenant."""


@pytest.fixture
def disabled(lab, administrator):
    assert actions.disable(administrator, lab.pk, reason="The bill of May is open")
    lab.refresh_from_db()
    return lab


@pytest.mark.slow
def test_every_change_is_refused_beside_a_success_when_it_is_enabled(target, cast, administrator, lab):
    clients = {name: Client() for name in ("alice", "root")}
    for name, client in clients.items():
        client.force_login(cast[name])
    for name in OF_MEMBERS:
        with undone():
            url = url_of(name, target)
            with undone():
                assert outcome(clients["alice"].post(url)) == "yes", name
            actions.disable(administrator, lab.pk, reason="The bill of May is open")
            answer = clients["alice"].post(url)
            assert answer.status_code == 403, name
            for part in ("Lab is disabled", "The bill of May is open", "Ask root"):
                assert part in answer.content.decode(), name
            assert outcome(clients["root"].post(url)) == "yes", f"an administrator may: {name}"


def test_what_readers_may_send_changes_nothing_of_the_tenant():
    assert {name for name, row in MATRIX.items() if row.get("post") == READER} == set(FOR_ONESELF)


@pytest.mark.slow
def test_every_page_is_still_there_to_look_at(target, cast, administrator, lab):
    urls = {name: url_of(name, target) for name, who in LOOKING}
    actions.disable(administrator, lab.pk, reason="The bill of May is open")
    for person in ("rita", "bob", "alice"):
        client = Client()
        client.force_login(cast[person])
        found = {name: outcome(client.get(urls[name])) for name in urls}
        assert found == {name: who[person] for name, who in LOOKING}


def test_members_read_why_on_each_page_and_their_grey_buttons_say_it_too(client, bob, launch, work, disabled):
    with pytest.raises(PermissionDenied, match="Lab is disabled"):
        find_actor(bob, "lab").require(Role.MEMBER)
    client.force_login(bob)
    for page in ("", "instances/", "networks/", "key-pairs/", "operations/", "clouds/"):
        text = client.get(f"/t/lab/{page}").content.decode()
        assert "This tenant is disabled." in text, page
        assert "The bill of May is open" in text, page
        assert "Ask root to enable it" in text, page


def test_the_buttons_of_an_instance_say_that_the_tenant_is_disabled(client, bob, launch, work, lab, administrator):
    instance = launch()
    work()
    client.force_login(bob)
    page = f"/t/lab/instances/{instance.pk}/"
    assert "Lab is disabled: you may only look." not in client.get(page).content.decode()
    actions.disable(administrator, lab.pk, reason="unpaid")
    assert "Lab is disabled: you may only look." in client.get(page).content.decode()
    client.force_login(administrator.user)
    assert "you may only look" not in client.get(page).content.decode()


def test_the_list_says_it_while_it_is_so_whoever_looked_before(client, alice, rita, launch, work, lab, administrator):
    launch()
    work()

    def page(user):
        client.force_login(user)
        return client.get("/t/lab/instances/").content.decode()

    assert "Lab is disabled: you may only look." not in page(rita)
    actions.disable(administrator, lab.pk, reason="unpaid")
    for user in (alice, rita):
        assert "Lab is disabled: you may only look." in page(user)
        assert "This needs the role" not in page(user)
    assert actions.enable(administrator, lab.pk)
    assert "Lab is disabled: you may only look." not in page(rita)


@pytest.mark.parametrize("page", ["instances/", "key-pairs/", "quota/", "people/"])
def test_lists_say_that_the_tenant_is_disabled_and_not_that_the_role_is_too_small(client, alice, cloud, disabled, page):
    client.force_login(alice)
    text = client.get(f"/t/lab/{page}").content.decode()
    assert "Lab is disabled: you may only look." in text
    assert "Your role lets you look only" not in text
    assert "Managers invite people." not in text
    Tenant.objects.update(disabled_at=None)
    assert "you may only look" not in client.get(f"/t/lab/{page}").content.decode()


def test_the_page_of_abilities_says_what_managers_may_still_look_at(client, alice, bob, lab, administrator):
    def allowed(user):
        answers = [answer for _title, group in abilities_of(find_actor(user, "lab"), []) for answer in group]
        return {str(answer.label) for answer in answers if not answer.why_not}

    audit, before = "Read and export the audit trail", allowed(alice)
    actions.disable(administrator, lab.pk, reason="unpaid")
    assert audit in allowed(alice) < before
    assert audit not in allowed(bob)
    client.force_login(alice)
    text = client.get("/t/lab/abilities/").content.decode()
    assert "you have the role <strong>Manager</strong>" in text
    assert "Needs the role" not in text


def test_the_sentence_of_one_tenant_does_not_stay_for_the_next_page(client, bob, rita, disabled, launch):
    client.force_login(bob)
    client.get("/t/lab/instances/")
    Tenant.objects.update(disabled_at=None)
    client.force_login(rita)
    assert "is disabled" not in client.get("/t/lab/instances/").content.decode()


def test_what_is_under_way_goes_on_and_so_do_deadlines(launch, work, as_bob, lab, administrator, settings):
    from datetime import timedelta

    from django.utils import timezone

    from dashboard.instances.models import Instance
    from dashboard.instances.tasks import keep_deadlines

    built = launch("built")
    work()
    instances.change(as_bob, built.pk, "delete")
    under_way = launch("under-way")
    actions.disable(administrator, lab.pk, reason="unpaid")
    work()
    assert Instance.objects.get(pk=under_way.pk).status == "ACTIVE"
    Instance.objects.filter(pk=built.pk).update(delete_at=timezone.now() - timedelta(seconds=1))
    keep_deadlines()
    work()
    assert Instance.objects.get(pk=built.pk).deleted_at


def test_an_open_console_is_watched_as_one_that_may_only_look(bob, root, disabled, client):
    client.force_login(bob)
    visit = Visit(session_key=client.session.session_key, user_id=bob.pk, tenant_id=disabled.pk)
    assert roles_of([visit])[visit] is Role.READER


def test_disabling_twice_keeps_the_first_reason_and_enabling_twice_is_harmless(as_root, administrator, lab):
    assert actions.disable(administrator, lab.pk, reason="first")
    assert not actions.disable(administrator, lab.pk, reason="second")
    lab.refresh_from_db()
    assert (lab.disabled_reason, lab.disabled_by) == ("first", "root")
    assert actions.enable(administrator, lab.pk)
    assert not actions.enable(administrator, lab.pk)


def test_a_reason_is_wanted(as_root, lab):
    answer = as_root.post("/tenants/lab/disable/", {"reason": " "})
    assert (answer.status_code, b"Say why" in answer.content) == (422, True)
    lab.refresh_from_db()
    assert not lab.is_disabled

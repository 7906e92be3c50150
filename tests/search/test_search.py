"""The search: what is found, and by whom. No byte of another tenant ever."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from dashboard.instances.models import Instance
from dashboard.keypairs.models import KeyPair
from dashboard.networks.models import Network, Port
from dashboard.operations.models import Operation
from dashboard.search.find import Scope
from dashboard.tenancy.models import Membership, Role, Tenant
from tests.conftest import make_tenant

pytestmark = pytest.mark.django_db


def browser_of(user):
    browser = Client()
    browser.force_login(user)
    return browser


def page(user, q, tenant="lab", **query):
    path = f"/t/{tenant}/search/" if tenant else "/search/"
    answer = browser_of(user).get(path, {"q": q} | query)
    assert answer.status_code == 200
    return answer.content.decode()


def found(user, q, tenant="lab", **query):
    """`kind -> titles`, from what the page was made of."""
    path = f"/t/{tenant}/search/" if tenant else "/search/"
    groups = browser_of(user).get(path, {"q": q} | query).context["groups"]
    return {group.kind: [result.title for result in group.results] for group in groups}


def key_pair(tenant, name):
    fields = {"public_key": "ssh-ed25519 AAAA", "md5": "", "kind": "ed25519", "bits": 256}
    return KeyPair.objects.create(
        tenant=tenant, name=name, fingerprint=uuid.uuid4().hex, key=uuid.uuid4().hex, **fields
    )


@pytest.fixture
def both(lab, other, cloud, image, small, launch):
    """The same things in two tenants: alike in all but the tenant's name."""
    launch("needle-lab")
    for tenant in (lab, other):
        key_pair(tenant, f"needle-key-{tenant.slug}")
        Network.objects.create(tenant=tenant, cloud=cloud, remote_id="n", name=f"needle-net-{tenant.slug}")
    theirs = Instance.objects.defer(None).get()
    operation = Operation.objects.get()
    for row, name in ((theirs, "name"), (operation, "target_name")):
        row.pk, row.tenant = uuid.uuid4(), other
        row._state.adding = True
        setattr(row, name, "needle-other")
    operation.key, operation.target_id = "theirs", theirs.pk
    theirs.save()
    operation.save()


def test_a_member_finds_what_is_theirs_of_every_kind(both, rita):
    assert found(rita, "needle") == {
        "instances": ["needle-lab"],
        "key-pairs": ["needle-key-lab"],
        "networks": ["needle-net-lab"],
        "operations": ["needle-lab"],
    }


def test_no_byte_of_another_tenant_reaches_anybody(both, rita, bob, alice, other):
    for user in (rita, bob, alice):
        for q in ("needle", "other", str(Instance.objects.get(tenant=other).pk), "needle-other"):
            shown = page(user, q).replace(f"“{q}”", "").replace(f'"{q}"', "").replace(f">{q} ·", "")
            assert "needle-other" not in shown
            assert "-other" not in shown


def test_an_administrator_finds_what_is_everybodys_with_its_tenant(both, root):
    assert set(found(root, "needle")["instances"]) == {"needle-lab", "needle-other"}
    assert set(found(root, "needle", tenant="")["key-pairs"]) == {"needle-key-lab", "needle-key-other"}
    assert "/t/other/instances/" in page(root, "needle")


def test_tenants_are_those_that_one_may_enter(both, rita, root, other):
    make_tenant("other-2")
    assert "tenants" not in found(rita, "other")
    Membership.objects.create(user=rita, tenant=other, role=Role.READER)
    assert found(rita, "other")["tenants"] == ["Other"]
    assert found(rita, "oth", tenant="") == {"tenants": ["Other"]}
    assert found(root, "other")["tenants"] == ["Other", "Other-2"]


def test_images_and_clouds_are_those_of_the_tenants_own_clouds(cloud, image, rita, charlie, lab):
    q = image.name[:5]
    assert image.name in found(rita, q)["images"]
    assert found(rita, "pretend")["clouds"] == ["pretend"]
    lab.cloud_accounts.all().delete()
    assert found(rita, q) == {}
    assert found(rita, "pretend") == {}


def test_the_very_name_comes_first_then_what_begins_with_it(launch, rita):
    for name in ("web", "my-web", "web-2", "old-web"):
        launch(name)
    assert found(rita, "web")["instances"][:2] == ["web", "web-2"]


def test_a_few_of_each_and_the_way_to_all_of_them(launch, rita, root, lab):
    template = launch("many-0")
    for number in range(1, 9):
        template.pk, template.name = uuid.uuid4(), f"many-{number}"
        template._state.adding = True
        template.save()
    assert len(found(rita, "many")["instances"]) == 6
    assert 'href="/t/lab/instances/?q=many"' in page(rita, "many")
    assert 'href="/instances/?q=many"' in page(root, "many")
    assert len(found(root, "many", only="instances")["instances"]) == 9


def test_an_instance_is_found_by_its_id_and_its_address(launch, work, rita):
    instance = launch("by-id")
    work()
    instance.refresh_from_db()
    assert found(rita, str(instance.pk))["instances"] == ["by-id"]
    assert found(rita, instance.addresses[0])["instances"] == ["by-id"]


IDS = ["i-0123abcd", "i-0123abcd456789ef0", "0f9a2f6e-5f0c-4f4e-9c4b-6f4f1d2a3b4c"]


@pytest.mark.parametrize("remote_id", IDS)
def test_an_instance_is_found_by_the_clouds_id_of_it(launch, rita, root, charlie, other, remote_id):
    launch("another")
    Instance.objects.filter(pk=launch("by-cloud").pk).update(remote_id=remote_id)
    for q in (remote_id, remote_id.upper(), f" {remote_id} "):
        assert found(rita, q) == {"instances": ["by-cloud"]}
        assert found(root, q, tenant="")["instances"] == ["by-cloud"]
    assert found(rita, remote_id[:6])["instances"] == ["by-cloud"]
    assert found(charlie, remote_id, tenant="other") == {}
    listed = browser_of(rita).get("/t/lab/instances/", {"q": remote_id}).content.decode()
    assert "by-cloud" in listed
    assert "another" not in listed


@pytest.mark.parametrize("remote_id", IDS)
def test_a_clouds_id_costs_no_more_queries_than_any_text(launch, rita, root, django_assert_max_num_queries, remote_id):
    Instance.objects.filter(pk=launch("by-cloud").pk).update(remote_id=remote_id)
    for user in (rita, root):
        browser = browser_of(user)
        with django_assert_max_num_queries(12):
            browser.get("/t/lab/search/", {"q": remote_id})


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads a table of a few rows as it is")
def test_a_clouds_id_is_looked_up_and_not_looked_for(root):
    scope = Scope(user=root, role=Role.ADMIN, tenant=None, q=IDS[0])
    assert "instance_by_remote_id" in Instance.objects.listed().filter(scope.whose_id).order_by().explain()


def delete(instance, *, minutes=5):
    Instance.objects.filter(pk=instance.pk).update(delete_at=timezone.now() + timedelta(minutes=minutes))


def test_one_that_was_deleted_and_can_be_restored_is_found_as_that_and_leads_to_where_it_is_restored(launch, work, bob):
    instance = launch("gone-soon")
    work()
    delete(instance)
    assert found(bob, "gone-soon") | {"operations": []} == {"deleted": ["gone-soon"], "operations": []}
    assert found(bob, str(instance.pk))["deleted"] == ["gone-soon"]
    shown = page(bob, "gone-soon")
    assert "Deleted, can be restored" in shown
    url = f"/t/lab/instances/{instance.pk}/"
    assert f'href="{url}"' in shown
    assert f'formaction="{url}restore/"' in browser_of(bob).get(url).content.decode()


def test_one_that_is_being_removed_is_not_found(launch, rita):
    delete(launch("gone-now"), minutes=-1)
    assert found(rita, "gone-now").keys() == {"operations"}


def test_what_another_tenant_deleted_is_found_by_administrators_only(both, rita, charlie, root, other):
    delete(Instance.objects.get(tenant=other))
    assert "deleted" not in found(rita, "needle")
    assert found(charlie, "needle", tenant="other")["deleted"] == ["needle-other"]
    assert found(root, "needle")["deleted"] == ["needle-other"]


@pytest.mark.parametrize("q", ["%", "_", "\\", "'", "\x00", "x" * 10_000, "<script>", "{{ 7*7 }}", "\u202e", "0" * 32])
def test_hostile_text_finds_nothing_and_breaks_nothing(launch, rita, q):
    launch("web-1")
    assert found(rita, q) in ({}, {"instances": ["web-1"], "operations": ["web-1"]} if not q.strip("\x00") else {})
    assert "<script>" not in page(rita, q).partition("<main")[2]


def test_what_matches_is_marked_and_hostile_names_stay_text(launch, rita):
    Instance.objects.filter(pk=launch("x").pk).update(name="<img src=x onerror=alert(1)> web")
    shown = page(rita, "IMG")
    assert "&lt;<mark>img</mark> src=x" in shown
    assert "<img" not in shown


def test_nothing_typed_finds_nothing_and_asks_for_something(rita, lab):
    assert "What are you looking for?" in page(rita, "")
    assert "Nothing found" in page(rita, "zzz")


def test_every_word_has_to_be_there_in_whatever_order(launch, rita):
    launch("web-prod-1")
    launch("web-test-1")
    assert found(rita, "prod web")["instances"] == ["web-prod-1"]
    assert "<mark>web</mark>-<mark>prod</mark>-1" in page(rita, "prod web")


def test_the_fields_of_the_list_narrow_instances_and_nothing_else_is_looked_for(launch, work, rita, lab, root):
    web, db = launch("web-1"), launch("db-1")
    work()
    Instance.objects.filter(pk=web.pk).update(tags=["prod"], addresses=["10.0.0.7"])
    Instance.objects.filter(pk=db.pk).update(addresses=["10.0.0.8"])
    assert found(rita, "ip:10.0.0.7") == {"instances": ["web-1"]}
    assert found(rita, "ip:10.0.0. -tag:prod cloud:pretend") == {"instances": ["db-1"]}
    assert found(root, "ip:10.0.0. tenant:other", tenant="") == {}
    assert found(rita, "name:web") == {"instances": ["web-1"]}
    assert "<mark>web</mark>-1" in page(rita, "name:web")
    assert "No instance that you may see is found by “ip:10.9.”" in page(rita, "ip:10.9.")


def test_a_minus_leaves_out_of_every_kind(both, rita):
    key_pair(Tenant.objects.get(slug="lab"), "needle-old")
    assert found(rita, "needle -old -net") == {
        "instances": ["needle-lab"],
        "key-pairs": ["needle-key-lab"],
        "operations": ["needle-lab"],
    }


def test_what_is_wrong_with_a_field_is_said(launch, rita):
    launch("web-1")
    assert "“stoped” is no status; did you mean “stopped”?" in page(rita, "status:stoped")
    assert found(rita, "status:stoped") == {}
    assert found(rita, "web status:stoped") == {"instances": ["web-1"]}
    assert "“stoped” is no status" in page(rita, "web status:stoped")


def test_what_only_looks_like_a_field_is_a_word(lab, rita):
    key_pair(lab, "http://a")
    assert found(rita, "http://a") == {"key-pairs": ["http://a"]}


def test_a_field_that_only_administrators_have_is_a_word_for_others(launch, work, rita, root):
    launch("web-1")
    work()
    Instance.objects.update(host="kvm-1")
    assert found(root, "host:kvm-1") == {"instances": ["web-1"]}
    assert found(rita, "host:kvm-1") == {}


def test_an_instance_is_found_by_the_hardware_address_of_its_port(launch, work, rita, charlie, lab, cloud, other):
    launch("web-1")
    work()
    plugged = {"instance_id": Instance.objects.get().remote_id, "mac": "fa:16:3e:0a:0b:0c"}
    Port.objects.create(tenant=lab, cloud=cloud, remote_id="p", **plugged)
    for q in ("fa:16:3e:0a:0b:0c", "FA:16:3E:0A"):
        assert found(rita, q) == {"instances": ["web-1"]}
    assert found(rita, "fa:16:3e:0a:0b:0d") == {}
    assert found(charlie, "fa:16:3e:0a", tenant="other") == {}


def test_the_number_of_queries_does_not_depend_on_what_there_is(both, rita, root, django_assert_max_num_queries):
    for user in (rita, root):
        browser = browser_of(user)
        with django_assert_max_num_queries(12):
            browser.get("/t/lab/search/", {"q": "needle"})


def test_the_dialog_gets_the_results_alone(both, rita):
    shown = browser_of(rita).get("/t/lab/search/", {"q": "needle"}, headers={"HX-Request": "true"}).content.decode()
    assert shown.strip().startswith('<div id="search-results" data-q="needle"')
    assert 'role="option"' in shown
    assert "<html" not in shown

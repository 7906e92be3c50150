"""Deleting a tenant: refused while anything is left; or emptied first, whatever happens on the way."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.audit.models import Chain, Entry
from dashboard.audit.verify import first_broken
from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.models import CloudAccount
from dashboard.images.models import Image
from dashboard.instances import actions as instances
from dashboard.instances import inventory
from dashboard.instances.models import Flavor, Instance
from dashboard.keypairs.actions import generate
from dashboard.networks import actions as networking
from dashboard.networks.models import Network
from dashboard.operations.models import Operation, long_ago
from dashboard.quotas.models import Quota, Reservation
from dashboard.tenancy.models import Membership, Tenant
from dashboard.tenants import actions, deleting, emptying
from dashboard.tenants.models import Emptying
from tests.conftest import actor_of
from tests.instances.conftest import placed  # noqa: F401

MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w+ \d+ \w+ ago"
"""As all pages write a time: exact, with the age beside it."""


def said(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def empty_out(work):
    """Looks and works in turn until it ended; returns how it did."""

    def until_over(row: Emptying, rounds: int = 60) -> Emptying:
        for _ in range(rounds):
            Emptying.objects.update(due_at=long_ago())
            emptying.go_on(row.pk)
            row.refresh_from_db()
            if row.state != Emptying.State.RUNNING:
                return row
            work()
        raise AssertionError(f"still running: {row.left} {row.problems}")

    return until_over


@pytest.fixture
def full(placed, lab, bob, alice, work):  # noqa: F811
    """`lab` with something of each kind, one instance of it deleted and one locked."""
    actor = actor_of(bob, lab)
    flavor = Flavor.objects.filter(cloud=placed, disk_gib__gte=10).order_by("ram_mib").first()
    image = Image.objects.filter(cloud=placed).first()
    made = [
        instances.launch(actor, name=name, cloud=placed, image=image, flavor=flavor, key=name)
        for name in ("web", "gone", "locked")
    ]
    subnet = {"cidr": "10.5.0.0/24", "gateway": "", "has_dhcp": True, "dns": []}
    external = Network.objects.filter(tenant=lab, is_external=True).first()
    networking.create_network(actor, cloud=placed, name="mine", subnet=subnet, external=external, key="n")
    networking.create_group(actor, cloud=placed, name="mine", description="", key="g")
    if external:
        networking.allocate(actor, cloud=placed, external=external, key="a")
    generate(actor, name="laptop", key="k")
    work()
    instances.change(actor, made[1].pk, "delete")
    work()
    instances.change(actor, made[2].pk, "lock")
    work()
    return lab


def test_an_empty_tenant_goes_with_its_quota_and_members_and_its_audit_trail_stays(as_root, lab, bob):
    answer = as_root.post("/tenants/lab/delete/", {"name": "Lab"})
    assert answer["Location"] == "/tenants/"
    assert not Tenant.objects.exists()
    assert not Quota.objects.exists()
    assert not Membership.objects.exists()
    bob.refresh_from_db()
    last = Entry.objects.latest("pk")
    assert (last.verb, last.object_name, last.tenant, last.actor) == ("tenant.delete", "lab", str(lab.pk), "root")
    assert last.before["members"] == ["bob"]
    assert "lab" in as_root.get("/audit/").content.decode()
    assert [first_broken(chain.name) for chain in Chain.objects.all()] == [None]


@pytest.mark.parametrize("typed", ["", "lab2", "LAB", "Lab\u200b"])
def test_without_the_name_nothing_is_deleted(as_root, lab, typed):
    for how in ({}, {"empty": "1"}):
        assert as_root.post("/tenants/lab/delete/", {"name": typed, **how}).status_code == 422
    assert Tenant.objects.exists()
    assert not Emptying.objects.exists()


def test_a_name_in_another_script_or_the_short_name_will_do(as_root, lab, other):
    Tenant.objects.filter(pk=lab.pk).update(name="قسم الفيزياء")
    assert as_root.post("/tenants/lab/delete/", {"name": " قسم  الفيزياء "}).status_code == 303
    assert as_root.post("/tenants/other/delete/", {"name": "other"}).status_code == 303
    assert not Tenant.objects.exists()


def test_it_is_refused_while_anything_is_left_and_lists_what(as_root, full):
    page = said(as_root.get("/tenants/lab/delete/"))
    for part in ("3 Instances one of them deleted, and can be restored", "1 Key pair ", "1 Place on a cloud "):
        assert part in page, page
    answer = as_root.post("/tenants/lab/delete/", {"name": "Lab"})
    assert (answer.status_code, "something is left" in said(answer)) == (422, True)
    assert Tenant.objects.filter(slug="lab").exists()


def test_emptying_deletes_all_step_by_step_and_then_the_tenant(as_root, full, empty_out, placed):  # noqa: F811
    answer = as_root.post("/tenants/lab/delete/", {"name": "Lab", "empty": "1"})
    row = Emptying.objects.get()
    assert answer["Location"] == f"/tenants/emptied/{row.pk}/"
    full.refresh_from_db()
    assert full.is_disabled
    assert "0 of 3 gone" in said(as_root.get(answer["Location"]))
    assert empty_out(row).state == Emptying.State.DONE, row.problems
    assert not Tenant.objects.filter(slug="lab").exists()
    assert not Operation.objects.filter(tenant=full.pk).exists()
    assert not Reservation.objects.filter(tenant=full.pk).exists()
    page = said(as_root.get(answer["Location"]))
    assert re.search(f"Lab was deleted at {MOMENT} . Its audit trail stays.", page), page
    assert re.search(f"Asked for by root at {MOMENT} . ", page)
    assert "3 of 3 gone" in page
    assert "Lab" in said(as_root.get("/tenants/emptied/"))
    last = Entry.objects.filter(tenant=str(full.pk)).latest("number")
    assert (last.verb, last.actor, last.on_behalf_of) == ("tenant.delete", "system", "root")
    assert [first_broken(chain.name) for chain in Chain.objects.all()] == [None] * Chain.objects.count()


def on_the_cloud(placed):  # noqa: F811
    return [place.id for place in placed.driver().places.list()]


def test_its_project_stays_on_the_cloud_and_that_is_said_before_and_after(as_root, full, empty_out, placed):  # noqa: F811
    assert inventory.sync_cloud(placed.pk)
    place = CloudAccount.objects.get(tenant=full, cloud=placed)
    CloudAccount.objects.filter(pk=place.pk).update(remote_name="lab-there")
    page = as_root.get("/tenants/lab/delete/")
    assert "Project lab-there on pretend" in said(page)
    assert f"/clouds/{placed.pk}/tenants/lab/unlink/" in page.content.decode()
    answer = as_root.post("/tenants/lab/delete/", {"name": "Lab", "empty": "1"})
    row = empty_out(Emptying.objects.get())
    assert (row.state, place.remote_id in on_the_cloud(placed)) == (Emptying.State.DONE, True)
    assert re.search(r"Stays on its cloud: project lab-there on pretend ?\.", said(as_root.get(answer["Location"])))


def test_its_project_is_deleted_on_the_cloud_as_well_where_that_is_wanted(as_root, full, empty_out, placed):  # noqa: F811
    assert inventory.sync_cloud(placed.pk)
    place = CloudAccount.objects.get(tenant=full, cloud=placed)
    assert "Delete on the cloud as well" in said(as_root.get("/tenants/lab/delete/"))
    answer = as_root.post("/tenants/lab/delete/", {"name": "wrong", "empty": "1", "also-delete": "yes"})
    assert re.search(r'name="also-delete"[^>]* checked', answer.content.decode())
    answer = as_root.post("/tenants/lab/delete/", {"name": "Lab", "empty": "1", "also-delete": "yes"})
    row = empty_out(Emptying.objects.get())
    assert (row.state, place.remote_id in on_the_cloud(placed)) == (Emptying.State.DONE, False)
    assert "Stays on its cloud" not in said(as_root.get(answer["Location"]))


def test_what_only_the_cloud_knows_of_in_it_stops_that_and_is_said(as_root, lab, empty_out, placed):  # noqa: F811
    assert inventory.sync_cloud(placed.pk)
    place = CloudAccount.objects.get(tenant=lab, cloud=placed)
    outside.make_instance(placed.settings["path"], place_id=place.remote_id, name="by-hand")
    answer = as_root.post("/tenants/lab/delete/", {"name": "Lab", "empty": "1", "also-delete": "yes"})
    row = empty_out(Emptying.objects.get())
    assert row.state == Emptying.State.STOPPED
    assert "Left there: 1 instance." in said(as_root.get(answer["Location"]))
    assert place.remote_id in on_the_cloud(placed)


def test_one_that_was_linked_stays_whatever_is_wanted(as_root, full, empty_out, placed):  # noqa: F811
    assert inventory.sync_cloud(placed.pk)
    CloudAccount.objects.update(origin=CloudAccount.Origin.LINKED)
    page = said(as_root.get("/tenants/lab/delete/"))
    assert "Delete on the cloud as well" not in page
    assert "to be deleted there, if at all" in page
    as_root.post("/tenants/lab/delete/", {"name": "Lab", "empty": "1", "also-delete": "yes"})
    row = empty_out(Emptying.objects.get())
    assert (row.state, len(row.kept), len(on_the_cloud(placed))) == (Emptying.State.DONE, 1, 2)


def test_where_it_stops_it_says_what_remains_and_goes_on_when_it_is_resumed(
    as_root,
    administrator,
    full,
    empty_out,
    placed,  # noqa: F811
):
    faults = Faults(placed.settings["path"])
    faults.fail("Refused", reason="other", call="delete", times=1)
    row = empty_out(deleting.empty(administrator, full))
    assert row.state == Emptying.State.STOPPED
    page = as_root.get(f"/tenants/emptied/{row.pk}/")
    assert row.problems[0]["name"] in said(page)
    assert row.problems[0]["operation"] in page.content.decode()
    assert Tenant.objects.get(slug="lab").is_disabled
    as_root.post(f"/tenants/emptied/{row.pk}/resume/")
    row.refresh_from_db()
    assert empty_out(row).state == Emptying.State.DONE, row.problems


def test_it_can_be_stopped_and_the_tenant_enabled_again(as_root, administrator, full):
    row = deleting.empty(administrator, full)
    assert deleting.empty(administrator, full).pk == row.pk, "asked for twice it is one"
    assert not actions.enable(administrator, full.pk), "not while it is being emptied"
    as_root.post(f"/tenants/emptied/{row.pk}/stop/")
    row.refresh_from_db()
    assert row.state == Emptying.State.STOPPED
    assert "root stopped it" in said(as_root.get(f"/tenants/emptied/{row.pk}/"))
    emptying.go_on(row.pk)
    assert Instance.objects.present().count() == 3
    assert actions.enable(administrator, full.pk)


def test_what_is_refused_for_long_stops_it(administrator, lab, bob, cloud, launch, work, monkeypatch):
    launch()
    work()
    row = deleting.empty(administrator, lab)
    monkeypatch.setitem(emptying.ASKS, "instances", lambda actor, row: instances.change(actor, row.pk, "restore"))
    emptying.go_on(row.pk)
    row.refresh_from_db()
    assert (row.state, row.problems[0]["why"]) == (Emptying.State.RUNNING, "It is not deleted.")
    Emptying.objects.update(due_at=long_ago(), moved_at=timezone.now() - timedelta(minutes=5))
    emptying.go_on(row.pk)
    row.refresh_from_db()
    assert row.state == Emptying.State.STOPPED


def test_who_is_no_administrator_any_more_deletes_nothing(administrator, lab, cloud, launch, work):
    launch()
    work()
    row = deleting.empty(administrator, lab)
    administrator.user.is_superuser = False
    administrator.user.save()
    emptying.go_on(row.pk)
    row.refresh_from_db()
    assert (row.state, "no administrator any more" in row.problems[0]["why"]) == (Emptying.State.STOPPED, True)
    assert Instance.objects.present().count() == 1


def test_a_place_on_a_cloud_is_something_that_is_left(as_root, lab, cloud):
    assert as_root.post("/tenants/lab/delete/", {"name": "lab"}).status_code == 422
    CloudAccount.objects.filter(tenant=lab).delete()
    assert as_root.post("/tenants/lab/delete/", {"name": "lab"}).status_code == 303

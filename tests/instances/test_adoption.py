"""Servers that others make, change and remove in a tenant's place: shown, counted, and never somebody else's."""

import uuid

import pytest

from dashboard.audit.models import Entry
from dashboard.audit.verify import first_broken
from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.interface import LaunchSpec, Status, Verb
from dashboard.images.models import Image
from dashboard.instances import actions, inventory
from dashboard.instances.adoption import adopt, adopt_all, rows_of
from dashboard.instances.models import Flavor, Instance
from dashboard.instances.scope import Scope
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import QuotaExceeded, drift

from .conftest import again, look, used


@pytest.fixture
def cloud(placed):
    return placed


@pytest.fixture
def small(tiny):
    return tiny


@pytest.fixture
def image(placed):
    return Image.objects.get(name="Demo Linux")


@pytest.fixture
def by_hand(cloud, place, fake_path):
    """One that was made with the cloud's own client, as it was found."""
    outside.make_instance(str(fake_path), place_id=place)
    look(cloud)
    return Instance.objects.get(name="by-hand")


@pytest.fixture
def active(launch, work):
    instance = launch()
    work()
    return again(instance)


def test_a_server_made_outside_appears_with_its_size_and_counts(by_hand, lab, browser):
    assert (by_hand.tenant, by_hand.status, by_hand.is_adopted) == (lab, "ACTIVE", True)
    assert (by_hand.flavor.name, by_hand.image.name, by_hand.ram_mib) == ("m1.tiny", "Demo Linux", 512)
    assert [used(lab, r) for r in ("instances", "vcpus", "ram_mib", "disk_gib")] == [1, 1, 512, 1]
    assert Entry.objects.filter(verb="instance.adopted", object_id=str(by_hand.pk)).count() == 1
    assert "Not launched here" in browser.get("/t/lab/instances/").content.decode()
    assert "was not launched here" in browser.get(f"/t/lab/instances/{by_hand.pk}/").content.decode()


def test_a_second_look_adopts_nothing_twice(by_hand, cloud, lab):
    look(cloud)
    assert (Instance.objects.count(), used(lab), drift(lab)) == (1, 1, {})


def test_what_was_found_can_be_stopped_and_deleted_as_any_other(by_hand, as_bob, work, lab):
    actions.change(as_bob, by_hand.pk, "stop")
    work()
    assert again(by_hand).status == Status.SHUTOFF
    actions.change(as_bob, by_hand.pk, "delete-now")
    work()
    assert (again(by_hand).status, used(lab), drift(lab)) == ("DELETED", 0, {})


def test_over_the_limit_it_is_shown_and_nothing_is_killed(cloud, place, fake_path, lab, launch, browser):
    Quota.objects.filter(tenant=lab, resource="instances").update(limit=1)
    for name in ("one", "two"):
        outside.make_instance(str(fake_path), place_id=place, name=name)
    look(cloud)
    assert (used(lab), Instance.objects.present().count()) == (2, 2)
    assert "1 too much" in browser.get("/t/lab/instances/").content.decode()
    assert len(list(cloud.driver_for(lab.pk).compute.list())) == 2
    with pytest.raises(QuotaExceeded):
        launch()


def test_removed_outside_it_is_gone_after_the_second_complete_look_and_its_quota_too(by_hand, cloud, fake_path, lab):
    outside.remove(str(fake_path), by_hand.remote_id)
    look(cloud)
    assert (again(by_hand).deleted_at, used(lab)) == (None, 1)
    look(cloud)
    assert (again(by_hand).status, used(lab), drift(lab)) == ("DELETED", 0, {})


def test_a_removal_that_the_cloud_tells_of_is_believed_at_once(by_hand, cloud, fake_path, lab):
    outside.remove(str(fake_path), by_hand.remote_id)
    assert inventory.sync_account(cloud.accounts.get(tenant=lab).pk)
    assert (again(by_hand).status, used(lab)) == ("DELETED", 0)


def test_one_tenants_servers_are_never_anothers(by_hand, cloud, other, client, charlie):
    assert not Instance.objects.for_tenant(other).exists()
    assert used(other) == 0
    client.force_login(charlie)
    assert "by-hand" not in client.get("/t/other/instances/").content.decode()
    assert client.get(f"/t/other/instances/{by_hand.pk}/").status_code == 404


def test_a_mark_that_names_another_tenants_instance_takes_no_row_and_hides_nothing(
    active, cloud, other, lab, fake_path
):
    """Anybody may write a mark in their own place; it says nothing about mine, and theirs counts as theirs."""
    theirs = cloud.accounts.get(tenant=other).remote_id
    thief = outside.make_instance(str(fake_path), place_id=theirs, name="thief")
    outside.change_instance(str(fake_path), thief, instance_id=str(active.pk), tenant_id=str(lab.pk))
    for _ in range(2):
        look(cloud)
    assert (again(active).name, active.tenant, active.remote_id != thief) == ("web-1", lab, True)
    assert Instance.objects.get(name="thief").tenant == other
    assert (used(lab), used(other), drift(lab), drift(other)) == (1, 1, {}, {})


def test_a_copied_mark_of_an_instance_that_is_there_counts_as_another_one(active, cloud, place, lab, fake_path):
    copy = outside.make_instance(str(fake_path), place_id=place, name="copy")
    outside.change_instance(str(fake_path), copy, instance_id=str(active.pk), tenant_id=str(lab.pk))
    look(cloud)
    assert (Instance.objects.get(remote_id=copy).is_adopted, again(active).name, used(lab)) == (True, "web-1", 2)


def test_a_part_of_the_cloud_that_is_down_deletes_nothing_and_changes_nothing(active, by_hand, cloud, fake_path, lab):
    outside.set_partial(str(fake_path), by_hand.remote_id)
    outside.remove(str(fake_path), active.remote_id)
    for _ in range(3):
        look(cloud)
    assert (again(by_hand).status, by_hand.ram_mib, by_hand.deleted_at) == ("ACTIVE", 512, None)
    assert (again(active).deleted_at, used(lab)) == (None, 2)
    outside.set_partial(str(fake_path), by_hand.remote_id, is_partial=False)
    for _ in range(2):
        look(cloud)
    assert (again(active).status, again(by_hand).status, used(lab)) == ("DELETED", "ACTIVE", 1)


def test_a_resize_done_outside_adjusts_the_ledger_and_the_flavor(active, cloud, lab):
    lifecycle = cloud.driver_for(lab.pk).lifecycle
    lifecycle.resize(active.remote_id, flavor_id="m1.small", vcpus=1, ram_mib=2048, disk_gib=20)
    look(cloud)
    assert (again(active).status, used(lab, "ram_mib")) == ("RESIZED", 2048)
    lifecycle.do(active.remote_id, Verb.CONFIRM_RESIZE)
    look(cloud)
    assert (again(active).flavor.name, active.ram_mib) == ("m1.small", 2048)
    assert (used(lab, "ram_mib"), used(lab, "disk_gib"), drift(lab)) == (2048, 20, {})


def test_a_resize_done_outside_may_go_over_the_limit(active, cloud, lab, fake_path):
    Quota.objects.filter(tenant=lab, resource="ram_mib").update(limit=1024)
    outside.change_instance(str(fake_path), active.remote_id, ram_mib=4096, flavor_id="m1.medium")
    look(cloud)
    assert (used(lab, "ram_mib"), drift(lab)) == (4096, {})


def test_a_flavor_and_an_image_that_only_another_tenant_has_are_not_shown(by_hand, cloud, lab, other):
    Flavor.objects.update(tenant=other)
    Image.objects.update(tenant=other)
    (remote,) = cloud.driver_for(lab.pk).compute.list()
    (row,) = rows_of(Scope(cloud, lab), [remote])
    assert (row.flavor, row.image) == (None, None)


@pytest.fixture
def found(cloud, place, lab, fake_path):
    """Twelve that were made with the cloud's own client, and not seen yet."""
    for _ in range(12):
        outside.make_instance(str(fake_path), place_id=place)
    return list(cloud.driver_for(lab.pk).compute.list())


def test_many_at_once_are_counted_and_noted_each(found, cloud, lab):
    adopted = adopt_all(Scope(cloud, lab), found)
    assert {row.remote_id for row, _remote in adopted} == {remote.id for remote in found}
    assert (used(lab), drift(lab)) == (12, {})
    assert Entry.objects.filter(verb="instance.adopted").count() == 12
    assert first_broken(str(lab.pk)) is None


def test_of_many_one_that_another_look_adopted_first_is_not_adopted_twice(found, cloud, lab):
    adopt(Scope(cloud, lab), found[5])
    assert len(adopt_all(Scope(cloud, lab), found)) == 12
    assert (Instance.objects.count(), used(lab), drift(lab)) == (12, 12, {})


def test_many_take_no_more_queries_than_few(found, cloud, lab, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        adopt_all(Scope(cloud, lab), found)


def test_an_id_that_nobody_made_is_adopted_with_its_own_row(cloud, lab):
    spec = LaunchSpec(
        instance_id=str(uuid.uuid4()), tenant_id=str(lab.pk), operation_id="", name="odd", image_id="demo",
        flavor_id="m1.tiny", vcpus=1, ram_mib=512, disk_gib=1,
    )  # fmt: skip
    cloud.driver_for(lab.pk).compute.create(spec)
    look(cloud)
    assert (Instance.objects.get().name, Instance.objects.get().is_adopted, used(lab)) == ("odd", True, 1)


def test_what_is_changed_on_the_cloud_itself_is_in_the_audit_trail(active, cloud, lab):
    since = Entry.objects.latest("pk").pk
    cloud.driver_for(lab.pk).lifecycle.rename(active.remote_id, name="other")
    look(cloud)
    look(cloud)
    (entry,) = Entry.objects.filter(pk__gt=since)
    assert (entry.verb, entry.actor, entry.outcome) == ("instance.changed-outside", "system", "seen")
    assert (entry.before, entry.after) == ({"name": active.name}, {"name": "other"})


def test_what_we_changed_ourselves_is_no_change_from_outside(active, cloud, as_bob, work):
    actions.change(as_bob, active.pk, "rename", arguments={"name": "other"})
    work()
    look(cloud)
    assert again(active).name == "other"
    said = Entry.objects.filter(object_id=str(active.pk), verb="instance.rename").order_by("number")
    assert [(entry.actor, entry.on_behalf_of, entry.outcome) for entry in said] == [
        ("bob", "", "accepted"),
        ("system", "bob", "done"),
    ]
    assert (said[0].before["name"], said[0].after) == ("web-1", {"name": "other"})
    assert not Entry.objects.filter(verb="instance.changed-outside").exists()

"""A place of the fake cloud: what a launch asks for, what its limits refuse, and what happens behind our back."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.interface import (
    Conflict,
    LaunchSpec,
    NetworkChoice,
    NetworkSpec,
    NotFound,
    Reason,
    Refused,
    Status,
    Verb,
)
from dashboard.clouds.registry import connect


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "cloud.sqlite3")


@pytest.fixture
def admin(path):
    return connect("fake", {"path": path, "places": "yes"})


@pytest.fixture
def place(admin):
    return admin.places.create(mark="t-1", name="lab")


@pytest.fixture
def credential(admin, place):
    return admin.places.grant(place.id, label="skydeck")


@pytest.fixture
def driver(path, credential):
    return connect("fake", {"path": path, "places": "yes", **credential.settings})


def spec(instance_id="i-1", **changed):
    asked = {"tenant_id": "lab", "operation_id": "op-1", "name": "web-1", "image_id": "demo", "flavor_id": "m1.tiny"}
    return LaunchSpec(**{"instance_id": instance_id, "vcpus": 1, "ram_mib": 512, "disk_gib": 1, **asked, **changed})


# --- what a launch asks for


def test_while_it_settles_it_says_what_is_done_and_refuses_another_verb(path, credential):
    settings = {"path": path, "places": "yes", "delay_s": "0.3", **credential.settings}
    driver = connect("fake", settings)
    driver.compute.create(spec())
    assert (driver.compute.get("i-1").status, driver.compute.get("i-1").task) == (Status.BUILD, "spawning")
    time.sleep(0.35)
    driver.lifecycle.do("i-1", Verb.PAUSE)
    assert (driver.compute.get("i-1").status, driver.compute.get("i-1").task) == (Status.ACTIVE, "pausing")
    with pytest.raises(Conflict, match="pausing"):
        driver.lifecycle.do("i-1", Verb.SUSPEND)


def test_a_launch_is_what_was_asked_for_in_every_field(driver):
    group = driver.placing.create_group(name="g", policy="affinity")
    driver.compute.create(
        spec(zone="two", server_group_id=group.id, boot_volume_gib=5, tags=("blue",), metadata={"role": "web"})
    )
    remote = driver.compute.get("i-1")
    assert (remote.zone, remote.tags, remote.metadata) == ("two", ("blue",), {"role": "web"})
    assert len(remote.volume_ids) == 1
    assert driver.quotas.get()["volume_gib"].used == 5


def test_the_user_data_of_a_launch_are_kept_for_its_guest(path, driver):
    remote = driver.compute.create(spec(user_data="#!/bin/sh\n"))
    assert outside.user_data_of(path, remote.id) == "#!/bin/sh\n"


def test_a_password_that_its_guest_told_is_there_for_whoever_may_ask(path, driver):
    remote = driver.compute.create(spec())
    outside.give_password(path, remote.id, data="xlozO3w=")
    assert driver.compute.password_data(remote.id) == "xlozO3w="


def test_without_a_choice_its_own_network_comes_before_the_shared_one(driver):
    driver.compute.create(spec("i-1"))
    assert driver.compute.get("i-1").addresses[0].startswith("10.20.")
    driver.networks.create_network(NetworkSpec(mark="m", name="n", cidr="10.0.0.0/24"))
    driver.compute.create(spec("i-2"))
    assert driver.compute.get("i-2").addresses == ("10.0.0.2",)


def test_the_group_against_affinity_runs_out_of_hosts(driver):
    group = driver.placing.create_group(name="g", policy="anti-affinity")
    for name in ("i-1", "i-2", "i-3"):
        driver.compute.create(spec(name, server_group_id=group.id))
    hosts = {driver.compute.get(name).host for name in ("i-1", "i-2")}
    last = driver.compute.get("i-3")
    assert hosts == {"fake-host", "fake-host-2"}
    assert (last.status, last.fault.partition(".")[0]) == (Status.ERROR, "No valid host was found")


def test_a_network_without_addresses_ends_a_launch_in_error(driver):
    network = driver.networks.create_network(NetworkSpec(mark="m", name="n", cidr="10.0.0.0/30"))
    chosen = (NetworkChoice(network_id=network.id),)
    for name in ("i-1", "i-2"):
        driver.compute.create(spec(name, networks=chosen))
    assert driver.compute.get("i-1").status is Status.ACTIVE
    assert "No more IP addresses available" in driver.compute.get("i-2").fault


def test_a_pool_without_addresses_refuses_a_floating_ip(path, place, driver):
    for _number in range(253):
        outside.make_floating_ip(path, place_id=place.id)
    outside.set_quota(path, place.id, floating_ips=None)
    with pytest.raises(Refused) as refused:
        driver.networks.allocate(mark="m", network_id="public")
    assert refused.value.reason is Reason.CAPACITY


@pytest.mark.parametrize(
    ("limit", "ask"),
    [
        ("vcpus", lambda d: d.compute.create(spec())),
        ("ram_mib", lambda d: d.compute.create(spec())),
        ("ports", lambda d: d.compute.create(spec())),
        ("volumes", lambda d: d.compute.create(spec(boot_volume_gib=1))),
        ("server_groups", lambda d: d.placing.create_group(name="g", policy="affinity")),
        ("networks", lambda d: d.networks.create_network(NetworkSpec(mark="m", name="n", cidr="10.0.0.0/24"))),
        ("routers", lambda d: d.networks.create_router(mark="m", name="r")),
        ("security_groups", lambda d: d.networks.create_security_group(mark="m", name="g")),
        ("floating_ips", lambda d: d.networks.allocate(mark="m", network_id="public")),
    ],
)
def test_each_limit_refuses_what_is_beyond_it(path, place, driver, limit, ask):
    outside.set_quota(path, place.id, **{limit: 0})
    with pytest.raises(Refused, match="Quota exceeded") as refused:
        ask(driver)
    assert refused.value.reason is Reason.QUOTA
    outside.set_quota(path, place.id, **{limit: 100000})
    ask(driver)


def test_of_many_launches_at_once_each_has_an_address_of_its_own(path, place, driver):
    outside.set_quota(path, place.id, instances=None, vcpus=None, ram_mib=None)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(driver.compute.create, [spec(f"i-{number}") for number in range(60)]))
    assert len({remote.addresses for remote in driver.compute.list()}) == 60


def test_of_many_launches_at_once_no_more_are_made_than_the_limit_allows(path, place, driver):
    outside.set_quota(path, place.id, instances=5)

    def is_made(number):
        try:
            return bool(driver.compute.create(spec(f"i-{number}")))
        except Refused:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(is_made, range(20))) == 5
    assert len(list(driver.compute.list())) == 5


# --- behind our back


def test_it_seeds_a_thousand_instances_with_ports_in_a_place_quickly(path, place, driver):
    began = time.monotonic()
    ids = outside.seed(path, count=1000, place_id=place.id)
    assert outside.seed(path, count=1000, place_id=place.id) == ids
    assert time.monotonic() - began < 5
    listed = list(driver.compute.list())
    assert {remote.id for remote in listed} == set(ids)
    assert len({remote.addresses for remote in listed}) == len(driver.networks.ports()) == 1000


def test_what_others_make_change_and_remove_is_told(path, place, driver):
    cursor = driver.history.changes("").cursor
    made, kept = (outside.make_instance(path, place_id=place.id, name=name) for name in ("one", "two"))
    outside.change_instance(path, kept, name="renamed", vcpus=4)
    outside.remove(path, made)
    changes = {remote.id: remote for remote in driver.history.changes(cursor).instances}
    assert (changes[kept].name, changes[kept].vcpus, changes[kept].mark) == ("renamed", 4, None)
    assert changes[made].status is Status.DELETED
    assert driver.history.actions(kept)[0].by == "somebody"


def test_nothing_of_one_place_is_told_in_another(path, admin, driver):
    other = admin.places.create(mark="t-2", name="other")
    cursor = driver.history.changes("").cursor
    outside.remove(path, outside.make_instance(path, place_id=other.id))
    assert driver.history.changes(cursor).instances == ()


def test_a_quiet_cloud_tells_nothing(driver):
    driver.compute.create(spec())
    driver.compute.get("i-1")
    assert driver.history.changes(driver.history.changes("").cursor).instances == ()


def test_a_cursor_of_another_cloud_is_refused(driver):
    with pytest.raises(Refused):
        driver.history.changes("2026-11-22T20:00:00Z")


def test_the_administrators_watcher_is_told_where_something_changed(path, admin, place, driver):
    changes = admin.compute.watch(threading.Event())
    driver.compute.create(spec())
    change = next(changes)
    assert (change.remote_id, change.instance, change.place_id) == ("i-1", None, place.id)


def test_ports_and_floating_ips_of_others_change_the_addresses(path, place, driver):
    remote_id = outside.make_instance(path, place_id=place.id)
    (first,) = driver.compute.get(remote_id).addresses
    network_id = outside.make_network(path, place_id=place.id, name="back", cidr="10.9.0.0/24")
    cursor = driver.history.changes("").cursor
    port_id = outside.make_port(path, place_id=place.id, network_id=network_id, instance_id=remote_id)
    floating_ip_id = outside.make_floating_ip(path, place_id=place.id, port_id=port_id)
    assert set(driver.compute.get(remote_id).addresses) == {first, "10.9.0.2", "203.0.113.2"}
    assert [changed.id for changed in driver.history.changes(cursor).instances] == [remote_id]
    outside.remove_floating_ip(path, floating_ip_id)
    outside.remove_port(path, port_id)
    assert driver.compute.get(remote_id).addresses == (first,)


def test_a_part_of_the_cloud_that_is_down_tells_only_the_name(path, place, driver):
    remote_id = outside.make_instance(path, place_id=place.id, name="web")
    outside.set_partial(path, remote_id)
    remote = driver.compute.get(remote_id)
    assert (remote.is_partial, remote.name, remote.status, remote.addresses) == (True, "web", Status.UNKNOWN, ())
    outside.set_partial(path, remote_id, is_partial=False)
    assert driver.compute.get(remote_id).status is Status.ACTIVE


def test_a_snapshot_is_seen_in_its_own_place_only(path, admin, driver):
    driver.compute.create(spec())
    driver.compute.get("i-1")
    image_id = driver.lifecycle.snapshot("i-1", name="s", key="k")
    other = admin.places.create(mark="t-2", name="other")
    neighbour = connect("fake", {"path": path, "places": "yes", **admin.places.grant(other.id, label="x").settings})
    assert image_id in {image.id for image in driver.images.list()}
    assert image_id not in {image.id for image in neighbour.images.list()}
    with pytest.raises(Refused):
        neighbour.compute.create(spec("i-2", image_id=image_id))


def test_nobody_touches_the_networks_of_another_place(path, admin, driver):
    network = driver.networks.create_network(
        NetworkSpec(mark="m", name="n", cidr="10.0.0.0/24", external_network_id="public")
    )
    other = admin.places.create(mark="t-2", name="other")
    neighbour = connect("fake", {"path": path, "places": "yes", **admin.places.grant(other.id, label="x").settings})
    neighbour.networks.delete_network(network.id)
    neighbour.networks.delete_router(driver.networks.routers()[0].id)
    assert network.id not in {seen.id for seen in neighbour.networks.networks()}
    assert neighbour.networks.ports() == ()
    with pytest.raises(NotFound):
        neighbour.networks.create_router(mark="r", name="r", external_network_id=network.id + "x")
    assert network.id in {seen.id for seen in driver.networks.networks()}
    assert len(driver.networks.routers()) == 1

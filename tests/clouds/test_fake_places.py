"""The fake cloud's places: whose key opens what, who is noted, and what can go wrong."""

from __future__ import annotations

import pytest

from dashboard.clouds.drivers.fake import journal, outside
from dashboard.clouds.drivers.fake.connection import PLACE_FIELDS, has_places
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import (
    AuthFailed,
    Feature,
    FindingState,
    LaunchSpec,
    NetworkSpec,
    NotFound,
    RuleSpec,
    Status,
    Unavailable,
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


@pytest.fixture
def faults(path):
    return Faults(path)


def spec(instance_id="i-1", **changed):
    asked = {"tenant_id": "lab", "operation_id": "op-1", "name": "web-1", "image_id": "demo", "flavor_id": "m1.tiny"}
    return LaunchSpec(**{"instance_id": instance_id, "vcpus": 1, "ram_mib": 512, "disk_gib": 1, **asked, **changed})


# --- keys


def test_only_a_cloud_with_the_setting_has_places(path):
    assert has_places({"path": path, "places": "yes"})
    assert not has_places({"path": path})
    driver = connect("fake", {"path": path})
    assert (driver.places, driver.networks, driver.quotas) == (None, None, None)
    assert Feature.PLACES not in driver.features


def test_a_credential_is_made_of_the_fields_of_a_place(credential):
    assert set(credential.settings) == {field.name for field in PLACE_FIELDS}
    assert [field.name for field in PLACE_FIELDS if field.secret] == ["key"]


@pytest.mark.parametrize("wrong", [{"key": "guessed"}, {"key": ""}, {"place_id": "elsewhere"}])
def test_a_wrong_key_opens_nothing(path, credential, wrong):
    stranger = connect("fake", {"path": path, "places": "yes", **credential.settings, **wrong})
    for ask in (
        stranger.check,
        stranger.images.list,
        stranger.networks.networks,
        lambda: stranger.compute.create(spec()),
    ):
        with pytest.raises(AuthFailed):
            ask()


def test_nobody_gets_into_a_place_that_is_not_enabled(path, place, driver):
    outside.set_enabled(path, place.id, is_enabled=False)
    with pytest.raises(AuthFailed):
        driver.check()
    outside.set_enabled(path, place.id, is_enabled=True)
    assert driver.check()


def test_a_key_that_a_tenant_brings_is_as_good(path, place):
    brought = outside.grant(path, place.id)
    assert connect("fake", {"path": path, "places": "yes", **brought.settings}).check()
    outside.revoke(path, brought.id)
    with pytest.raises(AuthFailed):
        connect("fake", {"path": path, "places": "yes", **brought.settings}).check()


def test_a_tenants_driver_has_nothing_of_the_administrators(driver, admin):
    assert (driver.places, driver.capacity) == (None, None)
    assert not driver.features & {Feature.CAPACITY, Feature.EVENTS}
    assert admin.places is not None
    assert admin.capacity is not None


# --- the journal


def test_the_journal_tells_whose_credential_made_each_call(path, admin, driver, credential, place):
    driver.compute.create(spec())
    list(driver.compute.list())
    told = {(e.call, e.credential, e.place_id) for e in journal.entries(path, reads=True)}
    assert {("create", credential.id, place.id), ("list", credential.id, place.id), ("grant", "", "")} <= told
    assert "list" not in {entry.call for entry in journal.entries(path)}


def test_the_journal_tells_of_a_key_that_is_good_no_longer(path, admin, driver, credential, place):
    admin.places.withdraw(place.id)
    with pytest.raises(AuthFailed):
        driver.compute.create(spec())
    last = journal.entries(path)[-1]
    assert (last.call, last.answer, last.credential) == ("create", "AuthFailed", credential.id)


def test_the_journal_knows_a_key_that_nobody_granted(path, place):
    with pytest.raises(AuthFailed):
        connect("fake", {"path": path, "places": "yes", "place_id": place.id, "key": "guessed"}).compute.get("i-1")
    assert journal.entries(path, reads=True)[-1].credential == journal.UNKNOWN


# --- faults in the new calls


@pytest.mark.parametrize(
    ("call", "ask"),
    [
        ("networks", lambda d: d.networks.networks()),
        ("routers", lambda d: d.networks.routers()),
        ("ports", lambda d: d.networks.ports()),
        ("security_groups", lambda d: d.networks.security_groups()),
        ("floating_ips", lambda d: d.networks.floating_ips()),
        ("create_network", lambda d: d.networks.create_network(NetworkSpec(mark="m", name="n", cidr="10.0.0.0/24"))),
        ("delete_network", lambda d: d.networks.delete_network("n")),
        ("create_router", lambda d: d.networks.create_router(mark="m", name="r")),
        ("connect_router", lambda d: d.networks.connect_router("r", subnet_id="s")),
        ("disconnect_router", lambda d: d.networks.disconnect_router("r", subnet_id="s")),
        ("delete_router", lambda d: d.networks.delete_router("r")),
        ("create_security_group", lambda d: d.networks.create_security_group(mark="m", name="g")),
        ("delete_security_group", lambda d: d.networks.delete_security_group("g")),
        ("add_rule", lambda d: d.networks.add_rule("g", RuleSpec(direction="ingress"))),
        ("remove_rule", lambda d: d.networks.remove_rule("r")),
        ("set_security_groups", lambda d: d.networks.set_security_groups("p", group_ids=[])),
        ("allocate", lambda d: d.networks.allocate(mark="m", network_id="public")),
        ("associate", lambda d: d.networks.associate("f", port_id="p")),
        ("disassociate", lambda d: d.networks.disassociate("f")),
        ("release", lambda d: d.networks.release("f")),
        ("pause", lambda d: d.lifecycle.do("i-1", Verb.PAUSE)),
        ("confirm-resize", lambda d: d.lifecycle.do("i-1", Verb.CONFIRM_RESIZE)),
        ("rescue", lambda d: d.lifecycle.rescue("i-1")),
        ("resize", lambda d: d.lifecycle.resize("i-1", flavor_id="m1.small", vcpus=1, ram_mib=2048, disk_gib=20)),
        ("rebuild", lambda d: d.lifecycle.rebuild("i-1", image_id="demo")),
        ("snapshot", lambda d: d.lifecycle.snapshot("i-1", name="s", key="k")),
        ("rename", lambda d: d.lifecycle.rename("i-1", name="n")),
        ("set_tags", lambda d: d.lifecycle.set_tags("i-1", tags=[])),
        ("set_metadata", lambda d: d.lifecycle.set_metadata("i-1", metadata={})),
        ("changes", lambda d: d.history.changes("")),
        ("actions", lambda d: d.history.actions("i-1")),
        ("flavors", lambda d: d.flavors.list()),
        ("zones", lambda d: d.placing.zones()),
        ("groups", lambda d: d.placing.groups()),
        ("create_group", lambda d: d.placing.create_group(name="g", policy="affinity")),
        ("delete_group", lambda d: d.placing.delete_group("g")),
        ("quotas", lambda d: d.quotas.get()),
    ],
)
def test_every_call_of_a_tenant_can_go_wrong(driver, faults, call, ask):
    faults.fail("Unavailable", call=call, detail="as ordered")
    with pytest.raises(Unavailable, match="as ordered"):
        ask(driver)


@pytest.mark.parametrize(
    ("call", "ask"),
    [
        ("places", lambda d: d.places.list()),
        ("create_place", lambda d: d.places.create(mark="m", name="n")),
        ("grant", lambda d: d.places.grant("p", label="l")),
        ("revoke", lambda d: d.places.revoke("p", credential_id="c")),
        ("withdraw", lambda d: d.places.withdraw("p")),
        ("set_quotas", lambda d: d.quotas.set("p", {})),
        ("hosts", lambda d: d.capacity.hosts()),
    ],
)
def test_every_call_of_the_administrator_can_go_wrong(admin, faults, call, ask):
    faults.fail("Unavailable", call=call, detail="as ordered")
    with pytest.raises(Unavailable, match="as ordered"):
        ask(admin)


def test_a_lost_answer_of_a_create_is_found_again_by_its_mark(driver, faults):
    asked = NetworkSpec(mark="m-1", name="net", cidr="10.0.0.0/24", external_network_id="public")
    faults.lose_answer(call="create_network")
    with pytest.raises(Unavailable):
        driver.networks.create_network(asked)
    assert driver.networks.create_network(asked).name == "net"
    assert len([network for network in driver.networks.networks() if network.is_own]) == 1
    assert len(driver.networks.routers()) == 1


def test_a_pause_can_end_in_error_with_a_reason(driver, faults):
    driver.compute.create(spec())
    faults.end_in_error("Guest agent is gone", call="pause")
    driver.lifecycle.do(driver.compute.get("i-1").id, Verb.PAUSE)
    remote = driver.compute.get("i-1")
    assert (remote.status, remote.fault) == (Status.ERROR, "Guest agent is gone")
    assert driver.history.actions("i-1")[0].message == "Guest agent is gone"


# --- the cloud's page


def test_its_hosts_say_what_is_given_away(admin, driver):
    driver.compute.create(spec(flavor_id="m1.medium", zone="two"))
    hosts = {host.name: host for host in admin.capacity.hosts()}
    assert (hosts["fake-host-2"].instances, hosts["fake-host-2"].vcpus_used) == (1, 2)
    assert hosts["fake-host"].instances == 0


def test_testing_the_connection_goes_step_by_step(admin, driver):
    assert [finding.step for finding in admin.diagnose()] == [
        "version", "sign-in", "compute", "image", "network", "rights", "quota"
    ]  # fmt: skip
    assert {finding.state for finding in driver.diagnose()} == {FindingState.OK}


def test_without_places_it_names_no_keystone_and_no_project(path):
    found = list(connect("fake", {"path": path}).diagnose())
    assert [finding.step for finding in found][:3] == ["answer", "compute", "image"]
    assert {finding.state for finding in found} == {FindingState.OK}


def test_it_says_whom_the_key_lets_in(driver, admin, place):
    assert driver.place() == place
    with pytest.raises(NotFound):
        admin.place()
    signed_in = next(finding for finding in driver.diagnose() if finding.step == "sign-in")
    assert signed_in.values == {"project": "lab", "roles": "member"}


def test_after_a_key_that_is_not_accepted_the_rest_is_not_asked(admin, driver, place):
    admin.places.withdraw(place.id)
    found = {finding.step: (finding.state, finding.code) for finding in driver.diagnose()}
    assert found["version"] == (FindingState.OK, "")
    assert found["sign-in"] == (FindingState.BAD, "AuthFailed")
    assert found["network"] == (FindingState.SKIPPED, "")


def test_one_service_that_is_away_does_not_hide_the_others(driver, faults):
    faults.fail("Unavailable", call="networks")
    found = {finding.step: finding.state for finding in driver.diagnose()}
    assert found["network"] is FindingState.BAD
    assert found["quota"] is FindingState.OK

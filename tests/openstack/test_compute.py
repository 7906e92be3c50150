"""The contract, asked of our driver against a real Nova with pretended hosts, in a project of these tests' own."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from dashboard.clouds.drivers.openstack.mapping import TAG
from dashboard.clouds.interface import Feature, Reason, Refused, RemoteInstance, Status
from dashboard.clouds.registry import connect
from tests.clouds.contract import DriverContract, HistoryContract, LifecycleContract, OnACloud, PlacingContract
from tests.clouds.contract.driver import HOSTILE

from . import own_project
from .projects import settings_of
from .proxy import FaultProxy, LostAnswer

pytestmark = pytest.mark.openstack

EMOJI = next(text for text in HOSTILE if "\U0001f984" in text)
NOT_PRINTABLE = next(text for text in HOSTILE if "\t" in text)
MARKS = [text.replace("\U0001f984", "") for text in HOSTILE]
NAMES = [text for text in HOSTILE if text not in (EMOJI, NOT_PRINTABLE)] + ["naïve Ω 漢字"]
"""Nova takes names that can be printed and neither begin nor end with a space."""


@pytest.fixture(scope="module")
def place(admin, admin_cloud):
    with own_project.fresh(admin_cloud, auth_url=admin.settings["auth_url"]) as project:
        project.network()
        yield project


@pytest.fixture(scope="module")
def driver(place):
    with closing(connect("openstack", settings_of(place))) as driver:
        yield driver


@pytest.fixture(scope="module")
def flavors(driver):
    return {flavor.name: flavor for flavor in driver.flavors.list()}


@pytest.fixture(scope="module")
def image_id(driver):
    return next(image.id for image in driver.images.list() if image.name == "tiny")


@pytest.fixture(scope="module")
def big_image_id(place):
    """It wants a disk of 2 GiB."""
    with place.connection() as connection:
        how = {"disk_format": "raw", "container_format": "bare", "data": b"\0" * 512, "wait": True}
        return connection.image.create_image("big", min_disk=2, **how).id


AHEAD = 3


@pytest.fixture(scope="module")
def ahead(driver) -> Iterator[deque[str]]:
    """Servers that are being built while another test runs: Nova needs seconds for each, most of them waiting."""
    waiting: deque[str] = deque()
    yield waiting
    for remote_id in waiting:
        driver.compute.delete(remote_id)


class OnNova(OnACloud):
    soon_s = 180
    pause_s = 0.25
    deletes_at_once = False

    @pytest.fixture
    def size(self, flavors):
        return {"vcpus": 1, "ram_mib": 64, "disk_gib": 1, "flavor_id": flavors["m1.nano"].id}

    @pytest.fixture
    def remote(self, driver, ahead, spec):
        while len(ahead) < AHEAD:
            ahead.append(driver.compute.create(replace(spec, instance_id=str(uuid.uuid4()))).id)
        remote_id = ahead.popleft()
        yield self.expect(driver, remote_id, Status.ACTIVE)
        driver.compute.delete(remote_id)

    @pytest.fixture
    def stranger(self, driver, place, image_id, flavors):
        """Made with another client."""
        with place.connection() as connection:
            flavor = flavors["m1.nano"].id
            server = connection.compute.create_server(
                name="stranger", image_id=image_id, flavor_id=flavor, networks="none"
            )
        self.expect(driver, server.id, Status.ACTIVE)
        yield server.id
        driver.compute.delete(server.id)


class TestCompute(OnNova, DriverContract):
    strangers_are_ours = True

    @pytest.fixture
    def too_small(self, spec, big_image_id):
        return replace(spec, image_id=big_image_id)

    def test_it_says_what_it_is(self, driver):
        """How big the whole cloud is, only an administrator may know: see test_hosts.py."""
        assert driver.check().version.startswith("nova 2.1 to 2.")

    def test_consoles_are_there_where_they_are_declared(self, driver, launch, spec):
        """Nova tells of consoles only for a server that runs."""
        launch(spec)
        driver.offered.looked_at = -1000
        assert {Feature.CONSOLE_VNC, Feature.CONSOLE_SERIAL} <= driver.features

    def test_a_launched_instance_is_active_and_is_what_was_asked_for(self, launch, spec):
        """Nova tells a server's flavor by name: it may be gone since."""
        remote = launch(spec)
        assert remote.status is Status.ACTIVE
        assert (remote.vcpus, remote.ram_mib, remote.disk_gib) == (spec.vcpus, spec.ram_mib, spec.disk_gib)
        assert (remote.image_id, remote.flavor_name) == (spec.image_id, "m1.nano")

    @pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
    def test_any_name_comes_back_as_it_was(self, driver, spec, name):
        remote = driver.compute.create(replace(spec, name=name))
        driver.compute.delete(remote.id)
        assert remote.name == name

    @pytest.mark.parametrize("text", MARKS, ids=range(len(MARKS)))
    def test_any_mark_comes_back_as_it_was(self, launch, spec, text):
        mark = launch(replace(spec, tenant_id=text, operation_id=text)).mark
        assert (mark.tenant_id, mark.operation_id) == (text, text)

    @pytest.mark.parametrize("name", [NOT_PRINTABLE, EMOJI], ids=["not printable", "emoji"])
    def test_a_name_that_nova_does_not_take_is_refused_and_nothing_is_left(self, driver, spec, name):
        self.expect_refused(driver, replace(spec, name=name))

    @pytest.mark.parametrize("field", [{"tags": (EMOJI,)}, {"metadata": {"a": EMOJI}}, {"metadata": {EMOJI: "a"}}])
    def test_what_nova_takes_and_cannot_keep_is_refused_at_once(self, driver, spec, field):
        self.expect_refused(driver, replace(spec, **field))

    def expect_refused(self, driver, spec):
        with pytest.raises(Refused) as refused:
            driver.compute.create(spec)
        assert refused.value.reason is Reason.INVALID
        assert self.count(driver, spec) == 0

    def test_its_addresses_zone_and_key_are_told(self, launch, spec):
        key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl someone@somewhere"
        remote = launch(replace(spec, public_key=key, tags=("web",), metadata={"role": "front"}))
        assert remote.addresses[0].startswith("10.77.0.")
        assert remote.key_name.startswith("skydeck-")
        assert (remote.zone, remote.tags, remote.metadata) == ("nova", ("web",), {"role": "front"})

    def test_what_is_no_key_is_refused(self, driver, spec):
        with pytest.raises(Refused):
            driver.compute.create(replace(spec, public_key="no key at all"))
        assert self.count(driver, spec) == 0

    def test_it_boots_from_a_new_volume_that_goes_with_it(self, driver, place, launch, spec):
        remote = launch(replace(spec, boot_volume_gib=1))
        assert remote.status is Status.ACTIVE
        assert len(remote.volume_ids) == 1
        driver.compute.delete(remote.id)
        with place.connection() as connection:
            self.eventually(lambda: not list(connection.block_storage.volumes(details=False)))


class TestFinding(OnNova):
    """Nova has no create token; all that keeps a launch at one server is that `find` finds it."""

    def test_it_is_found_in_the_moment_after_it_was_asked_for(self, driver, launch, spec):
        driver.compute.create(spec)
        found = driver.compute.find(spec.instance_id)
        assert found is not None
        assert found.status is Status.BUILD
        launch(spec)

    def test_it_is_found_while_it_is_being_built_and_after(self, driver, spec):
        remote = driver.compute.create(spec)
        seen = []
        while Status.ACTIVE not in seen:
            found = driver.compute.find(spec.instance_id)
            assert found is not None, f"not found after {seen}"
            seen.append(found.status)
        driver.compute.delete(remote.id)

    def test_it_is_found_when_no_host_had_room(self, driver, spec, flavors, too_big):
        """Then it lies in the cell for what was never scheduled."""
        remote = driver.compute.create(replace(spec, flavor_id=too_big))
        seen = []
        while Status.ERROR not in seen:
            found = driver.compute.find(spec.instance_id)
            assert found is not None, f"not found after {seen}"
            seen.append(found.status)
        assert "No valid host" in found.fault
        driver.compute.delete(remote.id)

    def test_it_is_found_when_the_answer_was_lost(self, place, launch, driver, spec):
        with FaultProxy(place.auth_url) as proxy:
            through = connect("openstack", settings_of(place, auth_url=proxy.auth_url))
            proxy.inject(LostAnswer(), service="compute", method="POST", path=r"/servers$")
            with closing(through), pytest.raises(Exception, match=r"."):
                through.compute.create(spec)
            assert len(proxy.calls(service="compute", method="POST", path=r"/servers$")) == 1
        assert launch(spec).status is Status.ACTIVE
        assert self.count(driver, spec) == 1

    def test_of_two_that_carry_the_same_id_it_is_always_the_same(self, driver, spec):
        made = {driver.compute.create(spec).id, driver.compute.create(spec).id}
        found: list[RemoteInstance | None] = [driver.compute.find(spec.instance_id) for _ in range(3)]
        assert len({one.id for one in found if one}) == 1
        for remote_id in made:
            driver.compute.delete(remote_id)

    def test_a_tag_that_somebody_else_wrote_is_not_enough(self, driver, place, stranger):
        instance_id = str(uuid.uuid4())
        with place.connection() as connection:
            connection.compute.add_tag_to_server(stranger, TAG + instance_id)
        assert driver.compute.find(instance_id) is None

    @pytest.fixture
    def too_big(self, admin_cloud):
        flavor = admin_cloud.compute.create_flavor(name=f"huge-{uuid.uuid4().hex[:6]}", vcpus=1, ram=64, disk=10**8)
        yield flavor.id
        admin_cloud.compute.delete_flavor(flavor)


def size_of(flavor):
    return {
        "flavor_id": flavor.id,
        "vcpus": flavor.vcpus,
        "ram_mib": flavor.ram_mib,
        "disk_gib": flavor.disk_gib,
    }


class TestLifecycle(OnNova, LifecycleContract):
    refuses_to_shrink = False

    @pytest.fixture
    def larger(self, flavors):
        return size_of(flavors["m1.tiny"])

    @pytest.fixture
    def remove_image(self, driver):
        return lambda image_id: driver.session.delete("image", f"/images/{image_id}")

    def test_what_is_under_way_is_no_error(self, driver, remote, flavors):
        for _ in range(2):
            driver.lifecycle.resize(remote.id, **size_of(flavors["m1.tiny"]))
        self.expect(driver, remote.id, Status.RESIZED)

    def test_a_resize_to_what_it_has_is_no_error(self, driver, remote, flavors):
        driver.lifecycle.resize(remote.id, **size_of(flavors["m1.nano"]))
        assert driver.compute.get(remote.id).status is Status.ACTIVE

    def test_our_own_tag_stays_whatever_tags_are_set(self, driver, remote):
        driver.lifecycle.set_tags(remote.id, tags=["other"])
        assert driver.compute.find(remote.mark.instance_id).id == remote.id


class TestHistory(OnNova, HistoryContract):
    pass


class TestPlacing(OnNova, PlacingContract):
    pass

"""What every driver must do, asked of each in the same words. A driver's test class inherits from this one.

It gives the fixtures `driver`, `image_id` (an image that needs a disk of `image_disk_gib`) and `stranger` (the
id of an instance that we did not make). Nothing here waits for a guest to boot.
"""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from dashboard.clouds.interface import Conflict, Feature, LaunchSpec, Mark, NotFound, Reason, Refused, Status
from dashboard.keypairs.public_keys import Type, generate

from .ground import NOWHERE, OnACloud, Watcher, eventually, needs

HOSTILE = (
    "<script>alert('1')</script>",
    "\"/><disk type='file'><source file='/etc/shadow'/></disk>",
    "]]>&lt;&amp;<!--%s{{ 7*7 }}",
    "naïve Ω 漢字 \U0001f984 \u202e",
    " tab\tnewline\nreturn\r ",
    "x" * 255,
)
SEEN_S = 2
"""How soon a watcher must know."""


class DriverContract(OnACloud):
    image_disk_gib = 1
    missing_image_id = "gone.qcow2"
    strangers_are_ours = False
    """Whether all that is in the place that the driver works in belongs to its tenant, whoever made it."""

    @pytest.fixture
    def too_small(self, spec: LaunchSpec) -> LaunchSpec:
        """A launch whose disk does not hold the image."""
        return replace(spec, disk_gib=0)

    # --- what the cloud says of itself

    def test_it_says_what_it_is(self, driver):
        facts = driver.check()
        assert facts.version
        assert facts.vcpus > 0
        assert facts.ram_mib > 0

    def test_it_lists_images_with_their_needs(self, driver, image_id):
        image = next(image for image in driver.images.list() if image.id == image_id)
        assert image.name
        assert image.min_disk_gib == self.image_disk_gib

    def test_consoles_are_there_where_they_are_declared(self, driver):
        declared = driver.features & {Feature.CONSOLE_VNC, Feature.CONSOLE_SERIAL}
        assert (driver.consoles is not None) == bool(declared)

    # --- create, find, get, list

    def test_a_launched_instance_is_active_and_is_what_was_asked_for(self, launch, spec):
        remote = launch(spec)
        assert remote.status is Status.ACTIVE
        assert (remote.vcpus, remote.ram_mib, remote.disk_gib) == (spec.vcpus, spec.ram_mib, spec.disk_gib)
        assert (remote.image_id, remote.flavor_id) == (spec.image_id, spec.flavor_id)

    def test_it_carries_our_mark(self, launch, spec):
        mark = Mark(tenant_id="lab", instance_id=spec.instance_id, operation_id="op-1")
        assert launch(spec).mark == mark

    def test_launching_it_again_finds_the_same_one(self, driver, launch, spec):
        assert launch(spec).id == launch(spec).id
        assert self.count(driver, spec) == 1

    def test_its_key_is_forgotten_and_once_more_is_no_error(self, driver, launch, spec):
        """The instance goes on; launched again, the key is as if it were new."""
        self.require(driver, Feature.PUBLIC_KEY)
        _private, key = generate(comment="of a test", type=Type.RSA)
        remote = launch(replace(spec, public_key=key.text))
        driver.forget_key(key.text)
        driver.forget_key(key.text)
        assert driver.compute.get(remote.id).status is Status.ACTIVE
        launch(replace(spec, instance_id=str(uuid.uuid4()), public_key=key.text))
        driver.forget_key(key.text)

    def test_it_is_found_by_our_id(self, driver, launch, spec):
        remote = launch(spec)
        assert driver.compute.find(spec.instance_id) == remote

    def test_what_is_not_there_is_not_found(self, driver):
        assert driver.compute.find(str(uuid.uuid4())) is None

    @pytest.mark.parametrize("remote_id", [NOWHERE, "", "no-uuid", "' OR 1=1", "../../etc/passwd"])
    def test_getting_what_is_not_there_says_so(self, driver, remote_id):
        with pytest.raises(NotFound):
            driver.compute.get(remote_id)

    def test_the_list_holds_it_with_its_mark(self, driver, launch, spec):
        remote = launch(spec)
        listed = {instance.id: instance for instance in driver.compute.list()}
        assert listed[remote.id] == driver.compute.get(remote.id)

    def test_the_list_holds_strangers_without_a_mark(self, driver, stranger):
        listed = {instance.id: instance for instance in driver.compute.list()}
        assert listed[stranger].mark is None

    @pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
    def test_any_name_comes_back_as_it_was(self, launch, spec, name):
        assert launch(replace(spec, name=name)).name == name

    @pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
    def test_any_mark_comes_back_as_it_was(self, launch, spec, text):
        mark = launch(replace(spec, tenant_id=text, operation_id=text)).mark
        assert (mark.tenant_id, mark.operation_id) == (text, text)

    # --- refusals

    def test_an_image_that_is_gone_is_refused_and_nothing_is_left(self, driver, spec):
        with pytest.raises(Refused) as refused:
            driver.compute.create(replace(spec, image_id=self.missing_image_id))
        assert refused.value.reason is Reason.IMAGE_MISSING
        assert self.count(driver, spec) == 0

    def test_a_disk_smaller_than_the_image_is_refused_and_nothing_is_left(self, driver, too_small):
        with pytest.raises(Refused) as refused:
            driver.compute.create(too_small)
        assert refused.value.reason is Reason.IMAGE_TOO_LARGE
        assert self.count(driver, too_small) == 0

    # --- bounds: what forms refuse before it comes here

    @needs(Feature.USER_DATA)
    def test_as_much_user_data_as_it_says_is_taken_and_one_byte_more_is_not(self, driver, launch, spec):
        if (most := driver.bounds.user_data_bytes) is None:
            pytest.skip("it takes more than is ever asked for")
        self.refuses(driver, replace(spec, user_data="#" * (most + 1)))
        assert launch(replace(spec, user_data="#" * most)).status is Status.ACTIVE

    @needs(Feature.PUBLIC_KEY)
    @pytest.mark.parametrize("type_", [Type.ED25519, Type.RSA])
    def test_a_public_key_is_taken_where_its_type_is(self, driver, launch, spec, type_):
        _private, key = generate(comment="contract", type=type_)
        asked = replace(spec, public_key=key.text)
        if driver.bounds.takes_key(key.text):
            assert launch(asked).status is Status.ACTIVE
        else:
            self.refuses(driver, asked)

    @needs(Feature.TAGS)
    def test_what_it_reserves_is_no_tag_of_an_instance(self, driver, spec):
        for tag in self.reserved(driver):
            self.refuses(driver, replace(spec, tags=("web", tag)))

    def refuses(self, driver, spec):
        with pytest.raises(Refused) as refused:
            driver.compute.create(spec)
        assert refused.value.reason is Reason.INVALID
        assert self.count(driver, spec) == 0

    # --- start, stop, reboot

    def test_cutting_the_power_stops_it_and_once_more_is_no_error(self, driver, launch, spec):
        remote = launch(spec)
        driver.compute.stop(remote.id, force=True)
        self.expect(driver, remote.id, Status.SHUTOFF)
        driver.compute.stop(remote.id, force=True)
        driver.compute.stop(remote.id)
        self.expect(driver, remote.id, Status.SHUTOFF)

    def test_it_starts_again_and_once_more_is_no_error(self, driver, launch, spec):
        remote = launch(spec)
        driver.compute.stop(remote.id, force=True)
        self.expect(driver, remote.id, Status.SHUTOFF)
        driver.compute.start(remote.id)
        driver.compute.start(remote.id)
        self.expect(driver, remote.id, Status.ACTIVE)

    @needs(Feature.ADDRESSES_STAY)
    def test_what_was_turned_off_and_on_has_the_addresses_that_it_had(self, driver, launch, spec):
        remote = launch(spec)
        had = set(driver.compute.get(remote.id).addresses)
        driver.compute.stop(remote.id, force=True)
        self.expect(driver, remote.id, Status.SHUTOFF)
        driver.compute.start(remote.id)
        self.expect(driver, remote.id, Status.ACTIVE)
        self.eventually(lambda: had <= set(driver.compute.get(remote.id).addresses))

    @pytest.mark.parametrize("hard", [False, True])
    def test_after_a_reboot_it_is_active(self, driver, launch, spec, hard):
        remote = launch(spec)
        driver.compute.reboot(remote.id, hard=hard)
        self.expect(driver, remote.id, Status.ACTIVE)

    def test_a_stopped_one_cannot_be_rebooted_softly(self, driver, launch, spec):
        remote = launch(spec)
        driver.compute.stop(remote.id, force=True)
        self.expect(driver, remote.id, Status.SHUTOFF)
        with pytest.raises(Conflict):
            driver.compute.reboot(remote.id)

    def test_a_hard_reboot_starts_a_stopped_one(self, driver, launch, spec):
        remote = launch(spec)
        driver.compute.stop(remote.id, force=True)
        self.expect(driver, remote.id, Status.SHUTOFF)
        driver.compute.reboot(remote.id, hard=True)
        self.expect(driver, remote.id, Status.ACTIVE)

    @pytest.mark.parametrize("verb", ["start", "stop", "reboot"])
    def test_a_verb_on_what_is_not_there_says_so(self, driver, verb):
        with pytest.raises(NotFound):
            getattr(driver.compute, verb)(str(uuid.uuid4()))

    @pytest.mark.parametrize("verb", ["start", "stop", "reboot", "delete"])
    def test_a_stranger_is_never_touched(self, driver, stranger, verb):
        if self.strangers_are_ours:
            pytest.skip("what is in this place belongs to its tenant, whoever made it")
        before = driver.compute.get(stranger)
        with pytest.raises((Conflict, NotFound)):
            getattr(driver.compute, verb)(stranger)
        assert driver.compute.get(stranger) == before

    def test_a_stranger_in_a_place_of_ours_can_be_stopped_and_deleted(self, driver, stranger):
        if not self.strangers_are_ours:
            pytest.skip("on this cloud a mark says whose an instance is")
        driver.compute.stop(stranger, force=True)
        self.expect(driver, stranger, Status.SHUTOFF)
        driver.compute.delete(stranger)
        self.eventually(lambda: stranger not in {instance.id for instance in driver.compute.list()})

    # --- delete

    def test_what_was_deleted_is_gone_and_once_more_is_no_error(self, driver, launch, spec):
        remote = launch(spec)
        driver.compute.delete(remote.id)
        driver.compute.delete(remote.id)
        self.expect_gone(driver, spec)
        assert driver.compute.find(spec.instance_id) is None
        with pytest.raises(NotFound):
            driver.compute.get(remote.id)

    def test_a_stopped_one_can_be_deleted(self, driver, launch, spec):
        remote = launch(spec)
        driver.compute.stop(remote.id, force=True)
        self.expect(driver, remote.id, Status.SHUTOFF)
        driver.compute.delete(remote.id)
        self.expect_gone(driver, spec)

    # --- console log

    @needs(Feature.CONSOLE_LOG)
    def test_the_console_log_is_text_and_no_longer_than_asked_for(self, driver, launch, spec):
        remote = launch(spec)
        self.eventually(lambda: driver.compute.console_log(remote.id))
        assert len(driver.compute.console_log(remote.id, max_bytes=5)) <= 5

    @needs(Feature.CONSOLE_LOG)
    def test_the_console_log_of_what_is_not_there_says_so(self, driver):
        with pytest.raises(NotFound):
            driver.compute.console_log(str(uuid.uuid4()))

    # --- the administrator's password

    @needs(Feature.PASSWORD)
    def test_a_guest_that_told_no_password_has_none(self, driver, launch, spec):
        assert driver.compute.password_data(launch(spec).id) == ""

    @needs(Feature.PASSWORD)
    @pytest.mark.parametrize("remote_id", [NOWHERE, "../../etc/passwd", ""])
    def test_the_password_of_what_is_not_there_says_so(self, driver, remote_id):
        with pytest.raises(NotFound):
            driver.compute.password_data(remote_id)

    # --- watch

    @needs(Feature.EVENTS)
    def test_a_watcher_sees_it_come_stop_and_go(self, driver, launch, spec):
        watcher = Watcher(driver)
        try:
            remote = launch(spec)
            eventually(lambda: watcher.has_seen(remote.id, Status.ACTIVE), seconds=SEEN_S)
            driver.compute.stop(remote.id, force=True)
            eventually(lambda: watcher.has_seen(remote.id, Status.SHUTOFF), seconds=SEEN_S)
            driver.compute.delete(remote.id)
            eventually(lambda: watcher.has_seen(remote.id, None), seconds=SEEN_S)
        finally:
            watcher.end()

    @needs(Feature.EVENTS)
    def test_two_watchers_both_see_it(self, driver, launch, spec):
        watchers = [Watcher(driver), Watcher(driver)]
        try:
            remote = launch(spec)
            for watcher in watchers:
                eventually(lambda watcher=watcher: watcher.has_seen(remote.id, Status.ACTIVE), seconds=SEEN_S)
        finally:
            for watcher in watchers:
                watcher.end()


class CreateTokenContract(DriverContract):
    """For clouds to which our instance id is a token: asked twice, they still make one."""

    def test_creating_twice_makes_one(self, driver, launch, spec):
        first, second = driver.compute.create(spec), driver.compute.create(spec)
        assert first.id == second.id == launch(spec).id
        assert self.count(driver, spec) == 1

    def test_four_at_once_make_one(self, driver, launch, spec):
        with ThreadPoolExecutor(4) as pool:
            made = {remote.id for remote in pool.map(driver.compute.create, [spec] * 4)}
        assert made == {launch(spec).id}
        assert self.count(driver, spec) == 1

    def test_creating_it_again_does_not_start_what_was_stopped(self, driver, launch, spec):
        remote = launch(spec)
        driver.compute.stop(remote.id, force=True)
        self.expect(driver, remote.id, Status.SHUTOFF)
        driver.compute.create(spec)
        assert driver.compute.get(remote.id).status is Status.SHUTOFF

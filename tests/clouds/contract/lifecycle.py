"""The verbs beyond turning on and off. Each is skipped where its feature is not declared."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest

from dashboard.clouds.interface import Conflict, Feature, NotFound, Reason, Refused, Status, Verb

from .ground import NOWHERE, OnACloud, needs, unique

THERE_AND_BACK = [
    (Feature.PAUSE, Verb.PAUSE, Status.PAUSED, Verb.UNPAUSE),
    (Feature.SUSPEND, Verb.SUSPEND, Status.SUSPENDED, Verb.RESUME),
    (Feature.SHELVE, Verb.SHELVE, Status.SHELVED, Verb.UNSHELVE),
]
FEATURE_OF = {
    Verb.PAUSE: Feature.PAUSE,
    Verb.UNPAUSE: Feature.PAUSE,
    Verb.SUSPEND: Feature.SUSPEND,
    Verb.RESUME: Feature.SUSPEND,
    Verb.SHELVE: Feature.SHELVE,
    Verb.UNSHELVE: Feature.SHELVE,
    Verb.UNRESCUE: Feature.RESCUE,
    Verb.LOCK: Feature.LOCK,
    Verb.UNLOCK: Feature.LOCK,
    Verb.CONFIRM_RESIZE: Feature.RESIZE,
    Verb.REVERT_RESIZE: Feature.RESIZE,
}


def sizes_of(asked):
    return asked["vcpus"], asked["ram_mib"], asked["disk_gib"]


class LifecycleContract(OnACloud):
    """Also gives `larger`, and `remove_image` where snapshots would stay behind."""

    missing_image_id = "gone.qcow2"
    refuses_to_shrink = True
    description = 'Front <b>end</b> of "R&D"; naïve 漢字'

    @pytest.fixture
    def larger(self) -> dict[str, object]:
        """More of each than what `size` asks for; needed only with Feature.RESIZE."""
        return {"flavor_id": "large", "vcpus": 2, "ram_mib": 128, "disk_gib": 2}

    @pytest.fixture
    def other_image_id(self, image_id: str) -> str:
        """To rebuild from."""
        return image_id

    @pytest.fixture
    def remove_image(self) -> Callable[[str], None]:
        return lambda image_id: None

    # --- there and back again

    @pytest.mark.parametrize(("feature", "verb", "status", "back"), THERE_AND_BACK)
    def test_it_goes_there_and_back_and_once_more_is_no_error(self, driver, remote, feature, verb, status, back):
        self.require(driver, feature)
        for asked, becomes in ((verb, status), (back, Status.ACTIVE)):
            driver.lifecycle.do(remote.id, asked)
            self.expect(driver, remote.id, becomes)
            driver.lifecycle.do(remote.id, asked)
            self.expect(driver, remote.id, becomes)

    @needs(Feature.RESCUE)
    def test_rescue_and_back(self, driver, remote):
        driver.lifecycle.rescue(remote.id)
        self.expect(driver, remote.id, Status.RESCUE)
        driver.lifecycle.rescue(remote.id)
        driver.lifecycle.do(remote.id, Verb.UNRESCUE)
        self.expect(driver, remote.id, Status.ACTIVE)

    @needs(Feature.PAUSE)
    def test_a_stopped_one_cannot_be_paused(self, driver, remote):
        driver.compute.stop(remote.id, force=True)
        self.expect(driver, remote.id, Status.SHUTOFF)
        with pytest.raises(Conflict):
            driver.lifecycle.do(remote.id, Verb.PAUSE)

    @pytest.mark.parametrize("verb", list(Verb))
    def test_a_verb_on_what_is_not_there_says_so(self, driver, verb):
        self.require(driver, FEATURE_OF[verb])
        with pytest.raises(NotFound):
            driver.lifecycle.do(NOWHERE, verb)

    # --- lock

    @needs(Feature.LOCK)
    def test_a_locked_one_refuses_changes_until_it_is_unlocked(self, driver, remote):
        driver.lifecycle.do(remote.id, Verb.LOCK)
        self.eventually(lambda: driver.compute.get(remote.id).is_locked)
        driver.lifecycle.do(remote.id, Verb.LOCK)
        with pytest.raises(Conflict):
            driver.compute.stop(remote.id)
        with pytest.raises(Conflict):
            driver.compute.delete(remote.id)
        self._unlock(driver, remote.id)
        driver.compute.stop(remote.id, force=True)
        self.expect(driver, remote.id, Status.SHUTOFF)

    def _unlock(self, driver, remote_id):
        driver.lifecycle.do(remote_id, Verb.UNLOCK)
        driver.lifecycle.do(remote_id, Verb.UNLOCK)
        self.eventually(lambda: not driver.compute.get(remote_id).is_locked)

    # --- resize

    @needs(Feature.RESIZE)
    def test_a_confirmed_resize_keeps_the_new_size(self, driver, remote, larger):
        driver.lifecycle.resize(remote.id, **larger)
        resized = self.expect(driver, remote.id, Status.RESIZED)
        assert (resized.vcpus, resized.ram_mib, resized.disk_gib) == sizes_of(larger)
        driver.lifecycle.do(remote.id, Verb.CONFIRM_RESIZE)
        confirmed = self.expect(driver, remote.id, Status.ACTIVE)
        driver.lifecycle.do(remote.id, Verb.CONFIRM_RESIZE)
        assert (confirmed.vcpus, confirmed.ram_mib, confirmed.disk_gib) == sizes_of(larger)

    @needs(Feature.RESIZE)
    def test_a_reverted_resize_has_the_old_size(self, driver, remote, size, larger):
        driver.lifecycle.resize(remote.id, **larger)
        self.expect(driver, remote.id, Status.RESIZED)
        driver.lifecycle.do(remote.id, Verb.REVERT_RESIZE)
        reverted = self.expect(driver, remote.id, Status.ACTIVE)
        driver.lifecycle.do(remote.id, Verb.REVERT_RESIZE)
        assert (reverted.vcpus, reverted.ram_mib, reverted.disk_gib) == sizes_of(size)

    @needs(Feature.RESIZE)
    @pytest.mark.parametrize("verb", [Verb.CONFIRM_RESIZE, Verb.REVERT_RESIZE])
    def test_one_that_was_off_stays_off_whatever_comes_of_the_resize(self, driver, remote, larger, verb):
        driver.compute.stop(remote.id, force=True)
        self.expect(driver, remote.id, Status.SHUTOFF)
        driver.lifecycle.resize(remote.id, **larger)
        self.expect(driver, remote.id, Status.RESIZED)
        driver.lifecycle.do(remote.id, verb)
        self.expect(driver, remote.id, Status.SHUTOFF)

    @needs(Feature.RESIZE)
    def test_a_disk_that_would_shrink_is_refused_and_nothing_changes(self, driver, launch, spec, size, larger):
        if not self.refuses_to_shrink:
            pytest.skip("this cloud finds out only while it resizes, and goes back")
        remote = launch(replace(spec, **larger))
        with pytest.raises(Refused):
            driver.lifecycle.resize(remote.id, **size)
        assert self.expect(driver, remote.id, Status.ACTIVE).disk_gib == remote.disk_gib

    @needs(Feature.RESIZE)
    def test_a_resized_one_takes_no_other_verb_before_it_is_confirmed(self, driver, remote, larger):
        driver.lifecycle.resize(remote.id, **larger)
        self.expect(driver, remote.id, Status.RESIZED)
        with pytest.raises(Conflict):
            driver.lifecycle.do(remote.id, Verb.SUSPEND)

    @needs(Feature.RESIZE)
    def test_a_resize_that_is_asked_for_twice_is_one(self, driver, remote, larger):
        for _twice in range(2):
            driver.lifecycle.resize(remote.id, **larger)
        self.expect(driver, remote.id, Status.RESIZED)

    @needs(Feature.RESIZE)
    def test_a_resize_to_the_size_that_it_has_is_no_error(self, driver, remote, size):
        driver.lifecycle.resize(remote.id, **size)
        assert driver.compute.get(remote.id).status is Status.ACTIVE

    @needs(Feature.RESIZE)
    def test_a_resize_to_a_flavor_that_is_not_there_is_refused(self, driver, remote, larger):
        if driver.flavors is None:
            pytest.skip("the flavors are Skydeck's own")
        with pytest.raises((Refused, NotFound)):
            driver.lifecycle.resize(remote.id, **{**larger, "flavor_id": "no-such-flavor"})
        assert driver.compute.get(remote.id).status is Status.ACTIVE

    # --- rebuild, snapshot

    @needs(Feature.REBUILD)
    def test_a_rebuilt_one_keeps_its_name_and_addresses(self, driver, remote, other_image_id):
        before = driver.compute.get(remote.id)
        driver.lifecycle.rebuild(remote.id, image_id=other_image_id)
        rebuilt = self.expect(driver, remote.id, Status.ACTIVE)
        assert rebuilt.image_id == other_image_id
        assert (rebuilt.name, set(rebuilt.addresses)) == (before.name, set(before.addresses))
        assert rebuilt.mark == before.mark

    @needs(Feature.REBUILD)
    def test_a_rebuilt_one_that_was_off_stays_off(self, driver, remote, other_image_id):
        driver.compute.stop(remote.id, force=True)
        self.expect(driver, remote.id, Status.SHUTOFF)
        driver.lifecycle.rebuild(remote.id, image_id=other_image_id)
        self.eventually(lambda: driver.compute.get(remote.id).image_id == other_image_id)
        self.expect(driver, remote.id, Status.SHUTOFF)

    @needs(Feature.REBUILD)
    def test_a_rebuild_from_an_image_that_is_gone_is_refused(self, driver, remote):
        with pytest.raises(Refused) as refused:
            driver.lifecycle.rebuild(remote.id, image_id=self.missing_image_id)
        assert refused.value.reason is Reason.IMAGE_MISSING
        assert driver.compute.get(remote.id).image_id == remote.image_id

    @needs(Feature.SNAPSHOT)
    def test_a_snapshot_becomes_an_image_and_the_same_key_the_same_one(self, driver, remote, remove_image):
        key, name = str(uuid.uuid4()), unique("snapshot")
        image_id = driver.lifecycle.snapshot(remote.id, name=name, key=key)
        try:
            self.eventually(lambda: self._is_listed(driver, remote.id, image_id))
            self.expect(driver, remote.id, Status.ACTIVE)
            assert driver.lifecycle.snapshot(remote.id, name=name, key=key) == image_id
            image = next(image for image in driver.images.list() if image.id == image_id)
            assert (image.name, image.is_snapshot, image.is_public) == (name, True, False)
        finally:
            remove_image(image_id)

    def _is_listed(self, driver, remote_id, image_id):
        driver.lifecycle.carry_on(remote_id)
        return image_id in {image.id for image in driver.images.list()}

    # --- words

    @needs(Feature.RENAME)
    def test_it_can_be_renamed(self, driver, remote):
        name = unique("renamed")
        driver.lifecycle.rename(remote.id, name=name)
        self.eventually(lambda: driver.compute.get(remote.id).name == name)

    @needs(Feature.DESCRIPTION)
    def test_it_has_the_description_that_was_set_last(self, driver, remote):
        for description in (self.description, ""):
            driver.lifecycle.describe(remote.id, description=description)
            self.eventually(lambda text=description: driver.compute.get(remote.id).description == text)

    @needs(Feature.DESCRIPTION)
    def test_the_description_given_at_launch_is_told(self, launch, spec):
        assert launch(replace(spec, description=self.description)).description == self.description

    @needs(Feature.TAGS)
    def test_what_it_reserves_is_refused_and_its_tags_stay(self, driver, remote):
        driver.lifecycle.set_tags(remote.id, tags=["web"])
        for tag in self.reserved(driver):
            with pytest.raises(Refused):
                driver.lifecycle.set_tags(remote.id, tags=["web", tag])
        self.eventually(lambda: set(driver.compute.get(remote.id).tags) == {"web"})

    @needs(Feature.TAGS)
    def test_it_has_exactly_the_tags_that_were_set_last(self, driver, remote):
        for tags in (["web", "blue"], ["green"], []):
            driver.lifecycle.set_tags(remote.id, tags=tags)
            self.eventually(lambda tags=tags: set(driver.compute.get(remote.id).tags) == set(tags))

    @needs(Feature.METADATA)
    def test_it_has_exactly_the_metadata_that_was_set_last_and_keeps_our_mark(self, driver, remote):
        for metadata in ({"role": "web", "owner": "naïve"}, {"role": "db"}, {}):
            driver.lifecycle.set_metadata(remote.id, metadata=metadata)
            self.eventually(lambda metadata=metadata: driver.compute.get(remote.id).metadata == metadata)
        assert driver.compute.get(remote.id).mark == remote.mark

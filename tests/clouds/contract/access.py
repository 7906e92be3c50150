"""Keys of people, for the cloud's own tools."""

from __future__ import annotations

import uuid

import pytest

from dashboard.clouds.interface import AuthFailed, Feature, NotFound

from .places import InPlaces


class AccessContract(InPlaces):
    missing_place_id = "0" * 32

    @pytest.fixture
    def access(self, admin):
        assert admin.access is not None
        return admin.access

    @pytest.fixture
    def issue(self, access, place):
        def issue(person="7", mark=None, **changed):
            return access.issue(
                changed.get("place_id", place.id),
                person=person,
                mark=mark or uuid.uuid4().hex,
                label=f"{person}: laptop",
            )

        return issue

    @pytest.fixture
    def lets_in(self, connect_place, place):
        """Whether a key lets into the place, asked anew."""

        def lets_in(key, place_id=place.id):
            try:
                return list(connect_place({"place_id": place_id, **key.secret}).compute.list()) == []
            except AuthFailed:
                return False

        return lets_in

    def is_locked_out(self, lets_in, key):
        self.eventually(lambda: not lets_in(key))

    def test_it_is_declared_by_the_clouds_own_driver_only(self, admin, driver):
        assert Feature.ACCESS_KEYS in admin.features
        assert driver.access is None

    def test_a_key_lets_in_and_keeps_its_secret(self, issue, lets_in, place):
        key = issue()
        assert lets_in(key)
        for value in set(key.secret.values()) - {key.id, place.id}:
            assert value not in repr(key)

    def test_two_of_one_person_are_two(self, issue, lets_in):
        one, two = issue(), issue()
        assert one.id != two.id
        assert lets_in(one)
        assert lets_in(two)

    def test_the_same_mark_again_ends_the_one_whose_answer_was_lost(self, issue, lets_in):
        mark, other = uuid.uuid4().hex, issue()
        lost = issue(mark=mark)
        found = issue(mark=mark)
        self.is_locked_out(lets_in, lost)
        assert lets_in(found)
        assert lets_in(other)

    def test_one_is_revoked_by_its_mark_and_once_more_is_no_error(self, access, issue, lets_in, place):
        mark = uuid.uuid4().hex
        ended, kept = issue(mark=mark), issue()
        for _twice in range(2):
            access.revoke(place.id, person="7", mark=mark)
        self.is_locked_out(lets_in, ended)
        assert lets_in(kept)

    def test_nobody_ends_anothers_by_its_mark(self, access, issue, lets_in, place):
        mark = uuid.uuid4().hex
        key = issue(mark=mark)
        access.revoke(place.id, person="8", mark=mark)
        assert lets_in(key)

    def test_the_end_of_one_person_is_nobody_elses(self, access, issue, lets_in, places, place, connect_place):
        """Nor of somebody whose id begins with theirs, nor of what Skydeck itself works with."""
        ours = places.grant(place.id, label="contract")
        mine, my_other, longer = issue("7"), issue("7"), issue("77")
        for _twice in range(2):
            access.end(place.id, person="7")
        self.is_locked_out(lets_in, mine)
        self.is_locked_out(lets_in, my_other)
        assert lets_in(longer)
        assert list(connect_place(ours.settings).compute.list()) == []

    def test_the_end_in_one_place_is_none_in_another(self, access, issue, lets_in, make_place, place):
        elsewhere = make_place()
        key = issue(place_id=elsewhere.id)
        access.end(place.id, person="7")
        access.end_all(place.id)
        assert lets_in(key, elsewhere.id)
        access.end_all(elsewhere.id)

    def test_the_end_of_all_leaves_what_skydeck_works_with(self, access, issue, lets_in, places, place, connect_place):
        ours = places.grant(place.id, label="contract")
        keys = [issue("7"), issue("8")]
        for _twice in range(2):
            access.end_all(place.id)
        for key in keys:
            self.is_locked_out(lets_in, key)
        assert list(connect_place(ours.settings).compute.list()) == []

    def test_withdrawing_ours_leaves_theirs(self, issue, lets_in, places, place):
        """A credential is made anew by withdrawing what nobody kept; people notice nothing."""
        key = issue()
        places.withdraw(place.id)
        assert lets_in(key)

    def test_after_the_end_a_person_can_have_a_key_again(self, access, issue, lets_in, place):
        issue()
        access.end(place.id, person="7")
        assert lets_in(issue())

    def test_a_place_that_is_gone_is_not_found_and_has_none_to_end(self, access, issue):
        with pytest.raises(NotFound):
            issue(place_id=self.missing_place_id)
        access.revoke(self.missing_place_id, person="7", mark="m")
        access.end(self.missing_place_id, person="7")
        access.end_all(self.missing_place_id)

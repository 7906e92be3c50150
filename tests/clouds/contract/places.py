"""Places of tenants, and the credentials that let us in."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping

import pytest

from dashboard.clouds.interface import AuthFailed, Conflict, Driver, Feature, NotFound, Places, Refused, RemotePlace

from .ground import OnACloud, needs, unique


class InPlaces(OnACloud):
    """A test class gives `admin`, `connect_place` and, where places would stay behind, `remove_place`."""

    @pytest.fixture
    def admin(self) -> Driver:
        """With the cloud's own credential."""
        raise NotImplementedError

    @pytest.fixture
    def connect_place(self) -> Callable[[Mapping[str, str]], Driver]:
        """A driver with the settings of a credential."""
        raise NotImplementedError

    @pytest.fixture
    def remove_place(self) -> Callable[[str], None]:
        return lambda place_id: None

    @pytest.fixture
    def places(self, admin: Driver) -> Places:
        assert admin.places is not None
        return admin.places

    @pytest.fixture
    def make_place(self, places: Places, remove_place: Callable[[str], None]) -> Iterator[Callable[[], RemotePlace]]:
        made: list[str] = []

        def make() -> RemotePlace:
            place = places.create(mark=str(uuid.uuid4()), name=unique("place"))
            made.append(place.id)
            return place

        yield make
        for place_id in made:
            places.withdraw(place_id)
            remove_place(place_id)

    @pytest.fixture
    def place(self, make_place: Callable[[], RemotePlace]) -> RemotePlace:
        return make_place()

    @pytest.fixture
    def driver(
        self, places: Places, place: RemotePlace, connect_place: Callable[[Mapping[str, str]], Driver]
    ) -> Driver:
        """Of the tenant whose place it is."""
        return connect_place(places.grant(place.id, label="contract").settings)


class PlacesContract(InPlaces):
    # --- places

    def test_a_place_is_listed_with_our_mark(self, places, place):
        assert place.mark
        listed = {other.id: other for other in places.list()}
        assert (listed[place.id].name, listed[place.id].mark) == (place.name, place.mark)

    def test_the_same_mark_again_finds_the_same_place(self, places, place):
        assert places.create(mark=place.mark, name=place.name).id == place.id

    def test_a_name_that_is_taken_is_a_conflict(self, places, place):
        with pytest.raises(Conflict):
            places.create(mark=str(uuid.uuid4()), name=place.name)

    @pytest.mark.parametrize("name", ["Lab 1", "123456789012", "-a--b", "ü", "x" * 64])
    def test_a_name_that_its_bounds_change_is_refused_and_the_other_is_taken(self, admin, places, remove_place, name):
        fitting = admin.bounds.place_name
        if (other := fitting(name)) == name:
            pytest.skip("its bounds let this name through")
        assert fitting(other) == other
        with pytest.raises(Refused):
            places.create(mark=str(uuid.uuid4()), name=name)
        made = places.create(mark=str(uuid.uuid4()), name=other)
        remove_place(made.id)
        assert made.name == other

    @needs(Feature.PLACE_REMOVE)
    def test_an_empty_place_is_removed_and_once_more_is_no_error(self, places, place):
        for _twice in range(2):
            places.remove(place.id)
        assert place.id not in {other.id for other in places.list()}

    def test_what_is_in_a_place_is_counted_also_where_nobody_of_us_works_in_it(self, places, make_place):
        assert places.used(make_place().id).get("instances", 0) == 0

    # --- credentials

    def test_a_credential_lets_in_and_keeps_its_secret(self, places, place, connect_place):
        credential = places.grant(place.id, label="first")
        assert list(connect_place(credential.settings).compute.list()) == []
        for value in set(credential.settings.values()) - {credential.id, place.id, ""}:
            assert value not in repr(credential)

    def test_each_is_revoked_alone_and_once_more_is_no_error(self, places, place, connect_place):
        old, new = places.grant(place.id, label="old"), places.grant(place.id, label="new")
        for _twice in range(2):
            places.revoke(place.id, credential_id=old.id)
        self.is_locked_out(connect_place(old.settings))
        assert list(connect_place(new.settings).compute.list()) == []

    def test_a_driver_in_use_is_locked_out_too(self, places, place, connect_place):
        credential = places.grant(place.id, label="in use")
        driver = connect_place(credential.settings)
        assert list(driver.compute.list()) == []
        places.revoke(place.id, credential_id=credential.id)
        self.is_locked_out(driver)

    def test_withdrawing_ends_them_all_and_leaves_the_place(self, places, place, connect_place):
        granted = [places.grant(place.id, label=label) for label in ("one", "two")]
        for _twice in range(2):
            places.withdraw(place.id)
        for credential in granted:
            self.is_locked_out(connect_place(credential.settings))
        assert place.id in {other.id for other in places.list()}

    def is_locked_out(self, driver):
        def refuses():
            try:
                list(driver.compute.list())
            except AuthFailed:
                return True
            return False

        self.eventually(refuses)

    # --- nobody sees another's

    def test_what_is_in_one_place_is_nowhere_in_another(self, places, make_place, connect_place, remote, driver):
        other = connect_place(places.grant(make_place().id, label="other").settings)
        assert list(other.compute.list()) == []
        assert other.compute.find(remote.mark.instance_id) is None
        with pytest.raises(NotFound):
            other.compute.get(remote.id)

    @pytest.mark.parametrize("verb", ["start", "stop", "reboot"])
    def test_nothing_of_one_place_can_be_changed_from_another(
        self, places, make_place, connect_place, remote, driver, verb
    ):
        other = connect_place(places.grant(make_place().id, label="other").settings)
        with pytest.raises(NotFound):
            getattr(other.compute, verb)(remote.id)
        other.compute.delete(remote.id)  # it is not there, as far as they can tell
        assert driver.compute.get(remote.id).status is remote.status

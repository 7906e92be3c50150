"""The contract of people's keys, asked of a real Keystone; and what its users of ours are called."""

from __future__ import annotations

import uuid
from contextlib import closing

import pytest

from dashboard.clouds.drivers.openstack.places import user_name
from dashboard.clouds.drivers.openstack.session import Session
from dashboard.clouds.interface import Refused, Unavailable
from dashboard.clouds.registry import connect
from tests.clouds.contract import AccessContract

from .lab.place import REGION
from .proxy import LostAnswer

pytestmark = pytest.mark.openstack
PATH = "/application_credentials"


class TestAccess(AccessContract):
    soon_s = 30
    pause_s = 0.25

    @pytest.fixture
    def keystone(self, admin_settings):
        """As the administrator, past the driver."""
        with closing(Session(admin_settings)) as session:
            yield session

    @pytest.fixture
    def admin(self, admin_settings):
        with closing(connect("openstack", admin_settings)) as driver:
            yield driver

    @pytest.fixture
    def remove_place(self, admin, keystone):
        def remove(place_id):
            admin.access.end_all(place_id)
            keystone.delete("identity", f"/projects/{place_id}")

        return remove

    @pytest.fixture
    def connect_place(self, admin_settings):
        opened = []

        def open_driver(settings):
            connection = {key: admin_settings[key] for key in ("auth_url", "region")}
            opened.append(connect("openstack", {**connection, **settings}))
            return opened[-1]

        yield open_driver
        for driver in opened:
            driver.close()

    @pytest.fixture
    def users(self, keystone, place):
        """Of ours for people in the place, by name."""

        def users():
            begin = f"{user_name(place.id, region=REGION)}:"
            return {
                user["name"]: user
                for user in keystone.get("identity", "/users")["users"]
                if user["name"].startswith(begin)
            }

        return users

    def test_each_person_has_one_user_and_its_credentials_are_restricted(self, issue, users, keystone, place):
        keys = [issue("7"), issue("7"), issue("8")]
        begin = user_name(place.id, region=REGION)
        assert sorted(users()) == [f"{begin}:7", f"{begin}:8"]
        user = users()[f"{begin}:7"]
        made = keystone.get("identity", f"/users/{user['id']}{PATH}")["application_credentials"]
        assert {one["id"] for one in made} == {key.id for key in keys[:2]}
        assert [one["unrestricted"] for one in made] == [False, False]
        assert all("7: laptop" in one["description"] for one in made)

    def test_nothing_is_left_of_a_person_whose_keys_ended(self, access, issue, users, place):
        issue("7")
        access.end(place.id, person="7")
        assert users() == {}

    def test_a_key_can_neither_make_nor_end_keys(self, issue, connect_place, place):
        key, other = issue(), issue()
        session = connect_place({"place_id": place.id, **key.secret}).session
        path = f"/users/{session.user_id}{PATH}"
        with pytest.raises(Refused):
            session.post("identity", path, json={"application_credential": {"name": "more"}})
        with pytest.raises(Refused):
            session.delete("identity", f"{path}/{other.id}")

    def test_a_lost_answer_leaves_one_key_after_the_next_try(
        self, keystone, admin_settings, proxy, issue, users, place
    ):
        mark = uuid.uuid4().hex
        proxy.inject(LostAnswer(), service="identity", method="POST", path=PATH)
        driver = connect("openstack", {**admin_settings, "auth_url": proxy.auth_url})
        with closing(driver), pytest.raises(Unavailable):
            driver.access.issue(place.id, person="7", mark=mark, label="alice: laptop")
        key = issue("7", mark=mark)
        (user,) = users().values()
        made = keystone.get("identity", f"/users/{user['id']}{PATH}")["application_credentials"]
        assert [one["id"] for one in made] == [key.id]

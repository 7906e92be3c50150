"""Projects as the places of tenants, and what their credentials can and cannot do, in a real Keystone."""

from __future__ import annotations

import secrets
from contextlib import closing

import pytest

from dashboard.clouds.drivers.openstack.places import OpenStackPlaces, user_name
from dashboard.clouds.drivers.openstack.session import Session
from dashboard.clouds.interface import AuthFailed, CloudError, Conflict, NotFound, Refused, Unavailable

from .lab.place import REGION
from .proxy import LostAnswer

pytestmark = pytest.mark.openstack


@pytest.fixture(scope="module")
def places(admin):
    return OpenStackPlaces(admin)


@pytest.fixture
def mark():
    return secrets.token_hex(8)


@pytest.fixture
def place(places, admin, mark):
    place = places.create(mark=mark, name=f"places-{mark}")
    yield place
    places.withdraw(place.id)
    admin.delete("identity", f"/projects/{place.id}")


@pytest.fixture
def enter(admin):
    """Sessions with credentials."""
    opened = []

    def open_session(credential):
        connection = {key: admin.settings[key] for key in ("auth_url", "region")}
        opened.append(Session({**connection, **credential.settings}))
        return opened[-1]

    yield open_session
    for session in opened:
        session.close()


def service_user(admin, place):
    return admin.get("identity", "/users", params={"name": user_name(place.id, region=REGION)})["users"]


def credentials_of(admin, place):
    (user,) = service_user(admin, place)
    return admin.get("identity", f"/users/{user['id']}/application_credentials")["application_credentials"]


class TestPlaces:
    def test_a_place_is_made_with_our_mark_and_listed(self, places, place, mark):
        assert (place.mark, place.domain, place.is_enabled) == (mark, "Default", True)
        assert place in places.list()

    def test_a_place_that_is_there_already_is_not_made_again(self, places, place, mark):
        assert places.create(mark=mark, name="another name") == place

    def test_a_name_that_is_taken_is_a_conflict(self, places, place):
        with pytest.raises(Conflict):
            places.create(mark=secrets.token_hex(8), name=place.name)

    def test_what_others_made_is_listed_without_a_mark(self, places):
        assert [place.mark for place in places.list() if place.name == "admin"] == [""]

    def test_a_lost_answer_never_doubles_a_place(self, admin, proxy, mark):
        proxy.inject(LostAnswer(), service="identity", method="POST", path="/projects")
        with closing(Session({**admin.settings, "auth_url": proxy.auth_url})) as session:
            places = OpenStackPlaces(session)
            with pytest.raises(Unavailable):
                places.create(mark=mark, name=f"places-{mark}")
            place = places.create(mark=mark, name=f"places-{mark}")
            assert [found.id for found in places.list() if found.mark == mark] == [place.id]
        admin.delete("identity", f"/projects/{place.id}")

    def test_a_domain_that_is_missing_is_said(self, admin, mark):
        session = Session({**admin.settings, "places_domain": "nowhere"})
        with closing(session), pytest.raises(Refused, match="no domain named nowhere"):
            OpenStackPlaces(session).create(mark=mark, name=f"places-{mark}")


class TestCredentials:
    def test_a_credential_lets_into_the_place_as_a_member(self, places, place, enter):
        session = enter(places.grant(place.id, label="skydeck lab"))
        assert session.project_id == place.id
        assert session.get("compute", "/servers")["servers"] == []
        assert [role["name"] for role in roles_of(session)] == ["member", "reader"]

    def test_a_second_credential_leaves_the_first_one_good(self, places, place, enter):
        first = enter(places.grant(place.id, label="skydeck"))
        assert first.project_id == place.id
        second = enter(places.grant(place.id, label="skydeck"))
        for session in (first, second):
            assert session.get("network", "/networks")

    def test_the_user_of_a_place_is_one_however_many_credentials_it_has(self, places, place, admin):
        ids = {places.grant(place.id, label="skydeck").id for _ in range(2)}
        (user,) = service_user(admin, place)
        assert user["name"] == f"skydeck-{place.id}-{REGION}"
        assert {made["id"] for made in credentials_of(admin, place)} == ids
        assert all(made["unrestricted"] is False for made in credentials_of(admin, place))

    def test_a_revoked_credential_is_refused_at_once(self, places, place, enter):
        """By Keystone. What Nova and the others have in their token caches they believe up to 5 minutes longer."""
        kept, ended = places.grant(place.id, label="kept"), places.grant(place.id, label="ended")
        session = enter(ended)
        assert session.get("identity", "/auth/projects")
        places.revoke(place.id, credential_id=ended.id)
        places.revoke(place.id, credential_id=ended.id)
        with pytest.raises((AuthFailed, NotFound)):  # Keystone says 404 of the credential that a token belonged to
            session.get("identity", "/auth/projects")
        with pytest.raises(AuthFailed):
            enter(ended).get("identity", "/auth/projects")
        assert enter(kept).get("compute", "/servers") == {"servers": []}

    def test_nothing_is_left_that_lets_in_after_withdrawing(self, places, place, enter, admin):
        credentials = [places.grant(place.id, label="skydeck") for _ in range(2)]
        session = enter(credentials[0])
        assert session.get("identity", "/auth/projects")
        places.withdraw(place.id)
        places.withdraw(place.id)
        with pytest.raises((AuthFailed, NotFound)):
            session.get("identity", "/auth/projects")
        for credential in credentials:
            with pytest.raises(AuthFailed):
                enter(credential).get("identity", "/auth/projects")
        assert service_user(admin, place) == []
        assert place in places.list()

    def test_a_place_can_be_entered_again_after_withdrawing(self, places, place, enter):
        places.grant(place.id, label="first")
        places.withdraw(place.id)
        assert enter(places.grant(place.id, label="second")).project_id == place.id

    def test_a_place_that_is_gone_is_not_found(self, places):
        with pytest.raises(NotFound):
            places.grant("0" * 32, label="skydeck")
        places.revoke("0" * 32, credential_id="1")
        places.withdraw("0" * 32)

    def test_a_secret_is_not_in_the_repr(self, places, place):
        credential = places.grant(place.id, label="skydeck")
        assert credential.settings["application_credential_secret"] not in repr(credential)

    def test_a_lost_answer_to_a_grant_is_made_good_by_the_next(self, admin, place, proxy, enter):
        proxy.inject(LostAnswer(), service="identity", method="POST", path="/application_credentials")
        with closing(Session({**admin.settings, "auth_url": proxy.auth_url})) as session:
            places = OpenStackPlaces(session)
            with pytest.raises(Unavailable):
                places.grant(place.id, label="skydeck")
            assert enter(places.grant(place.id, label="skydeck")).project_id == place.id

    @pytest.fixture
    def elsewhere(self, admin):
        """Another region of the same Keystone."""
        region = f"elsewhere-{secrets.token_hex(3)}"
        admin.put("identity", f"/regions/{region}", json={"region": {}})
        (keystone,) = admin.get("identity", "/services", params={"type": "identity"})["services"]
        fields = {"service_id": keystone["id"], "interface": "public", "region_id": region}
        url = admin.settings["auth_url"]
        made = admin.post("identity", "/endpoints", json={"endpoint": {**fields, "url": url}})["endpoint"]
        yield region
        admin.delete("identity", f"/endpoints/{made['id']}")
        admin.delete("identity", f"/regions/{region}")

    def test_the_end_in_one_region_is_not_the_end_in_another(self, places, place, admin, enter, elsewhere):
        kept = places.grant(place.id, label="here")
        with closing(Session({**admin.settings, "region": elsewhere})) as session:
            other = OpenStackPlaces(session)
            other.grant(place.id, label="there")
            other.withdraw(place.id)
        assert enter(kept).project_id == place.id


class TestWhatATenantCannotDo:
    @pytest.fixture
    def session(self, places, place, enter):
        return enter(places.grant(place.id, label="skydeck"))

    @pytest.mark.parametrize("path", ["/users", "/projects", "/domains", "/roles", "/role_assignments"])
    def test_it_cannot_look_around_in_keystone(self, session, path):
        with pytest.raises(Refused):
            session.get("identity", path)

    @pytest.mark.parametrize("path", ["/servers/detail?all_tenants=1", "/os-hypervisors", "/os-services"])
    def test_it_cannot_see_the_whole_cloud(self, session, path):
        with pytest.raises(Refused):
            session.get("compute", path)

    def test_it_cannot_go_into_another_project(self, session, admin):
        settings = {**session.settings}
        auth = {
            "identity": {
                "methods": ["application_credential"],
                "application_credential": {
                    "id": settings["application_credential_id"],
                    "secret": settings["application_credential_secret"],
                },
            },
            "scope": {"project": {"id": admin.project_id}},
        }
        with pytest.raises(CloudError) as raised:
            session.post("identity", "/auth/tokens", json={"auth": auth})
        assert raised.value.http_status in (400, 401, 403)

    def test_it_can_neither_make_nor_end_credentials(self, session, places, place):
        other = places.grant(place.id, label="other")
        path = f"/users/{session.user_id}/application_credentials"
        with pytest.raises(Refused):
            session.post("identity", path, json={"application_credential": {"name": "more"}})
        with pytest.raises(Refused):
            session.delete("identity", f"{path}/{other.id}")

    def test_it_cannot_change_its_quota(self, session, place):
        for service, path in [("compute", "os-quota-sets"), ("block-storage", "os-quota-sets")]:
            with pytest.raises(Refused):
                session.put(service, f"/{path}/{place.id}", json={"quota_set": {"instances": 1000}})


def roles_of(session):
    token = session.connection.session.auth.get_access(session.connection.session)
    return sorted(({"name": name} for name in token.role_names), key=lambda role: role["name"])

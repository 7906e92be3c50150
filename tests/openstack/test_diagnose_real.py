"""Testing a connection to a real OpenStack, with everything that can be wrong about it."""

from __future__ import annotations

import secrets
from contextlib import closing

import pytest

from dashboard.clouds.drivers import reach
from dashboard.clouds.drivers.openstack.diagnose import diagnose
from dashboard.clouds.drivers.openstack.driver import OpenStackDriver
from dashboard.clouds.drivers.openstack.finding_codes import Code
from dashboard.clouds.drivers.openstack.places import OpenStackPlaces
from dashboard.clouds.interface import FindingState

from .broken_servers import closed_port
from .projects import let_roles_settle, password_settings_of, settings_of
from .proxy import Garbage, Status

pytestmark = pytest.mark.openstack

BAD, OK, WARNING, SKIPPED = FindingState.BAD, FindingState.OK, FindingState.WARNING, FindingState.SKIPPED


def by_step(settings):
    return {finding.step: finding for finding in diagnose(settings)}


def what_is_wrong(settings):
    return {step: finding.code for step, finding in by_step(settings).items() if finding.state in (BAD, WARNING)}


def member(project, /, **changed):
    return password_settings_of(project) | changed


class TestWell:
    def test_an_administrators_connection_is_green_from_end_to_end(self, admin):
        with closing(OpenStackDriver(admin.settings)) as driver:
            findings = list(driver.diagnose())
        assert {finding.state for finding in findings} == {OK}
        assert all(finding.took_s < 15 for finding in findings)
        assert admin.settings["password"] not in repr(findings)

    def test_each_service_tells_its_versions_and_its_address(self, admin):
        findings = by_step(admin.settings)
        assert findings["compute"].values["version"].startswith("nova 2.1 to 2.")
        assert findings["block-storage"].values["version"].startswith("cinder 3.0 to 3.")
        assert findings["network"].values["url"].startswith("http://127.0.0.1:")

    def test_an_address_without_a_version_does(self, admin):
        bare = admin.settings["auth_url"].removesuffix("/v3")
        assert what_is_wrong({**admin.settings, "auth_url": bare}) == {}

    def test_the_place_of_a_tenant_is_green(self, project):
        assert set(what_is_wrong(settings_of(project))) <= {"object-store"}


class TestSignIn:
    @pytest.mark.parametrize("changed", [{"password": "wrong"}, {"username": "nobody"}, {"user_domain": "nowhere"}])
    def test_a_wrong_user_or_password(self, project, changed):
        findings = by_step(member(project, **changed))
        assert (findings["sign-in"].state, findings["sign-in"].code) == (BAD, Code.WRONG_USER)
        assert findings["catalogue"].state is findings["quota"].state is SKIPPED

    @pytest.mark.parametrize("changed", [{"project": "nothing"}, {"project": "admin"}, {"project_domain": "nowhere"}])
    def test_a_wrong_project_names_those_that_there_are(self, project, changed):
        finding = by_step(member(project, **changed))["sign-in"]
        assert (finding.code, finding.values["projects"]) == (Code.WRONG_PROJECT, project.name)

    def test_a_user_with_a_second_factor(self, admin, project):
        options = {"multi_factor_auth_enabled": True, "multi_factor_auth_rules": [["password", "totp"]]}
        admin.answer("PATCH", "identity", f"/users/{project.user}", json={"user": {"options": options}})
        assert by_step(member(project))["sign-in"].code == Code.SECOND_FACTOR

    def test_a_wrong_secret(self, project):
        changed = settings_of(project) | {"application_credential_secret": "wrong"}
        assert by_step(changed)["sign-in"].code == Code.CREDENTIAL_WRONG

    def test_a_credential_that_was_revoked(self, admin, project):
        places = OpenStackPlaces(admin)
        credential = places.grant(project.id, label="short")
        places.revoke(project.id, credential_id=credential.id)
        finding = by_step({"auth_url": project.auth_url, "region": project.region, **credential.settings})["sign-in"]
        places.withdraw(project.id)
        assert (finding.code, finding.values["credential"]) == (Code.CREDENTIAL_GONE, credential.id)

    def test_a_user_without_a_project(self, admin, project):
        admin.answer("PATCH", "identity", f"/users/{project.user}", json={"user": {"default_project_id": None}})
        finding = by_step(member(project, project=""))["sign-in"]
        assert (finding.code, finding.values["projects"]) == (Code.NO_PROJECT, project.name)


class TestCatalogue:
    def test_a_region_that_is_none_names_those_that_there_are(self, admin):
        finding = by_step({**admin.settings, "region": "regionone"})["catalogue"]
        assert finding.code == Code.REGION_UNKNOWN
        assert "RegionOne" in finding.values["regions"]

    @pytest.fixture
    def broken_region(self, admin):
        """A region whose Nova is at a closed port, whose Glance has no name, and which has no Neutron."""
        region = f"broken-{secrets.token_hex(3)}"
        admin.put("identity", f"/regions/{region}", json={"region": {}})
        services = {service["type"]: service["id"] for service in admin.get("identity", "/services")["services"]}
        urls = {"compute": f"http://127.0.0.1:{closed_port()}/v2.1", "image": "http://nobody.invalid:9292"}
        made = [
            admin.post(
                "identity",
                "/endpoints",
                json={
                    "endpoint": {"service_id": services[kind], "interface": "public", "url": url, "region_id": region}
                },
            )["endpoint"]["id"]
            for kind, url in urls.items()
        ]
        yield region
        for endpoint in made:
            admin.delete("identity", f"/endpoints/{endpoint}")
        admin.delete("identity", f"/regions/{region}")

    def test_services_that_are_missing_or_out_of_reach(self, admin, broken_region):
        findings = by_step({**admin.settings, "region": broken_region})
        assert findings["compute"].code == findings["image"].code == Code.ENDPOINT_UNREACHABLE
        assert reach.Code.PORT_CLOSED in findings["compute"].detail
        assert findings["network"].code == Code.SERVICE_MISSING
        assert (findings["block-storage"].state, findings["block-storage"].code) == (WARNING, Code.SERVICE_ABSENT)

    def test_endpoints_of_another_kind_are_missing(self, admin, broken_region):
        finding = by_step({**admin.settings, "region": broken_region, "interface": "internal"})["catalogue"]
        assert (finding.code, finding.values["interface"]) == (Code.INTERFACE_MISSING, "internal")

    def test_several_regions_want_a_choice(self, admin, broken_region):
        finding = by_step({**admin.settings, "region": ""})["catalogue"]
        assert finding.code == Code.REGION_MISSING
        assert broken_region in finding.values["regions"]

    @pytest.mark.parametrize("fault", [Status(503), Status(500), Garbage()])
    def test_a_service_that_is_ill_is_told_apart(self, admin, proxy, fault):
        proxy.inject(fault, service="image", times=None)
        wrong = what_is_wrong({**admin.settings, "auth_url": proxy.auth_url})
        assert wrong == {"image": Code.SERVICE_AWAY}


class TestRights:
    def role(self, admin, project, name):
        """The project's user has this role and no other."""
        roles = {role["name"]: role["id"] for role in admin.get("identity", "/roles")["roles"]}
        path = f"/projects/{project.id}/users/{project.user}/roles"
        admin.put("identity", f"{path}/{roles[name]}")
        if name != "member":
            admin.delete("identity", f"{path}/{roles['member']}")
        let_roles_settle()

    @pytest.mark.parametrize(
        ("role", "code"),
        [
            ("reader", Code.RIGHTS_READER),
            ("member", Code.RIGHTS_MEMBER),
            ("manager", Code.RIGHTS_MEMBER),
            ("service", Code.RIGHTS_NONE),
            ("admin", ""),
        ],
    )
    def test_each_role_is_told(self, admin, project, role, code):
        self.role(admin, project, role)
        finding = by_step(member(project))["rights"]
        assert finding.code == code
        assert role in finding.values["roles"].split(", ")

    def test_an_administrator_in_a_tenants_place_is_too_much(self, admin, project):
        self.role(admin, project, "admin")
        finding = by_step(member(project, place_id=project.id))["rights"]
        assert (finding.state, finding.code) == (WARNING, Code.RIGHTS_TOO_MANY)

"""The table of rights in docs/openstack.md is what a real OpenStack says, role by role."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from dashboard.clouds.drivers.openstack.session import Session
from dashboard.clouds.interface import CloudError, Reason, Refused

from . import own_project
from .projects import let_roles_settle, password_settings_of

pytestmark = pytest.mark.openstack

DOCS = Path(__file__).resolve().parents[2] / "docs" / "openstack.md"
ROLES = ("reader", "member", "manager", "admin")
NOTHING = "00000000-0000-4000-8000-000000000000"

# Most ask for what is not there, or so already: who may gets another answer than 403. The rest goes with its project.
QUESTIONS = {
    "list instances, flavors, zones": ("GET", "compute", "/servers/detail", None),
    "read its own limits": ("GET", "compute", "/limits", None),
    "list images": ("GET", "image", "/images", None),
    "list networks, ports, security groups": ("GET", "network", "/ports", None),
    "list volumes": ("GET", "block-storage", "/volumes", None),
    "launch an instance": (
        "POST",
        "compute",
        "/servers",
        {"server": {"name": "x", "flavorRef": NOTHING, "imageRef": NOTHING}},
    ),
    "make a server group": (
        "POST",
        "compute",
        "/os-server-groups",
        {"server_group": {"name": "x", "policies": ["affinity"]}},
    ),
    "make a network": ("POST", "network", "/networks", {"network": {"name": "x", "mtu": 1}}),
    "make a security group": ("POST", "network", "/security-groups", {"security_group": {"name": "x"}}),
    "allocate a floating IP": ("POST", "network", "/floatingips", {"floatingip": {"floating_network_id": NOTHING}}),
    "make a volume": ("POST", "block-storage", "/volumes", {"volume": {"size": 1}}),
    "upload an image": (
        "POST",
        "image",
        "/images",
        {"name": "x", "disk_format": "raw", "container_format": "bare", "id": NOTHING, "visibility": "private"},
    ),
    "read its own limits of networks": ("GET", "network", "/quotas/{project}", None),
    "see the instances of all projects": ("GET", "compute", "/servers?all_tenants=1", None),
    "see hosts and what is left on them": ("GET", "compute", "/os-hypervisors", None),
    "ask Placement": ("GET", "placement", "/resource_providers", None),
    "list projects": ("GET", "identity", "/projects", None),
    "make a project": ("POST", "identity", "/projects", {"project": {"name": "x", "domain_id": NOTHING}}),
    "make a user": ("POST", "identity", "/users", {"user": {"name": "x", "domain_id": NOTHING}}),
    "give a role": ("PUT", "identity", "/projects/{project}/users/{user}/roles/{role}", None),
    "set Nova's quota": ("PUT", "compute", "/os-quota-sets/{project}", {"quota_set": {"instances": 10}}),
    "set Neutron's quota": ("PUT", "network", "/quotas/{project}", {"quota": {"network": 100}}),
    "set Cinder's quota": ("PUT", "block-storage", "/os-quota-sets/{project}", {"quota_set": {"volumes": 10}}),
}


@pytest.fixture(scope="module")
def tried(admin, admin_cloud):
    """What each role may: {question: {role: yes or no}}."""
    answers = {question: {} for question in QUESTIONS}
    roles = {role["name"]: role["id"] for role in admin.get("identity", "/roles")["roles"]}
    with own_project.fresh(admin_cloud, auth_url=admin.settings["auth_url"]) as project:
        path = f"/projects/{project.id}/users/{project.user}/roles"
        names = {"project": project.id, "user": project.user, "role": roles["reader"]}
        for role in ROLES:
            admin.put("identity", f"{path}/{roles[role]}")
            for given in admin.get("identity", path)["roles"]:
                if given["name"] != role:
                    admin.delete("identity", f"{path}/{given['id']}")
            let_roles_settle()
            with closing(Session(password_settings_of(project))) as session:
                for question in QUESTIONS:
                    answers[question][role] = "yes" if may(session, question, names) else "no"
                for group in session.get("compute", "/os-server-groups")["server_groups"]:
                    session.delete("compute", f"/os-server-groups/{group['id']}")
        yield answers


def may(session, question, names):
    method, service, path, body = QUESTIONS[question]
    try:
        session.answer(method, service, path.format(**names), json=body)
    except Refused as error:
        return error.reason is not Reason.POLICY
    except CloudError:
        return True
    return True


def table():
    """The rows of the table that begins with `| what |`."""
    lines = DOCS.read_text().splitlines()
    start = lines.index("| what | reader | member | manager | admin |") + 2
    rows = {}
    for line in lines[start:]:
        if not line.startswith("|"):
            return rows
        what, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        rows[what] = dict(zip(ROLES, cells, strict=True))
    return rows


def test_the_table_in_the_docs_is_what_the_cloud_says(tried):
    assert table() == tried


def test_a_higher_role_may_all_that_a_lower_one_may(tried):
    for answers in tried.values():
        assert [answers[role] for role in ROLES] == sorted(answers[role] for role in ROLES)

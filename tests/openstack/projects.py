"""Projects of a test's own in a real OpenStack, each with a user; they go with everything that is in them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress

from dashboard.clouds.drivers.openstack.networks import OpenStackNetworks
from dashboard.clouds.drivers.openstack.session import Session
from dashboard.clouds.interface import CloudError


@contextmanager
def fresh_project(admin: Session, *, part: str, roles: tuple[str, ...] = ("member",)) -> Iterator[Mapping[str, str]]:
    """The connection settings of a new user in a new project. `part` names the tests that it belongs to."""
    name, password = f"{part}-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
    project = admin.post("identity", "/projects", json={"project": {"name": name, "domain_id": "default"}})["project"]
    user = admin.post(
        "identity", "/users", json={"user": {"name": name, "password": password, "domain_id": "default"}}
    )["user"]
    for role in roles:
        grant_role(admin, role, project_id=project["id"], user_id=user["id"])
    settings = dict(admin.settings) | {"username": name, "password": password, "project": name}
    try:
        yield settings | {"place_id": project["id"]}
    finally:
        with closing(Session(settings)) as session:
            empty_networks(session)
        admin.delete("identity", f"/users/{user['id']}")
        admin.delete("identity", f"/projects/{project['id']}")


def grant_role(admin: Session, role: str, *, project_id: str, user_id: str) -> None:
    (found,) = admin.get("identity", "/roles", params={"name": role})["roles"]
    admin.put("identity", f"/projects/{project_id}/users/{user_id}/roles/{found['id']}")


def empty_networks(session: Session) -> None:
    """Before the project goes: Neutron would keep its things without an owner."""
    networks = OpenStackNetworks(session)
    with suppress(CloudError):
        for floating_ip in networks.floating_ips():
            networks.release(floating_ip.id)
        for router in networks.routers():
            networks.delete_router(router.id)
        for network in networks.networks():
            if network.is_own:
                networks.delete_network(network.id)
        for group in networks.security_groups():
            if group.name != "default":
                networks.delete_security_group(group.id)

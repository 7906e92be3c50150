"""Roles, the services' own accounts, and the catalogue: what the services need of each other before they start."""

from __future__ import annotations

from openstack.connection import Connection

from ..place import REGION, Lab

DOMAIN = "default"
ROLES = ("admin", "manager", "member", "reader", "service", "ResellerAdmin")
# name -> type, path
SERVICES = {
    "placement": ("placement", ""),
    "glance": ("image", ""),
    "nova": ("compute", "/v2.1"),
    "neutron": ("network", ""),
    "cinder": ("block-storage", "/v3"),
    "swift": ("object-store", "/v1/AUTH_%(project_id)s"),
}


def make(lab: Lab, admin: Connection) -> None:
    roles = make_roles(admin)
    _make_accounts(lab, admin, roles)
    known = {service.name: service for service in admin.identity.services()}
    for name, (kind, path) in SERVICES.items():
        service = known.get(name) or admin.identity.create_service(name=name, type=kind)
        _make_endpoints(admin, service.id, url=lab.url(name) + path)


def make_roles(admin: Connection) -> dict[str, str]:
    """Their ids by their names."""
    roles = {role.name: role.id for role in admin.identity.roles()}
    for name in ROLES:
        if name not in roles:
            roles[name] = admin.identity.create_role(name=name).id
    return roles


def _make_accounts(lab: Lab, admin: Connection, roles: dict[str, str]) -> None:
    identity = admin.identity
    project = identity.find_project("service", domain_id=DOMAIN)
    project = project or identity.create_project(name="service", domain_id=DOMAIN)
    for name in SERVICES:
        user = identity.find_user(name, domain_id=DOMAIN)
        user = user or identity.create_user(name=name, domain_id=DOMAIN, password=lab.secrets["service"])
        for role in ("admin", "service", *(["ResellerAdmin"] if name == "swift" else [])):
            identity.assign_project_role_to_user(project.id, user.id, roles[role])


def _make_endpoints(admin: Connection, service: str, *, url: str) -> None:
    known = {endpoint.interface for endpoint in admin.identity.endpoints(service_id=service)}
    for interface in {"public", "internal", "admin"} - known:
        admin.identity.create_endpoint(service_id=service, interface=interface, url=url, region_id=REGION)

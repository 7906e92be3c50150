"""A project of a test's own in the lab, with a member and an application credential; nothing is left of it after."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from openstack.connection import Connection
from openstack.exceptions import BadRequestException, HttpException

from .lab.clouds import sign_in
from .lab.place import REGION
from .lab.seed.things import PUBLIC, make_network
from .proxy import FaultProxy

DOMAIN = "default"
GONE_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Its ids, and the two ways to sign in: the member's password, and the member's application credential."""

    id: str
    name: str
    user: str
    user_name: str
    password: str
    credential: str
    credential_secret: str
    auth_url: str
    region: str

    def connection(self, *, proxy: FaultProxy | None = None) -> Connection:
        """By the application credential; through the proxy, where there is one. Close it: it is a context manager."""
        auth = {"application_credential_id": self.credential, "application_credential_secret": self.credential_secret}
        url = {"auth_url": proxy.auth_url if proxy else self.auth_url}
        return sign_in(url | auth, kind="v3applicationcredential")

    def network(self, *, cidr: str = "10.77.0.0/24") -> str:
        """The id of its network `own`, with a subnet, behind a router to the outside; made when first asked for."""
        with self.connection() as connection:
            public = connection.network.find_network(PUBLIC)
            return make_network(connection, "own", cidr=cidr, public=public.id)


@contextmanager
def fresh(admin: Connection, *, auth_url: str) -> Iterator[Project]:
    """`admin` is the cloud's administrator."""
    name, password = f"test-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
    project = admin.identity.create_project(name=name, domain_id=DOMAIN)
    user = admin.identity.create_user(name=name, domain_id=DOMAIN, password=password, default_project_id=project.id)
    try:
        member = admin.identity.find_role("member", ignore_missing=False)
        admin.identity.assign_project_role_to_user(project.id, user.id, member.id)
        credential = _application_credential(auth_url, name, password)
        yield Project(
            id=project.id,
            name=name,
            user=user.id,
            user_name=name,
            password=password,
            credential=credential.id,
            credential_secret=credential.secret,
            auth_url=auth_url,
            region=REGION,
        )
    finally:
        empty(admin, project.id)
        admin.identity.delete_user(user.id)  # and the user's application credentials with it
        admin.identity.delete_project(project.id)


def empty(admin: Connection, project: str) -> None:
    """Delete all that is in a project, in the order in which the services allow it."""
    every = {"all_projects": True, "project_id": project}
    compute, volumes, network = admin.compute, admin.block_storage, admin.network
    _delete(lambda: compute.servers(details=False, **every), compute.delete_server)
    _delete(lambda: volumes.snapshots(details=False, **every), volumes.delete_snapshot)
    _delete(lambda: volumes.volumes(details=False, **every), volumes.delete_volume)
    _delete(lambda: admin.image.images(owner=project), admin.image.delete_image)
    _delete(lambda: network.ips(project_id=project), network.delete_ip)
    for router in network.routers(project_id=project):
        _cut_off(admin, router)
    _delete(lambda: network.routers(project_id=project), network.delete_router)
    _delete(lambda: network.ports(project_id=project), network.delete_port)
    _delete(lambda: network.networks(project_id=project), network.delete_network)
    # a look for them makes `default` anew, so one look has to do
    for group in list(network.security_groups(project_id=project)):
        network.delete_security_group(group)


def _cut_off(admin: Connection, router: Any) -> None:
    if router.routes:  # a network that a static route needs cannot leave
        admin.network.update_router(router, routes=[])
    for port in admin.network.ports(device_id=router.id):
        if port.device_owner == "network:router_interface":
            admin.network.remove_interface_from_router(router, port=port.id)


def _delete(find: Callable[[], Iterable[Any]], delete: Callable[[Any], object]) -> None:
    """Delete all that are found, until there is none. Raises AssertionError where some stay."""
    end = time.monotonic() + GONE_S
    while left := list(find()):
        assert time.monotonic() < end, f"still there: {left}"
        for each in left:
            try:
                delete(each)
            except HttpException as error:
                if error.status_code not in (400, 403, 404, 409):  # busy, or gone meanwhile: the next look tells
                    raise
        time.sleep(0.5)


def _application_credential(auth_url: str, name: str, password: str) -> Any:
    domains = {"user_domain_id": DOMAIN, "project_domain_id": DOMAIN}
    auth = {"auth_url": auth_url, "username": name, "password": password, "project_name": name, **domains}
    with sign_in(auth) as connection:
        for left in (3, 2, 1, 0):
            try:
                return connection.identity.create_application_credential(connection.current_user_id, name="test")
            except BadRequestException:  # now and then Keystone cannot find the role that it gave a moment ago
                if not left:
                    raise
                time.sleep(0.5)
    raise AssertionError

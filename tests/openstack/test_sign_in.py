"""Signing in with the accounts of the real Keystone: roles, groups, a second factor, and what is left behind."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.core.cache import cache

from dashboard.accounts.models import User
from dashboard.clouds.drivers.openstack.sign_in import OpenStackSignIn
from dashboard.clouds.interface import AuthFailed, Receipt
from dashboard.clouds.models import Cloud
from dashboard.tenancy.models import Membership

from .projects import let_roles_settle

pytestmark = pytest.mark.openstack
KEY = b"12345678901234567890"  # of RFC 6238's own examples


def passcode(at: float | None = None) -> str:
    """RFC 6238 with SHA-1 and 30 s, as Keystone counts."""
    count = struct.pack(">Q", int(at or time.time()) // 30)
    digest = hmac.new(KEY, count, hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    password: str
    project: str


@pytest.fixture
def person(admin_cloud) -> Iterator[Person]:
    """A user of our own with the role manager in a project of our own."""
    identity, name, password = admin_cloud.identity, f"person-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
    manager = identity.find_role("manager", ignore_missing=False)
    project = identity.create_project(name=name, domain_id="default")
    user = identity.create_user(name=name, domain_id="default", password=password)
    try:
        identity.assign_project_role_to_user(project.id, user.id, manager.id)
        yield Person(user.id, name, password, project.id)
    finally:
        identity.delete_user(user.id)
        identity.delete_project(project.id)


@pytest.fixture
def keystone(openstack_lab) -> OpenStackSignIn:
    return OpenStackSignIn({"auth_url": openstack_lab.auth_url})


@pytest.fixture
def stack(db, openstack_lab, settings) -> Iterator[Cloud]:
    cache.clear()
    settings.OPENSTACK_SIGN_IN = "stack"
    yield Cloud.objects.create(name="stack", kind="openstack", settings={"auth_url": openstack_lab.auth_url})
    cache.clear()


@pytest.fixture
def sign_in(client, stack, person):
    def post(**fields):
        wanted = {"name": person.name, "password": person.password, "domain": "Default", "next": "/t/x/"} | fields
        return client.post("/accounts/openstack/", wanted)

    return post


def with_second_factor(admin_cloud, person: Person) -> None:
    blob = base64.b32encode(KEY).decode().rstrip("=")
    admin_cloud.identity.create_credential(type="totp", blob=blob, user_id=person.id)
    rules = {"multi_factor_auth_enabled": True, "multi_factor_auth_rules": [["password", "totp"]]}
    body = {"user": {"options": rules}}
    assert admin_cloud.identity.patch(f"/users/{person.id}", json=body).status_code == 200


def test_who_it_is_and_where_with_all_roles_that_follow(keystone, person):
    found = keystone.with_password(name=person.name, password=person.password, domain="Default")
    assert (found.id, found.name, found.domain) == (person.id, person.name, "Default")
    (membership,) = found.memberships
    assert (membership.place.id, membership.place.name) == (person.project, person.name)
    assert membership.roles == {"manager", "member", "reader"}


def test_a_role_that_a_group_has_counts(admin_cloud, keystone, person):
    identity = admin_cloud.identity
    project = identity.create_project(name=f"{person.name}-group", domain_id="default")
    group = identity.create_group(name=person.name, domain_id="default")
    try:
        identity.add_user_to_group(person.id, group.id)
        identity.assign_project_role_to_group(
            project.id, group.id, identity.find_role("reader", ignore_missing=False).id
        )
        let_roles_settle()
        found = keystone.with_password(name=person.name, password=person.password, domain="Default")
        assert {m.place.id: m.roles for m in found.memberships}[project.id] == {"reader"}
    finally:
        identity.delete_group(group.id)
        identity.delete_project(project.id)


def test_a_wrong_password_a_wrong_domain_and_a_disabled_user_are_refused_alike(admin_cloud, keystone, person):
    for password, domain in (("guess", "Default"), (person.password, "nowhere")):
        with pytest.raises(AuthFailed):
            keystone.with_password(name=person.name, password=password, domain=domain)
    admin_cloud.identity.update_user(person.id, is_enabled=False)
    with pytest.raises(AuthFailed):
        keystone.with_password(name=person.name, password=person.password, domain="Default")


def test_the_administrator_has_the_system(openstack_lab, keystone):
    found = keystone.with_password(name="admin", password=openstack_lab.secrets["admin"], domain="Default")
    assert "admin" in found.system_roles


def test_a_receipt_and_a_passcode_are_enough_for_the_second_call(admin_cloud, keystone, person):
    with_second_factor(admin_cloud, person)
    receipt = keystone.with_password(name=person.name, password=person.password, domain="Default")
    assert isinstance(receipt, Receipt)
    with pytest.raises(AuthFailed):
        keystone.with_passcode(receipt, passcode="000000")
    admin_cloud.identity.update_user(person.id, password=None)  # there is no password any more
    assert keystone.with_passcode(receipt, passcode=passcode()).id == person.id


def test_a_token_is_revoked_after_use(openstack_lab, keystone, person):
    token = unscoped_token(openstack_lab, person)
    assert keystone.whose(token).id == person.id
    assert keystone.with_token(token).memberships
    with pytest.raises(AuthFailed):
        keystone.whose(token)


def unscoped_token(openstack_lab, person) -> str:
    """What Keystone's single sign-on hands to its page."""
    from keystoneauth1.identity import v3
    from keystoneauth1.session import Session

    shown = v3.Password(
        openstack_lab.auth_url,
        username=person.name,
        password=person.password,
        user_domain_name="Default",
        unscoped=True,
    )
    return shown.get_access(Session()).auth_token


def test_a_project_is_a_tenant_and_a_role_that_is_taken_there_is_gone_here(client, admin_cloud, sign_in, person):
    answer = sign_in(next=f"/t/{person.name}/instances/")
    assert answer["Location"] == f"/t/{person.name}/instances/"
    assert client.get(answer["Location"]).status_code == 200
    assert Membership.objects.get().role == "manager"
    client.post("/accounts/logout/")
    identity = admin_cloud.identity
    identity.assign_project_role_to_user(
        person.project, person.id, identity.find_role("reader", ignore_missing=False).id
    )
    identity.unassign_project_role_from_user(
        person.project, person.id, identity.find_role("manager", ignore_missing=False).id
    )
    let_roles_settle()
    sign_in()
    assert Membership.objects.get().role == "reader"


def test_with_a_second_factor_the_way_is_kept(client, admin_cloud, sign_in, person):
    with_second_factor(admin_cloud, person)
    assert sign_in()["Location"] == "/accounts/openstack/passcode/"
    assert client.post("/accounts/openstack/passcode/", {"passcode": passcode()})["Location"] == "/t/x/"
    assert User.objects.get().username == f"{person.name}@Default"


def test_a_project_that_is_disabled_is_no_tenant(admin_cloud, sign_in, person):
    admin_cloud.identity.update_project(person.project, is_enabled=False)
    answer = sign_in()
    assert (answer.status_code, "no role in any project" in answer.content.decode()) == (403, True)


def test_single_sign_on_ends_with_the_token_that_keystone_gave(client, openstack_lab, sign_in, person, settings):
    """The lab's Keystone has no identity provider: the token is a real one, got with a password."""
    import re

    settings.OPENSTACK_WEBSSO = "openid"
    client.get("/accounts/openstack/websso/?next=/t/x/")
    arrived = client.post("/accounts/openstack/websso/return/", {"token": unscoped_token(openstack_lab, person)})
    sealed = re.search(r'name="arrived" value="([^"]+)"', arrived.content.decode())[1]
    assert client.post("/accounts/openstack/websso/confirm/", {"arrived": sealed})["Location"] == "/t/x/"

"""What a new installation begins with: a tenant, an administrator, the embedded cloud and its flavors."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from dashboard.accounts.models import User
from dashboard.audit.record import record
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.instances.models import Flavor
from dashboard.quotas import plans
from dashboard.tenancy.models import Membership, Role, Tenant

from .embedded_cloud import EmbeddedCloud
from .home import CannotStart
from .terminal import say

TENANT = "demo"
ADMIN = "admin"
CLOUD_NAMES = {"libvirt": "local", "fake": "pretended"}
# name, vCPUs, MiB of memory, GiB of disk
FLAVORS = {
    "libvirt": [("small", 1, 256, 1), ("medium", 1, 512, 2), ("large", 2, 1024, 4)],
    "fake": [("small", 1, 1024, 10), ("medium", 2, 2048, 20), ("large", 4, 8192, 40)],
}


@transaction.atomic
def register(cloud: EmbeddedCloud | None) -> str | None:
    """Make what is not there yet, and tell the row of the embedded cloud, if there is one, how to reach it now.

    Returns the first administrator's password when it was made up here, to be shown once.
    Raises CannotStart when SKYDECK_ADMIN_PASSWORD is too weak.
    """
    password = None
    if not Tenant.objects.exists():
        _make_tenant()
    if not User.objects.filter(is_superuser=True).exists():
        password = _make_admin()
    if cloud is not None:
        _register_cloud(cloud)
    return password


def announce(password: str | None) -> None:
    """Show the first administrator's password, on the terminal and nowhere else."""
    if password is not None:
        say(f"\nSign in as {ADMIN} with the password {password}\nIt is shown this once; nobody else has it.\n")


def _make_tenant() -> None:
    tenant = Tenant.objects.create(slug=TENANT, name="Demo")
    plans.begin(tenant)
    _note("tenant.create", kind="tenant", row=tenant, name=tenant.slug, after={"slug": TENANT, "name": tenant.name})


def _make_admin() -> str | None:
    given = os.environ.get("SKYDECK_ADMIN_PASSWORD", "")
    password = given or secrets.token_urlsafe(15)
    admin = User(username=ADMIN, is_superuser=True, is_staff=True)
    try:
        validate_password(password, user=admin)
    except ValidationError as error:
        raise CannotStart(f"SKYDECK_ADMIN_PASSWORD will not do. {' '.join(error.messages)}") from error
    admin.set_password(password)
    admin.save()
    if tenant := Tenant.objects.filter(slug=TENANT).first():
        Membership.objects.create(user=admin, tenant=tenant, role=Role.MANAGER)
    _note("user.create", kind="user", row=admin, name=ADMIN, after={"administrator": True})
    return None if given else password


def _register_cloud(embedded: EmbeddedCloud) -> None:
    """Its flavors, and the tenant's place on it, only once: whoever removes them later meant it."""
    cloud, is_new = Cloud.objects.update_or_create(
        name=CLOUD_NAMES[embedded.kind], defaults={"kind": embedded.kind, "settings": embedded.settings}
    )
    if not is_new:
        return
    for name, vcpus, ram_mib, disk_gib in FLAVORS[embedded.kind]:
        Flavor.objects.create(cloud=cloud, name=name, vcpus=vcpus, ram_mib=ram_mib, disk_gib=disk_gib)
    if tenant := Tenant.objects.filter(slug=TENANT).first():
        CloudAccount.objects.create(tenant=tenant, cloud=cloud)
    _note("cloud.create", kind="cloud", row=cloud, name=cloud.name, after={"kind": cloud.kind})


def _note(verb: str, *, kind: str, row: Tenant | User | Cloud, name: str, after: Mapping[str, Any]) -> None:
    record(
        verb,
        actor="system",
        tenant="",
        object_kind=kind,
        object_id=row.pk,
        object_name=name,
        outcome="done",
        after=after,
    )

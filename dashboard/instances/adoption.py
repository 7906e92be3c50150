"""Servers that others made in a tenant's place: they are the tenant's, so they are shown and they count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from dashboard.clouds.interface import Feature, RemoteInstance, Status
from dashboard.clouds.models import Cloud
from dashboard.images.models import Image
from dashboard.live.publish import publish_all
from dashboard.quotas.reservations import hold_all
from dashboard.tenancy.models import Tenant

from .models import Flavor, Instance
from .scope import UNLINKED, Scope, is_uuid, note_all

log = structlog.get_logger(__name__)


def adopt(scope: Scope, remote: RemoteInstance) -> Instance | None:
    """A row for a server of the place that has none; None where it is not to be adopted.

    Only in a tenant's place: elsewhere nothing says whose it is. Counted also above a limit, and nothing is killed.
    """
    if not is_to_be_adopted(scope, remote):
        return None
    try:
        return write(scope, list(rows_of(scope, [remote])))[0]
    except IntegrityError:  # another sync was first
        return scope.rows().filter(remote_id=remote.id).first()


def adopt_all(scope: Scope, remotes: Iterable[RemoteInstance]) -> list[tuple[Instance, RemoteInstance]]:
    """The same for many, in a few queries: a place that is seen for the first time may have thousands."""
    new = [remote for remote in remotes if is_to_be_adopted(scope, remote)]
    if not new:
        return []
    try:
        return list(zip(write(scope, list(rows_of(scope, new))), new, strict=True))
    except IntegrityError:  # another sync was first with one of them
        return [(row, remote) for remote in new if (row := adopt(scope, remote))]


def is_to_be_adopted(scope: Scope, remote: RemoteInstance) -> bool:
    if scope.tenant is None or remote.is_partial or remote.status is Status.DELETED:
        return False
    return not is_ours(scope.tenant, remote)


@transaction.atomic
def write(scope: Scope, rows: Sequence[Instance]) -> Sequence[Instance]:
    """With their quota and what the audit trail says of them. Raises IntegrityError."""
    assert scope.tenant is not None
    Instance.objects.bulk_create(rows)
    hold_all(scope.tenant, {row.pk: row.resources for row in rows}, cloud_id=scope.cloud.pk)
    publish_all("instances", [(row.tenant_id, row.pk) for row in rows])
    note_all("instance.adopted", [(row, {"remote_id": row.remote_id, **row.resources}) for row in rows])
    log.info("adopted", cloud=scope.cloud.name, remote_ids=[row.remote_id for row in rows])
    return rows


def is_ours(tenant: Tenant, remote: RemoteInstance) -> bool:
    """Whether it carries the mark of a row of this tenant whose it is.

    Of a closed row it is a leftover, unless the row's place was only unlinked. A mark that names another tenant's
    row, or one that has its own server, was copied: anybody may write such a thing, and it counts like any other.
    """
    if remote.mark is None or not is_uuid(remote.mark.instance_id):
        return False
    marked = Instance.objects.for_tenant(tenant).exclude(failure=UNLINKED).filter(pk=remote.mark.instance_id).first()
    return marked is not None and (marked.deleted_at is not None or marked.remote_id in ("", remote.id))


def rows_of(scope: Scope, remotes: Iterable[RemoteInstance]) -> Iterator[Instance]:
    """Each image and each flavor is looked up once."""
    assert scope.tenant is not None
    images: dict[str, Image | None] = {"": None}
    flavors: dict[tuple[Any, ...], Flavor | None] = {}
    mine = Image.objects.filter(cloud=scope.cloud).for_tenant(scope.tenant)
    for remote in remotes:
        if remote.image_id not in images:
            images[remote.image_id] = mine.filter(remote_id=remote.image_id).first()
        kind = remote.flavor_id, remote.flavor_name, remote.vcpus, remote.ram_mib, remote.disk_gib
        if kind not in flavors:
            flavors[kind] = flavor_of(scope.cloud, scope.tenant, remote)
        yield row_of(scope, remote, image=images[remote.image_id], flavor=flavors[kind])


def row_of(scope: Scope, remote: RemoteInstance, *, image: Image | None, flavor: Flavor | None) -> Instance:
    """What of it is asked for elsewhere is taken from the cloud here; what is seen is written by `sync`."""
    assert scope.tenant is not None
    return Instance(
        tenant=scope.tenant,
        cloud=scope.cloud,
        name=remote.name[:255] or remote.id,
        image=image,
        flavor=flavor,
        vcpus=remote.vcpus,
        ram_mib=remote.ram_mib,
        disk_gib=remote.disk_gib,
        remote_id=remote.id,
        status=remote.status,
        is_adopted=True,
        created_at=remote.created_at or timezone.now(),
    )


def flavor_of(cloud: Cloud, tenant: Tenant, remote: RemoteInstance) -> Flavor | None:
    """By the cloud's id, by its name, or, of Skydeck's own flavors, by its size. None: it is not offered any more."""
    flavors = Flavor.objects.filter(cloud=cloud).for_tenant(tenant).order_by("is_gone", "is_retired", "name")
    flavor = flavors.filter(remote_id=remote.flavor_id).first() if remote.flavor_id else None
    flavor = flavor or flavors.filter(name=remote.flavor_name or None).first()
    size = {"vcpus": remote.vcpus, "ram_mib": remote.ram_mib, "disk_gib": remote.disk_gib}
    own = flavors if cloud.can(Feature.FLAVOR_EDIT) else flavors.filter(remote_id="")
    return flavor or own.filter(**size).first()

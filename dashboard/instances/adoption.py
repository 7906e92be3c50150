"""Servers that others made in a tenant's place: they are the tenant's, so they are shown and they count."""

from __future__ import annotations

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from dashboard.clouds.interface import RemoteInstance, Status
from dashboard.clouds.models import Cloud
from dashboard.images.models import Image
from dashboard.live.publish import publish
from dashboard.quotas.reservations import hold
from dashboard.tenancy.models import Tenant

from .models import Flavor, Instance
from .scope import UNLINKED, Scope, is_uuid, note

log = structlog.get_logger(__name__)


def adopt(scope: Scope, remote: RemoteInstance) -> Instance | None:
    """A row for a server of the place that has none; None where it is not to be adopted.

    Only in a tenant's place: elsewhere nothing says whose it is. Counted also above a limit, and nothing is killed.
    """
    if scope.tenant is None or remote.is_partial or remote.status is Status.DELETED or is_ours(scope.tenant, remote):
        return None
    try:
        with transaction.atomic():
            instance = row_of(scope, remote)
            instance.save(force_insert=True)
            hold(instance.tenant, instance.resources, holder=instance.pk)
            publish(instance.tenant_id, "instances", object_id=instance.pk)
            note(instance, "instance.adopted")
    except IntegrityError:  # another sync was first
        return scope.rows().filter(remote_id=remote.id).first()
    log.info("adopted", instance=str(instance.pk), remote_id=remote.id, cloud=scope.cloud.name)
    return instance


def is_ours(tenant: Tenant, remote: RemoteInstance) -> bool:
    """Whether it carries the mark of a row of this tenant whose it is.

    Of a closed row it is a leftover, unless the row's place was only unlinked. A mark that names another tenant's
    row, or one that has its own server, was copied: anybody may write such a thing, and it counts like any other.
    """
    if remote.mark is None or not is_uuid(remote.mark.instance_id):
        return False
    marked = Instance.objects.for_tenant(tenant).exclude(failure=UNLINKED).filter(pk=remote.mark.instance_id).first()
    return marked is not None and (marked.deleted_at is not None or marked.remote_id in ("", remote.id))


def row_of(scope: Scope, remote: RemoteInstance) -> Instance:
    """What of it is asked for elsewhere is taken from the cloud here; what is seen is written by `sync`."""
    assert scope.tenant is not None
    images = Image.objects.filter(cloud=scope.cloud).for_tenant(scope.tenant)
    return Instance(
        tenant=scope.tenant,
        cloud=scope.cloud,
        name=remote.name[:255] or remote.id,
        image=images.filter(remote_id=remote.image_id).first() if remote.image_id else None,
        flavor=flavor_of(scope.cloud, scope.tenant, remote),
        vcpus=remote.vcpus,
        ram_mib=remote.ram_mib,
        disk_gib=remote.disk_gib,
        remote_id=remote.id,
        status=remote.status,
        is_adopted=True,
        created_at=remote.created_at or timezone.now(),
    )


def flavor_of(cloud: Cloud, tenant: Tenant, remote: RemoteInstance) -> Flavor | None:
    """By the cloud's id, or by its name; None for one that nobody offers any more."""
    flavors = Flavor.objects.filter(cloud=cloud).for_tenant(tenant)
    flavor = flavors.filter(remote_id=remote.flavor_id).first() if remote.flavor_id else None
    return flavor or flavors.filter(name=remote.flavor_name or None).first()

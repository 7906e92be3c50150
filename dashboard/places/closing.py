"""The end of a tenant's place: its rows here are closed, and nothing on the cloud is deleted."""

from __future__ import annotations

from django.utils import timezone

from dashboard.clouds.interface import Status
from dashboard.clouds.models import CloudAccount
from dashboard.images.models import Image
from dashboard.instances.counting import count
from dashboard.instances.models import Flavor, Instance
from dashboard.instances.scope import UNLINKED
from dashboard.live.publish import publish
from dashboard.networks.models import FloatingIp, Network, Port, Router, SecurityGroup, Subnet
from dashboard.operations import flow
from dashboard.operations.models import Operation
from dashboard.quotas.reservations import release


def close(account: CloudAccount) -> None:
    """In the caller's transaction."""
    tenant, cloud = account.tenant, account.cloud
    instances = Instance.objects.for_tenant(tenant).present().filter(cloud=cloud)
    for operation in Operation.objects.open().filter(tenant=tenant, cloud=cloud).exclude(target_id=account.pk):
        flow.cancel(operation)
    for pk in list(instances.values_list("pk", flat=True)):
        now = timezone.now()
        closed = {"failure": UNLINKED, "failure_values": cloud.place_value}
        Instance.objects.filter(pk=pk).update(deleted_at=now, status=Status.DELETED, **closed)
        count([pk], at=now)
        release(tenant, holder=pk)
    Image.objects.filter(cloud=cloud, tenant=tenant).delete()
    Flavor.objects.filter(cloud=cloud, tenant=tenant).delete()
    for rows in (FloatingIp, SecurityGroup, Port, Router, Subnet, Network):
        seen = rows.objects.filter(cloud=cloud, tenant=tenant)
        for pk in list(seen.values_list("pk", flat=True)):
            release(tenant, holder=pk)
        seen.delete()
    account.delete()
    publish(tenant.pk, "instances")
    publish(tenant.pk, "clouds", object_id=cloud.pk)

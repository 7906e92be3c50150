"""The addresses of instances as their pages show them: what the cloud says of each, and its floating IPs."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import OuterRef, Subquery

from dashboard.networks.models import FloatingIp, Port

from .models import Instance


def add_floating(instances: Iterable[Instance]) -> None:
    """Put the floating IPs behind the addresses, in memory only; one query for all.

    Nova learns of a floating IP late: it shows what it remembers of a port, and looks again each minute.
    """
    by_remote_id = {instance.remote_id: instance for instance in instances if instance.remote_id}
    tenants = {instance.tenant_id for instance in by_remote_id.values()}
    ports = Port.objects.filter(tenant__in=tenants, instance_id__in=by_remote_id)
    holder = ports.filter(tenant=OuterRef("tenant"), remote_id=OuterRef("port_id")).values("instance_id")[:1]
    led_to = FloatingIp.objects.filter(tenant__in=tenants, port_id__in=ports.values("remote_id"))
    for address, remote_id in led_to.annotate(holder=Subquery(holder)).values_list("address", "holder"):
        instance = by_remote_id[remote_id]
        if address and address not in instance.addresses:
            instance.addresses = [*instance.addresses, address]

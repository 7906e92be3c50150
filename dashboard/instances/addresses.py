"""The addresses of instances as their pages show them: what the cloud says of each, and its floating IPs."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.networks.models import FloatingIp, Port

from .models import Instance


def add_floating(instances: Iterable[Instance]) -> None:
    """Put the floating IPs behind the addresses, in memory only; two queries for all.

    Nova learns of a floating IP late: it shows what it remembers of a port, and looks again each minute.
    """
    by_remote_id = {instance.remote_id: instance for instance in instances if instance.remote_id}
    tenants = {instance.tenant_id for instance in by_remote_id.values()}
    plugged = Port.objects.filter(tenant__in=tenants, instance_id__in=by_remote_id)
    ports = dict(plugged.values_list("remote_id", "instance_id"))
    led_to = FloatingIp.objects.filter(tenant__in=tenants, port_id__in=ports)
    for port_id, address in led_to.values_list("port_id", "address"):
        instance = by_remote_id[ports[port_id]]
        if address and address not in instance.addresses:
            instance.addresses = [*instance.addresses, address]


def found_by_floating(text: str) -> list[str]:
    """The cloud's ids of the instances that a part of a floating IP leads to."""
    ports = FloatingIp.objects.filter(address__icontains=text).exclude(port_id="").values("port_id")
    return list(Port.objects.filter(remote_id__in=ports).exclude(instance_id="").values_list("instance_id", flat=True))

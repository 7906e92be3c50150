"""Instances as the pages of networks show them."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.networks.guests import Guest, Key
from dashboard.tenancy.models import Tenant

from .models import Instance


def guests(tenant: Tenant) -> Mapping[Key, Guest]:
    """All that the tenant has, in one query."""
    present = Instance.objects.for_tenant(tenant).present().exclude(remote_id="").order_by()
    return {
        (cloud_id, remote_id): Guest(pk=pk, name=name, status=status)
        for cloud_id, remote_id, pk, name, status in present.values_list("cloud", "remote_id", "pk", "name", "status")
    }

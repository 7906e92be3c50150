"""What stays on clouds when a tenant is emptied and deleted: its places, unless they are deleted there as well."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.clouds.models import CloudAccount
from dashboard.places.actions import can_remove
from dashboard.tenancy.models import Tenant


@dataclass(frozen=True, slots=True)
class Place:
    """A project or account on a cloud that keeps tenants apart. `may_go`: it can be deleted there as well."""

    account: CloudAccount
    may_go: bool

    @property
    def fields(self) -> dict[str, str]:
        """As Emptying keeps them: `kind` is the cloud's."""
        cloud = self.account.cloud
        name, remote_id = self.account.remote_name, self.account.remote_id
        return {"cloud": cloud.name, "cloud_id": str(cloud.pk), "kind": cloud.kind, "name": name or remote_id}


def places_of(tenant: Tenant) -> list[Place]:
    accounts = CloudAccount.objects.filter(tenant=tenant).exclude(remote_id="").select_related("cloud")
    there = [account for account in accounts.order_by("cloud__name") if account.cloud.has_places]
    return [Place(account, can_remove(account)) for account in there]


def kept(tenant: Tenant, *, also_delete: bool) -> list[dict[str, str]]:
    """Those that stay, where those that can are deleted as well, or none is."""
    return [place.fields for place in places_of(tenant) if not (also_delete and place.may_go)]

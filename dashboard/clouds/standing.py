"""How the clouds of a tenant stand towards it: a cloud may answer, and yet not let this tenant in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dashboard.tenancy.models import Tenant

from .models import Cloud, CloudAccount, Health


@dataclass(frozen=True, slots=True)
class Standing:
    """One cloud for one tenant. `ui/clouds.html` takes these, or clouds."""

    cloud: Cloud
    account: CloudAccount

    @property
    def pk(self) -> UUID:
        return self.cloud.pk

    @property
    def name(self) -> str:
        return self.cloud.name

    @property
    def is_fake(self) -> bool:
        return self.cloud.is_fake

    @property
    def is_in_maintenance(self) -> bool:
        return self.cloud.is_in_maintenance

    @property
    def maintenance(self) -> str:
        return self.cloud.maintenance

    @property
    def maintenance_until(self) -> datetime | None:
        return self.cloud.maintenance_until

    @property
    def is_away(self) -> bool:
        """Whether what is shown of it may be old."""
        return self.cloud.is_away or (self.cloud.has_places and (self.account.is_away or self.is_shut))

    @property
    def is_shut(self) -> bool:
        """The tenant has no credential there, so nothing can be done."""
        return self.cloud.has_places and not self.account.sealed

    @property
    def health(self) -> str:
        """The worse of the cloud's and that of the tenant's place on it."""
        return self.account.health if self.is_closed_to_us and not self.is_shut else self.cloud.health

    @property
    def get_health_display(self) -> str:
        return str(Health(self.health).label)

    @property
    def is_refused(self) -> bool:
        """The cloud does not accept Skydeck's own key."""
        return self.cloud.is_refused

    @property
    def is_closed_to_us(self) -> bool:
        """The cloud itself answers; only this tenant's place does not."""
        return self.is_away and not self.cloud.is_away

    @property
    def seen_at(self) -> datetime | None:
        return self.account.seen_at if self.cloud.has_places else self.cloud.seen_at


def standing_of(cloud: Cloud, account: CloudAccount | None) -> Standing | Cloud:
    """The cloud alone where the tenant has no place yet, or has still to bring its credential."""
    if account is None or (cloud.tenants_bring and not account.sealed):
        return cloud
    return Standing(cloud, account)


def standings_of(tenant: Tenant) -> list[Standing]:
    """One query. Drafts are nobody's yet."""
    accounts = CloudAccount.objects.filter(tenant=tenant, cloud__is_draft=False).select_related("cloud")
    return [Standing(account.cloud, account) for account in accounts.order_by("cloud__name")]

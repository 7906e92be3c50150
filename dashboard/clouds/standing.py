"""How the clouds of a tenant stand towards it: a cloud may answer, and yet not let this tenant in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dashboard.tenancy.models import Tenant

from .models import Cloud, CloudAccount


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
    def is_away(self) -> bool:
        """Whether what is shown of it may be old."""
        return self.cloud.is_away or (self.cloud.has_places and (self.account.is_away or self.is_shut))

    @property
    def is_shut(self) -> bool:
        """The tenant has no credential there, so nothing can be done."""
        return self.cloud.has_places and not self.account.sealed

    @property
    def is_closed_to_us(self) -> bool:
        """The cloud itself answers; only this tenant's place does not."""
        return self.is_away and not self.cloud.is_away

    @property
    def seen_at(self) -> datetime | None:
        return self.account.seen_at if self.cloud.has_places else self.cloud.seen_at


def standings_of(tenant: Tenant) -> list[Standing]:
    """One query. Drafts are nobody's yet."""
    accounts = CloudAccount.objects.filter(tenant=tenant, cloud__is_draft=False).select_related("cloud")
    return [Standing(account.cloud, account) for account in accounts.order_by("cloud__name")]

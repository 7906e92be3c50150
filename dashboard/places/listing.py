"""Every tenant beside its place on one cloud, in few queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.instances.models import Instance
from dashboard.operations.models import Operation, State
from dashboard.quotas.drift import Compared, compared
from dashboard.quotas.models import Quota
from dashboard.tenancy.counting import number
from dashboard.tenancy.models import Tenant

PER_PAGE = 50
SHOWN = ("", "there", "none")
STATES: dict[str, str | Promise] = {
    "none": _("Not there"),
    "busy": _("Under way"),
    "done": _("There"),
    "away": _("Away"),
    "failed": _("Failed"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One tenant on one cloud. `operation` is the last that was done to its place there, open or not.

    In a list the tenant has `instances_there`, those on the cloud.
    """

    tenant: Tenant
    account: CloudAccount | None
    operation: Operation | None
    limits: tuple[Compared, ...] = ()

    @property
    def is_busy(self) -> bool:
        return self.operation is not None and self.operation.is_open

    @property
    def is_there(self) -> bool:
        """The tenant can work there."""
        return self.account is not None and (bool(self.account.sealed) or not self.account.cloud.has_places)

    @property
    def state(self) -> str:
        if self.is_busy:
            return "busy"
        if self.is_there:
            return "away" if self.account and self.account.is_away else "done"
        return "failed" if self.failed else "none"

    @property
    def word(self) -> str | Promise:
        return STATES[self.state]

    @property
    def failed(self) -> Operation | None:
        """The last attempt, where it went wrong."""
        return self.operation if self.operation and self.operation.state == State.FAILED else None

    @property
    def drifted(self) -> int:
        return sum(one.is_drift for one in self.limits)


def last_operation(cloud: Cloud) -> Subquery:
    done = Operation.objects.filter(tenant=OuterRef("pk"), cloud=cloud, kind__startswith="place.")
    return Subquery(done.order_by("-created_at").values("pk")[:1])


def rows_of(cloud: Cloud, tenants: list[Any]) -> list[Row]:
    """`tenants` are annotated with `last_operation`. Three queries, however many there are."""
    accounts = {account.tenant_id: account for account in CloudAccount.objects.filter(cloud=cloud, tenant__in=tenants)}
    wanted = [tenant.last for tenant in tenants if tenant.last]
    operations = {o.pk: o for o in Operation.objects.filter(pk__in=wanted)}
    quotas: dict[Any, list[Quota]] = {}
    for quota in Quota.objects.filter(tenant__in=tenants):
        quotas.setdefault(quota.tenant_id, []).append(quota)
    for account in accounts.values():
        account.cloud = cloud
    for operation in operations.values():
        operation.cloud = cloud
    return [
        Row(
            tenant,
            accounts.get(tenant.pk),
            operations.get(tenant.last),
            tuple(compared(quotas.get(tenant.pk, []), accounts[tenant.pk].limits)) if tenant.pk in accounts else (),
        )
        for tenant in tenants
    ]


def found(cloud: Cloud, *, q: str = "", show: str = "") -> QuerySet[Tenant]:
    """By name or short name, and by the name or the id of the place there. `show` is one of `SHOWN`."""
    tenants, accounts = Tenant.objects.all(), CloudAccount.objects.filter(cloud=cloud, tenant=OuterRef("pk"))
    if q:
        named = Exists(accounts.filter(Q(remote_name__icontains=q) | Q(remote_id=q)))
        tenants = tenants.filter(Q(name__icontains=q) | Q(slug__icontains=q) | named)
    if show:
        there = Exists(accounts.exclude(sealed="") if cloud.has_places else accounts)
        tenants = tenants.filter(there if show == "there" else ~there)
    return tenants


def page_of(cloud: Cloud, *, q: str = "", show: str = "", at: str | None = None) -> tuple[Page, list[Row]]:
    """Five queries."""
    instances = number(Instance.objects.listed().filter(cloud=cloud))
    tenants = found(cloud, q=q, show=show).annotate(last=last_operation(cloud), instances_there=instances)
    page = Paginator(tenants, PER_PAGE).get_page(at)
    return page, rows_of(cloud, list(page.object_list))


def row_of(cloud: Cloud, tenant: Tenant) -> Row:
    found = Tenant.objects.annotate(last=last_operation(cloud)).filter(pk=tenant.pk)
    return rows_of(cloud, list(found))[0]

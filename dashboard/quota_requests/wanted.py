"""Limits as people ask for them: a new limit, or so much more; and what may be given of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from dashboard.clouds.models import Cloud
from dashboard.quotas.limits import NONE, UNLIMITED, in_its_unit, read_limit
from dashboard.quotas.models import CloudQuota, Quota, Resource
from dashboard.quotas.usage import Usage
from dashboard.tenancy.models import Tenant
from dashboard.ui.templatetags.ui import amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit of a tenant as it is now. `limit` None is no limit."""

    resource: Resource
    limit: int | None
    used: int = 0
    cloud: Cloud | None = None

    @property
    def name(self) -> str:
        """That of its field: `vcpus`, or `vcpus-<the cloud's id>`."""
        return f"{self.resource.value}-{self.cloud.pk}" if self.cloud else self.resource.value

    @property
    def key(self) -> tuple[UUID | None, str]:
        return self.cloud.pk if self.cloud else None, self.resource.value

    @property
    def word(self) -> str:
        return NONE if self.cloud else UNLIMITED

    @property
    def usage(self) -> Usage:
        return Usage(self.resource, self.used, self.used, self.limit, self.cloud.name if self.cloud else "")


def limits_of(tenant: Tenant) -> list[Limit]:
    """Those in total, in the order of the table, then those on single clouds. Two queries."""
    rows = {row.resource: row for row in Quota.objects.filter(tenant=tenant)}
    totals = [
        Limit(
            resource=resource,
            limit=rows[resource].limit if resource in rows else 0,
            used=rows[resource].used if resource in rows else 0,
        )
        for resource in Resource
    ]
    order = list(Resource)
    there = CloudQuota.objects.filter(tenant=tenant).select_related("cloud").order_by("cloud__name", "pk")
    on_clouds = [
        Limit(resource=Resource(row.resource), limit=row.limit, used=row.used, cloud=row.cloud) for row in there
    ]
    on_clouds.sort(key=lambda one: (one.cloud.name if one.cloud else "", order.index(one.resource)))
    return totals + on_clouds


def is_more(limit: int | None, than: int | None) -> bool:
    """None is more than any number."""
    return than is not None and (limit is None or limit > than)


def read_wish(text: str, now: Limit) -> int | None:
    """`24`, `+4`, `34 GiB`, or the word for no limit, as the new limit. Raises ValidationError with the sentence."""
    typed = text.strip()
    if now.limit is None:
        raise ValidationError(_("There is no limit on it: nothing needs to be asked for."))
    plus = re.fullmatch(r"\+\s*(.*)", typed, re.DOTALL)
    wanted = read_limit(in_its_unit(plus[1] if plus else typed, now.resource), word=now.word)
    if plus and wanted is not None:
        wanted = read_limit(str(now.limit + wanted), word=now.word)
    if not is_more(wanted, now.limit):
        told = _("The limit is %(now)s already. Ask for more than that, or for so much more, such as +2.")
        raise ValidationError(told % {"now": amount(now.limit, now.resource)})
    return wanted


def problem_with(granted: int | None, *, wanted: int | None, now: int | None, resource: str, word: str) -> str:
    """Why so much cannot be given; empty where it can."""
    if is_more(granted, wanted):
        said = word if wanted is None else amount(wanted, resource)
        return _("%(wanted)s was asked for. Give at most that.") % {"wanted": said}
    if is_more(now, granted):
        said = word if now is None else amount(now, resource)
        told = _("The limit is %(now)s now: a request never lowers it. Type at least that.")
        return told % {"now": said}
    return ""

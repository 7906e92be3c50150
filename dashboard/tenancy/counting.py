"""How many of something each tenant has, beside the tenants: no further query."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce


def number(rows: QuerySet[Any]) -> Coalesce:
    """How many of them are the tenant's: for `Tenant.objects.annotate`."""
    counted = rows.order_by().filter(tenant=OuterRef("pk")).values("tenant").annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number")), 0, output_field=IntegerField())

"""Which of what is written into rows counts as use: told to `usage` in the same transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from dashboard.usage.spans import Seen, observe

from .models import Instance

TELLING = frozenset({"status", "remote_id", "flavor", "name", "vcpus", "ram_mib", "disk_gib"})
"""The fields of a row that say whether it counts, and as what."""
READ = (
    *("pk", "tenant_id", "tenant__name", "cloud_id", "cloud__name", "name", "flavor__name", "vcpus", "ram_mib"),
    *("disk_gib", "asked", "status", "remote_id", "deleted_at"),
)


def count(pks: Collection[UUID], *, at: datetime) -> None:
    """As their rows are now, since `at`. In the transaction that wrote them."""
    if pks:
        rows = Instance.objects.filter(pk__in=pks).order_by().values(*READ)
        observe({row["pk"]: seen(row) for row in rows}, at=at)


def seen(row: dict[str, Any]) -> Seen | None:
    """None where nothing of it is on its cloud. A disk that is a volume counts as its disk."""
    if row["deleted_at"] or not row["remote_id"]:
        return None
    return Seen(
        tenant_id=row["tenant_id"],
        tenant_name=row["tenant__name"],
        cloud_id=row["cloud_id"],
        cloud_name=row["cloud__name"],
        instance_name=row["name"],
        flavor=row["flavor__name"] or "",
        vcpus=row["vcpus"],
        ram_mib=row["ram_mib"],
        disk_gib=row["asked"].get("boot_volume_gib") or row["disk_gib"],
        status=row["status"],
    )

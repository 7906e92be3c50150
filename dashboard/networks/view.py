"""One tenant's view of one cloud while it is being written: a fixed number of queries where nothing changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from dashboard.audit.models import Entry
from dashboard.audit.record import About, append, entry_of
from dashboard.clouds.models import Cloud
from dashboard.live.publish import publish
from dashboard.operations.models import Operation
from dashboard.quotas.reservations import hold, release
from dashboard.tenancy.access import SYSTEM
from dashboard.tenancy.models import Tenant

from .fields import Fields
from .models import Seen

S = TypeVar("S", bound=Seen)
KINDS = {"Network": "network", "Router": "router", "SecurityGroup": "security-group", "FloatingIp": "floating-ip"}
"""As operations name them."""
MANY = 500
"""Rows per statement."""


class View:
    """Make it before the cloud is asked: rows that we changed on the cloud since then are left alone."""

    def __init__(self, cloud: Cloud, tenant: Tenant | None) -> None:
        self.cloud = cloud
        self.tenant = tenant
        self.taken_at = timezone.now()
        self.has_changed = False
        self.noted: list[Entry] = []

    def write(self, model: type[S], seen: Iterable[tuple[str, Fields]]) -> dict[str, S]:
        """Make the rows of one model what is seen, by the cloud's ids; returns them. One query when all is the same."""
        mine = list(self.rows(model))
        known = {row.remote_id: row for row in mine if row.remote_id}
        asked = {row.mark: row for row in mine if row.mark and not row.remote_id}
        new: list[tuple[str, Fields]] = []
        changed: dict[S, Fields] = {}
        rows: dict[str, S] = {}
        for remote_id, fields in seen:
            row = known.pop(remote_id, None) or asked.pop(fields.get("mark") or "-", None)
            if row is None:
                new.append((remote_id, fields))
                continue
            rows[remote_id] = row
            found = {} if row.remote_id else {"remote_id": remote_id, "failure": ""}
            if different := self.differences(row, {**found, **fields}):
                changed[row] = different
        if not (changed or known or new):
            return rows
        with transaction.atomic():
            self.change(model, changed)
            self.remove(model, list(known.values()))
            rows |= self.add(model, new)
            self.note()
            return rows

    def rows(self, model: type[S]) -> Any:
        return model.objects.filter(cloud=self.cloud, tenant=self.tenant)

    def differences(self, row: Seen, fields: Fields) -> Fields:
        """None for a row that we changed after the cloud was asked."""
        if row.acted_at and row.acted_at > self.taken_at:
            return {}
        return {name: value for name, value in fields.items() if getattr(row, name) != value}

    def change(self, model: type[S], changed: dict[S, Fields]) -> None:
        self.has_changed = self.has_changed or bool(changed)
        for row, fields in changed.items():
            for name, value in fields.items():
                setattr(row, name, value)
            if "remote_id" in fields:
                self.count(row)
        if changed:
            names = sorted({name for fields in changed.values() for name in fields})
            model.objects.bulk_update(changed, names, batch_size=MANY)

    def add(self, model: type[S], new: Sequence[tuple[str, Fields]]) -> dict[str, S]:
        """What others made, and what belongs to something else, such as ports."""
        made = [model(cloud=self.cloud, tenant=self.tenant, remote_id=id_, **fields) for id_, fields in new]
        if not made:
            return {}
        self.has_changed = True
        if model.RESOURCE is None:
            model.objects.bulk_create(made, batch_size=MANY, ignore_conflicts=True)
            return {row.remote_id: row for row in made}
        return {row.remote_id: self.add_counted(row) for row in made}

    def add_counted(self, row: S) -> S:
        try:
            with transaction.atomic():
                row.save(force_insert=True)
                self.count(row)
                self.keep(row, "adopted")
        except IntegrityError:  # another look was first
            found: S = self.rows(type(row)).get(remote_id=row.remote_id)
            return found
        return row

    def count(self, row: Seen) -> None:
        """Against the quota of the tenant whose it is, also above the limit: it is there."""
        if self.tenant is not None and row.RESOURCE is not None and row.is_counted:
            hold(self.tenant, {row.RESOURCE: 1}, holder=row.pk, cloud_id=row.cloud_id)

    def remove(self, model: type[S], gone: Sequence[S]) -> None:
        """Those that the cloud does not have any more; not those that an operation is open on."""
        if not gone:
            return
        busy = set(Operation.objects.open().filter(tenant=self.tenant).values_list("target_id", flat=True))
        late = Q(acted_at=None) | Q(acted_at__lte=self.taken_at)
        doomed = [row.pk for row in gone if row.pk not in busy]
        doomed = list(model.objects.filter(late, pk__in=doomed).values_list("pk", flat=True))
        if not doomed:
            return
        self.has_changed = True
        model.objects.filter(pk__in=doomed).delete()
        for row in gone:
            if row.pk in doomed:
                self.keep(row, "removed-outside")
        if self.tenant is not None and model.RESOURCE is not None:
            for pk in doomed:
                release(self.tenant, holder=pk)

    def keep(self, row: Seen, what: str) -> None:
        """For the audit trail: what others made or removed, of what counts as the tenant's."""
        kind = KINDS.get(type(row).__name__)
        if self.tenant is None or kind is None or not row.is_counted:
            return
        about: About = {
            "actor": SYSTEM,
            "tenant": str(self.tenant.pk),
            "object_kind": kind,
            "object_id": row.pk,
            "object_name": str(row) or "–",
            "outcome": "seen",
        }
        self.noted.append(entry_of(f"{kind}.{what}", **about))

    def note(self) -> None:
        """The last of the transaction, as in every action: nobody waits crosswise."""
        if self.noted:
            append(self.noted)
        self.noted = []

    def close(self) -> None:
        """Tell the browsers, once."""
        if self.has_changed:
            publish(self.tenant.pk if self.tenant else None, "networks", object_id=self.cloud.pk)

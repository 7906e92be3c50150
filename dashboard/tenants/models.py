"""Tenants that are being emptied, and what became of them."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dashboard.clouds import registry
from dashboard.clouds.words import PLACES
from dashboard.operations.models import long_ago
from dashboard.tenancy.models import Tenant


class Emptying(models.Model):
    """One tenant on its way out, from the request until its rows are gone; it outlives the tenant.

    It makes no call to a cloud: it looks at what is left, and asks for the operations that delete it. So it needs no
    steps that are remembered: whoever looks, however often and after whatever, finds the rows as they are.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Being emptied")
        STOPPED = "stopped", _("Stopped")
        DONE = "done", _("Deleted")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, null=True, on_delete=models.SET_NULL, related_name="emptyings")
    slug = models.CharField(max_length=64)
    name = models.CharField(max_length=128)
    state = models.CharField(max_length=16, choices=State.choices, default=State.RUNNING)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_by_name = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    begun_at = models.DateTimeField()
    """When it was asked for, or resumed last: what failed before that is asked for once more."""
    moved_at = models.DateTimeField()
    """When less was left than before."""
    finished_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(default=long_ago)
    """When it is next looked at; whoever looks first moves it on."""
    totals = models.JSONField(default=dict)
    """How much there was of each kind, see left.py."""
    left = models.JSONField(default=dict)
    """How much of it is left."""
    problems = models.JSONField(default=list)
    """What stands in the way: `{"kind", "name", "why", "operation"}` each."""

    also_delete = models.BooleanField(default=False)
    """Its places are deleted on the clouds as well, where that is possible."""
    kept = models.JSONField(default=list)
    """The places that stay on clouds: see staying.py."""

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(state__in=("running", "stopped")), name="emptying_open_once"
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(state="running"), name="emptying_due")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.state != self.State.DONE

    @property
    def staying(self) -> list[dict[str, Any]]:
        """The places that stay, each with what its cloud calls it."""
        return [{**one, "word": PLACES[registry.place_word(one["kind"])].word} for one in self.kept]

    @property
    def progress(self) -> list[dict[str, Any]]:
        """Each kind of which there was something: `{"kind", "total", "left", "gone", "look"}`, in the order of work."""
        from .left import KINDS

        rows = []
        for kind in KINDS:
            if total := self.totals.get(kind.name, 0):
                left = self.left.get(kind.name, 0)
                rows.append({"kind": kind, "total": total, "left": left, "gone": total - left})
        working = next((row for row in rows if row["left"]), None)
        for row in rows:
            row["look"] = "pending" if row["left"] else "done"
        if working is not None:
            working["look"] = "running" if self.state == self.State.RUNNING else "failed"
        return rows

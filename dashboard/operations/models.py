"""What is under way. An operation's row is the queue; a Celery message only rings its bell."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard.clouds.interface import Driver
from dashboard.clouds.models import Cloud
from dashboard.tenancy.models import Tenant

from .failures import Failure, failure
from .notes import Note, read
from .stuck import PATIENCE, Stuck, stuck
from .words import OUTCOMES, Text, asked_by, kind_label, step_label


class State(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


def long_ago() -> datetime:
    """A lease that ended before anybody can have held it."""
    return datetime(2000, 1, 1, tzinfo=UTC)


OPEN = (State.QUEUED, State.RUNNING, State.WAITING)


class OperationQuerySet(models.QuerySet["Operation"]):
    def for_tenant(self, tenant: Tenant) -> OperationQuerySet:
        return self.filter(tenant=tenant)

    def open(self) -> OperationQuerySet:
        return self.filter(state__in=OPEN)

    def stuck(self) -> OperationQuerySet:
        """Those that wait for longer than usual: see stuck.py."""
        now = timezone.now()
        return self.open().filter(Q(slow_at__lt=now) | Q(waiting_since__lt=now - PATIENCE))


class Batch(models.Model):
    """Several operations that were asked for at once: a launch of many, a verb on a selection."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    kind = models.CharField(max_length=64)
    """That of its operations, such as `instance.launch`."""
    key = models.CharField(max_length=64, unique=True)
    """From the form: the same key is the same request, however often it is sent."""
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    requested_by_name = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    refused = models.JSONField(default=list)
    """What was asked for and did not qualify: `{"id": ..., "name": ..., "reason": ...}` each."""
    again_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="asked_again")
    """The batch of which this one asks for a part once more."""
    again_for = models.JSONField(default=list)
    """Which part: the ids of those things of `again_of`. What is launched once more has a new id here."""

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["tenant", "-created_at"])]

    def __str__(self) -> str:
        return self.kind

    @property
    def noun(self) -> str:
        return self.kind.partition(".")[0]

    @property
    def verb(self) -> str:
        return self.kind.partition(".")[2]

    @property
    def label(self) -> Text:
        return kind_label(self.kind)


class Operation(models.Model):
    """One verb on one thing, from the request to its end.

    Whoever works on it holds the lease and knows the fence; a write with an
    older fence finds no row. `due_at` is when it next wants attention: a wait
    is a time in this row, never a sleeping task.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    cloud = models.ForeignKey(Cloud, on_delete=models.PROTECT)
    kind = models.CharField(max_length=64)
    """The flow that it runs, such as `instance.launch`."""
    target_id = models.UUIDField()
    target_name = models.CharField(max_length=255)
    batch = models.ForeignKey(Batch, null=True, on_delete=models.SET_NULL, related_name="operations")
    """What it was asked for together with."""
    arguments = models.JSONField(default=dict)
    """What the verb was given: a flavor's id, a name. Never a secret."""
    key = models.CharField(max_length=64, unique=True)
    """From the form: the same key is the same request, however often it is sent."""
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    requested_by_name = models.CharField(max_length=150)
    via = models.CharField(max_length=64, blank=True)
    """See `Actor.via` and `System.via`; empty where the person used a page."""
    rolls_back = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="roll_backs")
    """The failed operation that this one takes back."""

    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    deadline_at = models.DateTimeField()
    resumed_at = models.DateTimeField(null=True)
    notes = models.JSONField(default=list)
    """What people did about it after it was asked for, oldest first; see notes.py."""

    lease_until = models.DateTimeField(default=long_ago)
    lease_owner = models.CharField(max_length=128, blank=True)
    fence = models.BigIntegerField(default=0)
    due_at = models.DateTimeField(default=long_ago)
    ring_after = models.DateTimeField(default=timezone.now)
    """When the reconciler may ring (again)."""
    rings = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    """Attempts in a row that the cloud did not answer, for the back-off."""

    waiting_for = models.CharField(max_length=64, blank=True)
    """A code of failures.py while it waits for something that should come back."""
    waiting_since = models.DateTimeField(null=True)
    slow_at = models.DateTimeField(null=True)
    """From when on the step that is under way takes longer than usual."""
    error_code = models.CharField(max_length=64, blank=True)
    """Set once the end will be `failed`, also while it is still cleaning up."""
    error_values = models.JSONField(default=dict)
    """What the words of the error name: amounts, limits, hosts."""
    error_detail = models.TextField(blank=True)
    """The cloud's own words, for administrators only."""
    error_request_id = models.CharField(max_length=128, blank=True)

    objects = OperationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["target_id"], condition=Q(state__in=OPEN), name="operation_open_once"),
        ]
        indexes = [
            models.Index(fields=["ring_after"], condition=Q(state__in=OPEN), name="operation_to_ring"),
            models.Index(fields=["target_id", "-created_at"]),
            models.Index(fields=["tenant", "-created_at"]),
            models.Index(fields=["-created_at", "-id"], name="operation_of_all"),
            models.Index(fields=["-created_at", "-id"], condition=Q(state__in=OPEN), name="operation_open_of_all"),
            models.Index(fields=["tenant", "kind", "-created_at"], name="operation_of_kind"),
            models.Index(fields=["tenant", "requested_by", "-created_at"], name="operation_of_person"),
            models.Index(fields=["tenant", "-created_at"], condition=Q(state=State.FAILED), name="operation_failed"),
            models.Index(fields=["tenant", "-created_at"], condition=Q(state__in=OPEN), name="operation_open"),
            models.Index(
                fields=["requested_by", "tenant", "-finished_at"],
                condition=Q(finished_at__isnull=False),
                name="operation_for_bell",
            ),
            models.Index(
                fields=["cloud", "kind", "-finished_at"], condition=Q(state=State.DONE), name="operation_usual"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.target_name}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def driver(self) -> Driver:
        """The driver that works for its tenant. Raises AuthFailed when the tenant has no credential there."""
        return self.cloud.driver_for(self.tenant_id)

    @property
    def noun(self) -> str:
        """What it works on: `instance`, `network`, `place`, ..."""
        return self.kind.partition(".")[0]

    @property
    def verb(self) -> str:
        return self.kind.partition(".")[2]

    @property
    def took(self) -> timedelta:
        return (self.finished_at or timezone.now()) - (self.resumed_at or self.created_at)

    @property
    def asked_by(self) -> Text:
        return asked_by(self.requested_by_name, via=self.via)

    @property
    def told(self) -> list[Note]:
        """What people did about it, oldest first."""
        return read(self.notes)

    @property
    def stuck(self) -> Stuck | None:
        """Since when and for what it waits longer than usual; None while all goes its course."""
        return stuck(self)

    @property
    def label(self) -> Text:
        return kind_label(self.kind)

    @property
    def outcome(self) -> str:
        """What is so now that it is done, in a sentence; empty for those of which nothing more is to be said."""
        said = OUTCOMES.get(self.kind, "") if self.state == State.DONE else ""
        return str(said) % {"name": self.target_name} if said else ""

    @property
    def waiting(self) -> Failure | None:
        """What it waits for, in words, when that is not the normal course."""
        return failure(self.waiting_for) if self.is_open and self.waiting_for else None

    @property
    def failure(self) -> Failure | None:
        """Why it failed, or will when it has cleaned up, in words."""
        return failure(self.error_code, self.error_values) if self.error_code else None


class Step(models.Model):
    """One part of an operation, with its times: what the timeline shows."""

    class State(models.TextChoices):
        PENDING = "pending", _("To do")
        RUNNING = "running", _("Running")
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=32)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    was_asked = models.BooleanField(default=False)
    """The cloud may have been asked: it was not known to be away when an attempt was made."""
    usual_s = models.FloatField(null=True)
    """How many seconds it took lately on this cloud; None: not known."""
    calls = models.JSONField(default=list)
    """The calls to the cloud that it made, `{"id", "source", "changes"}` each: see calls.py."""

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["operation", "position"], name="step_once")]

    @property
    def label(self) -> Text:
        return step_label(self.name)

    @property
    def took(self) -> timedelta | None:
        if self.started_at is None:
            return None
        return (self.finished_at or timezone.now()) - self.started_at

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.RUNNING, self.State.WAITING)

    @property
    def usual(self) -> timedelta | None:
        return None if self.usual_s is None else timedelta(seconds=self.usual_s)


class BellMark(models.Model):
    """Up to when a person has read what came of their operations in a tenant. Without one, nothing was read."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    read_until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "tenant"], name="bell_mark_once")]


class Heartbeat(models.Model):
    """When a part of Skydeck last proved that it works: `worker` (through the broker), `scheduler`."""

    name = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()

"""Asking for more quota: who wants which limits and why, what came of it, and the launch that waits for it.

    open ──▶ endorsed ──▶ approved | approved-less | denied | withdrawn | obsolete
      └──────────────────────▲

Each step is one conditional UPDATE of `state`, so of two people who decide at once exactly one does.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.clouds.models import Cloud
from dashboard.quotas.limits import NONE, UNLIMITED
from dashboard.quotas.models import Resource
from dashboard.tenancy.models import Tenant

MOST_REASON = 2000
MOST_COMMENT = 2000


class State(models.TextChoices):
    OPEN = "open", _("Open")
    ENDORSED = "endorsed", _("Endorsed")
    APPROVED = "approved", _("Approved")
    APPROVED_LESS = "approved-less", _("Approved in part")
    DENIED = "denied", _("Denied")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    OBSOLETE = "obsolete", _("No longer needed")


UNDECIDED = (State.OPEN, State.ENDORSED)
GIVEN = (State.APPROVED, State.APPROVED_LESS)


class QuotaRequestQuerySet(models.QuerySet["QuotaRequest"]):
    def for_tenant(self, tenant: Tenant) -> QuotaRequestQuerySet:
        return self.filter(tenant=tenant)

    def undecided(self) -> QuotaRequestQuerySet:
        return self.filter(state__in=UNDECIDED)

    def in_order(self) -> QuotaRequestQuerySet:
        """Endorsed ones first, then open ones, the oldest of them first; then what is decided, the newest first."""
        rank = models.Case(models.When(state=State.ENDORSED, then=0), models.When(state=State.OPEN, then=1), default=2)
        return self.annotate(rank=rank).order_by("rank", F("decided_at").desc(nulls_first=True), "created_at", "pk")


class QuotaRequest(models.Model):
    """One person's wish for more, in one tenant."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="quota_requests")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    requested_by_name = models.CharField(max_length=150)
    reason = models.TextField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)
    decided_by_name = models.CharField(max_length=150, blank=True)
    by_rule = models.BooleanField(default=False)
    key = models.CharField(max_length=64, unique=True)
    """Of whoever asks, and made with the form: two clicks are one request."""

    objects = QuotaRequestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "-created_at"], name="quota_request_tenant"),
            models.Index(fields=["created_at"], condition=Q(state__in=UNDECIDED), name="quota_request_undecided"),
        ]

    @property
    def is_undecided(self) -> bool:
        return self.state in UNDECIDED

    @property
    def is_given(self) -> bool:
        return self.state in GIVEN

    @property
    def look(self) -> str:
        """Which look of a state it has on pages."""
        looks = {State.APPROVED: "done", State.APPROVED_LESS: "done", State.DENIED: "failed", State.ENDORSED: "running"}
        return looks.get(State(self.state), "queued" if self.state == State.OPEN else "cancelled")


class Wish(models.Model):
    """One limit that is wanted: in total, or on a cloud. None is no limit: unlimited, or none of the cloud's own."""

    request = models.ForeignKey(QuotaRequest, on_delete=models.CASCADE, related_name="wishes")
    resource = models.CharField(max_length=32, choices=Resource.choices)
    cloud = models.ForeignKey(Cloud, on_delete=models.CASCADE, null=True, related_name="+")
    was = models.BigIntegerField(null=True)
    """The limit when it was asked for."""
    limit = models.BigIntegerField(null=True)
    is_granted = models.BooleanField(default=False)
    granted = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "resource"], condition=Q(cloud=None), name="wish_once_in_total"),
            models.UniqueConstraint(fields=["request", "resource", "cloud"], name="wish_once_on_cloud"),
        ]

    @property
    def name(self) -> str:
        """That of its field in a form."""
        return f"limit-{self.pk}"

    @property
    def word(self) -> str:
        return UNLIMITED if self.cloud_id is None else NONE

    @property
    def kind(self) -> Resource:
        return Resource(self.resource)


class Line(models.Model):
    """One step of a request's history. `values` are for the words of `what`: see words.py."""

    request = models.ForeignKey(QuotaRequest, on_delete=models.CASCADE, related_name="lines")
    at = models.DateTimeField(auto_now_add=True)
    who = models.CharField(max_length=150)
    what = models.CharField(max_length=32)
    comment = models.TextField(blank=True)
    values = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "pk"]

    @property
    def label(self) -> str | Promise:
        return STEPS.get(self.what, self.what)


STEPS: dict[str, str | Promise] = {
    "ask": _("asked for it"),
    "endorse": _("endorsed it"),
    "approve": _("approved it"),
    "approve-less": _("approved a part of it"),
    "deny": _("denied it"),
    "withdraw": _("withdrew it"),
    "obsolete": _("closed it"),
    "take-back": _("took the launch back"),
    "launch": _("started the launch"),
    "launch-waits": _("keeps the launch waiting"),
    "launch-failed": _("could not start the launch"),
}


class CarriedLaunch(models.Model):
    """A launch that quota refused, kept until its request is decided. What was typed is sealed, and dropped afterwards.

    draft ──▶ waiting ──▶ due ──▶ started | failed
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Not asked for yet")
        WAITING = "waiting", _("Waits for the decision")
        DUE = "due", _("Is about to start")
        STARTED = "started", _("Started")
        FAILED = "failed", _("Could not start")
        TAKEN_BACK = "taken-back", _("Taken back")
        DROPPED = "dropped", _("Not started")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    request = models.OneToOneField(QuotaRequest, on_delete=models.CASCADE, null=True, related_name="carried")
    made_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    sealed = models.TextField(blank=True)
    """The form's values as JSON: what carrying.py reads again. Empty once it is over."""
    said: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """For pages: `name`, `count`, `cloud`, `cloud_id`, `image`, `flavor`, and what it `takes`."""
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    why = models.TextField(blank=True)
    """Why it could not start, or not yet, for everybody who reads the request."""
    instance_id = models.UUIDField(null=True)
    batch_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(state="due"), name="carried_launch_due")]

    @property
    def is_wanted(self) -> bool:
        return self.state in (self.State.WAITING, self.State.DUE)

    @property
    def is_held_up(self) -> bool:
        """It would start, but for something that passes."""
        return self.state == self.State.DUE and bool(self.why)

    @property
    def state_said(self) -> str | Promise:
        return _("Waits") if self.is_held_up else self.State(self.state).label


class Rules(models.Model):
    """What is approved without an administrator. One row at most; none, as if nothing were."""

    is_on = models.BooleanField(default=False)
    percent = models.PositiveIntegerField(default=10)
    """At most so much more than the present limit."""
    days = models.PositiveIntegerField(default=30)
    """Not twice within so many, for one limit of a tenant."""
    resources = models.JSONField(default=list)
    """Only these."""
    managers_percent = models.PositiveIntegerField(default=0)
    """Up to how much over its plan a tenant's managers may approve. 0: they only endorse."""
    version = models.PositiveIntegerField(default=0)

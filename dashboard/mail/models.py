"""Mail on its way out: rows are the truth, the message to the worker is a doorbell."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class OutgoingMail(models.Model):
    """One text mail to one address.

    `body` may hold a link that lets somebody in, so it is sealed, and taken out once the mail has left or was given up.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True, default="")
    """What the mail server said last; for administrators."""

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="mail_waiting", condition=Q(sent_at=None, given_up_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"

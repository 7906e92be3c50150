"""One-time tickets for consoles, and who has one open."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from dashboard.instances.models import Instance


class Ticket(models.Model):
    """The right to open one console once, within 30 s, from the login that asked for it.

    Only hashes are stored: neither a database dump nor a log lets anybody in.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    session_hash = models.CharField(max_length=64)
    instance = models.ForeignKey(Instance, on_delete=models.CASCADE)
    kind = models.CharField(max_length=16)
    takes_over = models.BooleanField(default=False)
    """Whoever stands in the way is closed, and told by whom."""
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)


class ViewingQuerySet(models.QuerySet["Viewing"]):
    def alive(self) -> ViewingQuerySet:
        """Without those whose web process is gone."""
        return self.filter(alive_until__gt=Now())


class Viewing(models.Model):
    """One console that is open in one browser, through one web process. The row goes when it is closed.

    Other web processes learn from it who looks, and end it by writing `ended_by`.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    instance = models.ForeignKey(Instance, on_delete=models.CASCADE)
    kind = models.CharField(max_length=16)
    process = models.CharField(max_length=32)
    """The web process that carries it, by a name that each makes up when it starts."""
    opened_at = models.DateTimeField(auto_now_add=True)
    alive_until = models.DateTimeField()
    ended_by = models.CharField(max_length=150, blank=True)
    """Who took it over; the person's own name where it was closed from their list."""
    ended_at = models.DateTimeField(null=True)

    objects = ViewingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["alive_until"], name="viewing_alive")]

"""What administrators tell everybody."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def shown(self) -> AnnouncementQuerySet:
        """Those whose time it is."""
        now = timezone.now()
        begun = Q(starts_at=None) | Q(starts_at__lte=now)
        return self.filter(begun).filter(Q(ends_at=None) | Q(ends_at__gt=now))


class Announcement(models.Model):
    """A few sentences, as a banner on every page. Changing it shows it again to those who had closed it."""

    class Severity(models.TextChoices):
        INFO = "info", _("Information")
        WARNING = "warning", _("Warning")

    text = models.TextField()
    severity = models.CharField(max_length=16, choices=Severity.choices, default=Severity.INFO)
    link = models.URLField(max_length=500, blank=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    before_sign_in = models.BooleanField(default=False)
    """Also for those who are not signed in."""
    version = models.PositiveIntegerField(default=1)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def mark(self) -> str:
        """By which a browser remembers that it was closed."""
        return f"{self.pk}.{self.version}"

    @property
    def is_over(self) -> bool:
        return self.ends_at is not None and self.ends_at <= timezone.now()

    @property
    def is_to_come(self) -> bool:
        return not self.is_over and self.starts_at is not None and self.starts_at > timezone.now()

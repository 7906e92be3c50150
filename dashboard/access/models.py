"""Keys of people for the clouds' own tools: who has one, and where. The secret is here only until it was shown."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.clouds.models import CloudAccount
from dashboard.operations.models import Operation
from dashboard.tenancy.models import Membership, Role, Tenant

LONGEST_LABEL = 80
MOST = 2
"""So many keys one person has on one cloud: one that is in use, and one to replace it."""
FETCHED_WITHIN = timedelta(hours=1)
"""A secret that nobody fetched for so long is forgotten, and its key ended."""


class AccessKeyQuerySet(models.QuerySet["AccessKey"]):
    def for_tenant(self, tenant: Tenant) -> AccessKeyQuerySet:
        return self.filter(tenant=tenant)

    def living(self) -> AccessKeyQuerySet:
        """Also those that are being made or ended just now."""
        return self.filter(revoked_at=None)

    def idle(self) -> AccessKeyQuerySet:
        """Nothing is under way with them."""
        return self.exclude(pk__in=Operation.objects.open().values("target_id"))

    def without_right(self) -> AccessKeyQuerySet:
        """Whose person may not work in the tenant any more: left, became a reader, was disabled; or the tenant was."""
        working = Membership.objects.filter(
            user=OuterRef("user"), tenant=OuterRef("tenant"), role__in=(Role.MEMBER, Role.MANAGER)
        )
        may_work = Q(user__is_active=True, tenant__disabled_at=None) & (Q(user__is_superuser=True) | Exists(working))
        return self.exclude(may_work)

    def never_fetched(self) -> AccessKeyQuerySet:
        return self.filter(fetched_at=None, issued_at__lt=timezone.now() - FETCHED_WITHIN)

    def never_made(self) -> AccessKeyQuerySet:
        """Given up on the way: the cloud may have one nevertheless. Only of those that are idle."""
        return self.filter(issued_at=None)


class AccessKey(models.Model):
    """One key of one person into one tenant's place on a cloud. Its id is the mark that the cloud's key carries."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="access_keys")
    account = models.ForeignKey(CloudAccount, on_delete=models.CASCADE, related_name="access_keys")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="access_keys")
    person = models.CharField(max_length=32)
    """What the cloud knows the person by: stays when the account here is renamed or gone."""
    label = models.CharField(max_length=LONGEST_LABEL)
    key = models.CharField(max_length=64, unique=True)
    """From the form: the same key is the same request, however often it is sent."""
    remote_id = models.CharField(max_length=255, blank=True)
    """The cloud's id of the key, as its logs name it."""
    sealed = models.TextField(blank=True)
    """The secret, until it was shown or an hour has passed."""
    created_at = models.DateTimeField(default=timezone.now)
    issued_at = models.DateTimeField(null=True)
    """When the cloud had made it."""
    fetched_at = models.DateTimeField(null=True)
    """When its secret was shown to its person."""
    revoked_at = models.DateTimeField(null=True)
    ask_after = models.DateTimeField(default=timezone.now)
    """Until then nobody but people asks for its end; see ending.py."""

    objects = AccessKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(fields=["tenant", "account"], condition=Q(revoked_at=None), name="access_key_living"),
            models.Index(F("ask_after"), condition=Q(revoked_at=None), name="access_key_to_look_at"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def mark(self) -> str:
        return self.id.hex

    @property
    def is_ready(self) -> bool:
        """Its secret can be shown, once."""
        return bool(self.sealed) and self.revoked_at is None


def person_of(user: User) -> str:
    return str(user.pk)

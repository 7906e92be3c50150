"""Who signs in with an account on an OpenStack, and which memberships came from there."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from dashboard.clouds.models import Cloud
from dashboard.tenancy.models import Membership


class Account(models.Model):
    """A person's account on a cloud, by the cloud's id of it.

    Never by name: whoever is renamed stays the same, and whoever is made anew under an old name is somebody else.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="keystone_account")
    cloud = models.ForeignKey(Cloud, on_delete=models.CASCADE, related_name="people")
    remote_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    domain = models.CharField(max_length=255)
    gave_admin = models.BooleanField(default=False)
    """The role `admin` of the installation came from there, and goes when it goes there."""
    seen_at = models.DateTimeField(null=True)
    """When its owner last signed in."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cloud", "remote_id"], name="keystone_account_once")]

    def __str__(self) -> str:
        return f"{self.name} of {self.domain} on {self.cloud}"


class Grant(models.Model):
    """A membership that came from a role in a project. Those without one were given by hand, and stay."""

    membership = models.OneToOneField(Membership, on_delete=models.CASCADE, related_name="keystone_grant")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=16)
    """As it was given; a membership with another role was changed by hand since."""

    @property
    def is_untouched(self) -> bool:
        return self.membership.role == self.role

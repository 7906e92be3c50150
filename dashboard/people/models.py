"""Invitations, and accounts that were asked for. Whoever has a link is let in once; we keep only its hash."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard.tenancy.models import Role, Tenant


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self) -> InvitationQuerySet:
        """Neither used nor taken back; some of them may be too old."""
        return self.filter(ending="")

    def to(self, address: str) -> InvitationQuerySet:
        return self.filter(email__iexact=address)


class Invitation(models.Model):
    """One mail with one link. Sending again makes a new one: the link of the one before is no good then."""

    class Ending(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        REPLACED = "replaced", _("Replaced")

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True, related_name="invitations")
    """Null: into the installation only, without a tenant yet."""
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=16, blank=True)
    """Empty without a tenant."""
    message = models.TextField(blank=True)
    full_name = models.CharField(max_length=150, blank=True)
    """Where it is known, such as from who asked for the account."""
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    ending = models.CharField(max_length=16, choices=Ending, blank=True)
    ended_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"), "tenant", condition=Q(ending="", tenant__isnull=False), name="invitation_once"
            ),
            models.UniqueConstraint(
                Lower("email"), condition=Q(ending="", tenant__isnull=True), name="invitation_once_without_tenant"
            ),
        ]
        indexes = [models.Index(fields=["invited_by", "created_at"], name="invitation_by")]

    def __str__(self) -> str:
        return self.email

    @property
    def is_late(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label) if self.role else ""


class Disabling(models.Model):
    """Why somebody cannot sign in. The row goes when they can again; the audit trail keeps both."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="disabling"
    )
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)


class SignUpQuerySet(models.QuerySet["SignUp"]):
    def waiting(self) -> SignUpQuerySet:
        """Whose address is proven, and on which nobody has decided."""
        return self.filter(decision="", verified_at__isnull=False)


class SignUp(models.Model):
    """An account that somebody asks for. Administrators see it once its address is proven by a link."""

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")

    address = models.EmailField(max_length=254)
    full_name = models.CharField(max_length=150)
    wish = models.CharField(max_length=200)
    """The tenant, in the applicant's own words: they are shown no list."""
    purpose = models.TextField()
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=16, choices=Decision, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    objects = SignUpQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("address"), condition=Q(decision=""), name="sign_up_once")]

    def __str__(self) -> str:
        return self.address

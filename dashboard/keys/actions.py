"""Making and revoking one's API keys. One entry each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.accounts.models import User
from dashboard.audit.record import record
from dashboard.tenancy.access import find_actor
from dashboard.tenancy.models import Membership, Role, Tenant

from . import tokens
from .models import ApiKey

MOST = 50
LONGEST_DAYS = 365


class TooMany(Exception):
    def __init__(self) -> None:
        super().__init__(_("You have %(most)d keys, and more are not possible. Revoke one first.") % {"most": MOST})


@dataclass(frozen=True, slots=True)
class Made:
    key: ApiKey
    token: str
    """Shown once; it is nowhere else."""


@transaction.atomic
def create(user: User, *, name: str, tenant: Tenant | None, role: Role, days: int, address: str | None) -> Made:
    """Raises PermissionDenied beyond the person's own role, TooMany beyond the number."""
    require(user, tenant=tenant, role=role)
    User.objects.select_for_update().get(pk=user.pk)
    if ApiKey.objects.of_user(user).living().count() >= MOST:
        raise TooMany
    public_id, secret = tokens.make()
    key = ApiKey.objects.create(
        public_id=public_id,
        secret_hash=tokens.hashed(secret),
        name=name,
        user=user,
        tenant=tenant,
        role=role,
        expires_at=timezone.now() + timedelta(days=min(days, LONGEST_DAYS)),
    )
    after = {"id": key.public_id, "role": str(role), "until": key.expires_at.isoformat()}
    note("api-key.create", key, address=address, after=after)
    return Made(key, tokens.token_of(public_id, secret))


def require(user: User, *, tenant: Tenant | None, role: Role) -> None:
    if role not in roles_in(user, tenant=tenant):
        raise PermissionDenied(_("A key cannot allow more than your own role there does."))


def roles_in(user: User, *, tenant: Tenant | None) -> list[Role]:
    """Which roles a key of theirs may have there; without a tenant: in the whole installation."""
    if tenant is None:
        return [Role.ADMIN] if user.is_admin else []
    actor = find_actor(user, tenant.slug)
    return [role for role in Role if role != Role.ADMIN and actor is not None and actor.may(role)]


def roles_anywhere(user: User) -> list[Role]:
    """In at least one of their tenants that is not disabled; all for an administrator."""
    held = Membership.objects.filter(user=user).values_list("role", "tenant__disabled_at")
    largest = [Role.READER if disabled_at else Role(role) for role, disabled_at in held]
    return [role for role in Role if user.is_admin or any(one.includes(role) for one in largest)]


@transaction.atomic
def revoke(user: User, pk: int, *, address: str | None) -> ApiKey | None:
    """One of their own; revoking it again changes nothing. None when it is none of theirs."""
    mine = ApiKey.objects.of_user(user).filter(pk=pk)
    is_new = mine.filter(revoked_at=None).update(revoked_at=timezone.now())
    key = mine.select_related("user", "tenant").first()
    if key and is_new:
        note("api-key.revoke", key, address=address, after={"id": key.public_id})
    return key


def note(verb: str, key: ApiKey, *, address: str | None, after: dict[str, str]) -> None:
    """In the tenant's chain, so that its managers see who lets programs in."""
    record(
        verb,
        actor=key.user.username,
        tenant=str(key.tenant_id or ""),
        object_kind="api-key",
        object_id=key.pk,
        object_name=key.name,
        outcome="done",
        address=address,
        after=after,
    )

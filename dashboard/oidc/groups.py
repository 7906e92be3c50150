"""What the provider's groups are here, each time that somebody signs in with it.

The tenants that SKYDECK_OIDC_GROUPS names are the provider's to keep for those people: who is in none of their groups
any more is in the tenant no more. Other tenants are left as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from django.conf import settings

from dashboard.accounts.models import User
from dashboard.audit.record import record
from dashboard.tenancy.models import Membership, Role, Tenant

log = structlog.get_logger(__name__)


def follow(user: User, claims: Mapping[str, Any], *, address: str | None) -> None:
    """Part of the caller's transaction; one entry for each change."""
    named = claims.get(settings.OIDC_GROUPS_CLAIM)
    groups = {str(one) for one in named} if isinstance(named, list) else set()
    wanted: dict[str, Role | None] = {}
    for group, (slug, role) in settings.OIDC_GROUPS.items():
        held = wanted.setdefault(slug, None)
        if group in groups and (held is None or Role(role).includes(held)):
            wanted[slug] = Role(role)
    if "" in wanted:
        set_administrator(user, is_theirs=wanted.pop("") is not None, address=address)
    for tenant in Tenant.objects.filter(slug__in=wanted):
        set_role(user, tenant, wanted.pop(tenant.slug), address=address)
    if wanted:
        log.warning("groups name tenants that are not there", tenants=sorted(wanted))


def set_role(user: User, tenant: Tenant, role: Role | None, *, address: str | None) -> None:
    before = Membership.objects.filter(user=user, tenant=tenant).first()
    if (before.role if before else None) == role:
        return
    if role is None:
        Membership.objects.filter(user=user, tenant=tenant).delete()
    else:
        Membership.objects.update_or_create(user=user, tenant=tenant, defaults={"role": role})
    roles = {"before": {"role": before.role if before else ""}, "after": {"role": role or ""}}
    note("membership.from-oidc", user, tenant=str(tenant.pk), address=address, **roles)


def set_administrator(user: User, *, is_theirs: bool, address: str | None) -> None:
    """The last administrator stays one: nobody could let anybody in again."""
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if user.is_superuser == is_theirs or (not is_theirs and not others.exists()):
        return
    user.is_superuser = is_theirs
    user.save(update_fields=["is_superuser"])
    verb = "administrator.given" if is_theirs else "administrator.taken"
    changed = {"before": {"administrator": not is_theirs}, "after": {"administrator": is_theirs}}
    note(verb, user, tenant="", address=address, **changed)


def note(verb: str, user: User, *, tenant: str, address: str | None, **changed: Mapping[str, Any]) -> None:
    record(
        verb,
        actor=f"oidc:{settings.OIDC_NAME}",
        tenant=tenant,
        object_kind="user",
        object_id=user.pk,
        object_name=user.username,
        outcome="done",
        address=address,
        before=changed["before"],
        after=changed["after"],
    )

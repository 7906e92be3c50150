"""Changing who is in a tenant, and as what. Each verb is one transaction: rows, events, the audit entry.

Whoever changes a tenant's people locks its row first, and looks again at what they themselves may: of two managers who
remove each other at once the second finds that they manage nothing any more.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from dashboard.audit.record import record
from dashboard.live.publish import publish
from dashboard.tenancy.access import Actor, find_actor
from dashboard.tenancy.models import Membership, Role, Tenant

from .members import managers_of, why_kept

TOPIC = "people"


class NotPossible(Exception):
    """What was asked for is refused, in the user's words, whoever asks."""


def hold(actor: Actor, role: Role) -> Actor:
    """Lock the tenant until the commit. Raises PermissionDenied where the actor's own role is no longer enough."""
    Tenant.objects.select_for_update(no_key=True).get(pk=actor.tenant.pk)
    actor.user.refresh_from_db(fields=["is_active", "is_superuser"])
    now = find_actor(actor.user, actor.tenant.slug, address=actor.address)
    if now is None:
        raise PermissionDenied(_("You are not in this tenant any more."))
    now.require(role)
    return now


def held_member(actor: Actor, pk: int) -> Membership:
    """Raises Membership.DoesNotExist for one of another tenant, and for one that is gone."""
    rows = Membership.objects.select_related("user", "keystone_grant__account__cloud")
    return rows.get(pk=pk, tenant=actor.tenant)


def require_possible(membership: Membership) -> None:
    managers = managers_of(membership.tenant).count()
    if reason := why_kept(membership, managers=managers):
        raise NotPossible(reason)


@transaction.atomic
def change_role(actor: Actor, pk: int, *, role: Role) -> Membership:
    """Raises NotPossible for the last manager and for a role from elsewhere; Membership.DoesNotExist."""
    actor.require(Role.MANAGER)
    hold(actor, Role.MANAGER)
    membership = held_member(actor, pk)
    before = Role(membership.role)
    if role == before:
        return membership
    require_possible(membership)
    Membership.objects.filter(pk=pk).update(role=role)
    membership.role = role
    tell(membership)
    note(actor, "membership.change", membership, before={"role": before}, after={"role": role})
    return membership


@transaction.atomic
def remove(actor: Actor, pk: int) -> Membership:
    """Managers remove anybody, everybody removes themselves. Their streams and consoles end within five seconds:
    live/guard.py asks for the rows that are gone then. Raises as `change_role`.
    """
    now = hold(actor, Role.READER)
    membership = held_member(actor, pk)
    is_own = membership.user_id == actor.user.pk
    if not is_own:
        actor.require(Role.MANAGER)
        now.require(Role.MANAGER)
    require_possible(membership)
    Membership.objects.filter(pk=pk).delete()
    tell(membership)
    note(actor, "membership.leave" if is_own else "membership.remove", membership, before={"role": membership.role})
    return membership


def tell(membership: Membership) -> None:
    """Open pages of the tenant look again."""
    publish(membership.tenant_id, TOPIC, object_id=membership.user_id)


def note(actor: Actor, verb: str, membership: Membership, **changed: Any) -> None:
    record(
        verb,
        actor=actor.name,
        via=actor.via,
        address=actor.address,
        tenant=str(membership.tenant_id),
        object_kind="user",
        object_id=membership.user_id,
        object_name=membership.user.username,
        outcome="done",
        **changed,
    )

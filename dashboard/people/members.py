"""Who is in a tenant, a page at a time; and why somebody's role there stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Membership, Role, Tenant

from .paging import Page, page_of


def members_of(tenant: Tenant, *, q: str = "") -> QuerySet[Membership]:
    """Those whose name or address has `q` in it."""
    found = Membership.objects.filter(tenant=tenant).select_related("user", "keystone_grant__account__cloud")
    if q:
        named = Q(user__username__icontains=q) | Q(user__email__icontains=q)
        found = found.filter(named | Q(user__first_name__icontains=q) | Q(user__last_name__icontains=q))
    return found


def managers_of(tenant: Tenant) -> QuerySet[Membership]:
    """Those who can act: whoever is disabled manages nothing."""
    return Membership.objects.filter(tenant=tenant, role=Role.MANAGER, user__is_active=True)


def given_by(membership: Membership) -> str:
    """The name of the OpenStack cloud that the role came from, as it still is; empty where it was given here."""
    grant = getattr(membership, "keystone_grant", None)
    return grant.account.cloud.name if grant is not None and grant.role == membership.role else ""


def why_kept(membership: Membership, *, managers: int) -> str:
    """Why the role can neither be changed nor taken away, whoever asks; empty when it can."""
    if cloud := given_by(membership):
        return _("This role comes from %(cloud)s, and is changed there.") % {"cloud": cloud}
    if membership.role == Role.MANAGER and membership.user.is_active and managers < 2:
        return _("A tenant needs somebody who manages it, and nobody else does. Make another member manager first.")
    return ""


@dataclass(frozen=True)
class Row:
    """One member, as this person may see and change them."""

    membership: Membership
    actor: Actor
    managers: int

    @property
    def user(self) -> Any:
        return self.membership.user

    @property
    def role(self) -> Role:
        return Role(self.membership.role)

    @property
    def is_own(self) -> bool:
        return self.membership.user_id == self.actor.user.pk

    @property
    def cloud(self) -> str:
        return given_by(self.membership)

    @property
    def is_only_manager(self) -> bool:
        return self.role == Role.MANAGER and self.user.is_active and self.managers < 2

    @cached_property
    def why_kept(self) -> str:
        return why_kept(self.membership, managers=self.managers)

    @property
    def may_change(self) -> bool:
        """Whether there is a button at all; what it may be gray for is `why_kept`."""
        return self.actor.may(Role.MANAGER)

    @property
    def may_leave(self) -> bool:
        return self.is_own or self.may_change


def rows_of(actor: Actor, *, q: str = "", after: str = "", before: str = "") -> tuple[list[Row], Page[Any]]:
    """Three queries."""
    found = members_of(actor.tenant, q=q).annotate(key=Lower("user__username"))
    shown = page_of(found, after=after, before=before)
    managers = managers_of(actor.tenant).count()
    return [Row(membership, actor, managers) for membership in shown.rows], shown

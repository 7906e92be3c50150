"""Who comes with a key, and what that allows now: the lesser of the key's role and the person's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from dashboard.accounts.models import User
from dashboard.tenancy.access import Actor, Administrator, find_actor, find_administrator
from dashboard.tenancy.models import Role
from dashboard.tenancy.second_factor import missing

from . import tokens
from .models import ApiKey

SEEN_EVERY = timedelta(minutes=1)


class BadKey(Exception):
    """The key opens nothing. Its text is for whoever sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A person, by one of their keys."""

    user: User
    key: ApiKey
    address: str | None

    def actor(self, slug: str) -> Actor | None:
        """In the key's own tenant; None in any other, exactly as for no such tenant."""
        if self.key.tenant is not None and self.key.tenant.slug != slug:
            return None
        now = find_actor(self.user, slug)
        if now is None:
            return None
        most = Role(self.key.role)
        role = now.role if most.includes(now.role) else most
        return Actor(user=self.user, tenant=now.tenant, role=role, address=self.address, via=self.key.name)

    @property
    def administrator(self) -> Administrator | None:
        if self.key.tenant is not None or find_administrator(self.user) is None:
            return None
        return Administrator(user=self.user, address=self.address, via=self.key.name)


def holder_of(token: str, *, address: str | None) -> Holder:
    """Raises BadKey. What is wrong with a key is told only to who has its secret."""
    parts = tokens.parse(token)
    key = ApiKey.objects.select_related("user", "tenant").filter(public_id=parts[0]).first() if parts else None
    if parts is None or key is None or not constant_time_compare(key.secret_hash, tokens.hashed(parts[1])):
        raise BadKey(_("This API key is not known here."))
    if why := why_bad(key):
        raise BadKey(why)
    note_use(key, address)
    return Holder(user=key.user, key=key, address=address)


def why_bad(key: ApiKey) -> str:
    """Empty for one that is good now."""
    if key.revoked_at:
        return _("This API key was revoked.")
    if key.is_expired:
        return _("This API key has expired.")
    if not key.user.is_active:
        return _("The account of this API key is disabled.")
    if missing([key.user]):
        return _("The account of this API key has to set up a second factor first.")
    if key.tenant is None and not key.user.is_admin:
        return _("The account of this API key is no administrator any more.")
    if key.tenant is not None and find_actor(key.user, key.tenant.slug) is None:
        return _("The account of this API key is not in its tenant any more.")
    return ""


def note_use(key: ApiKey, address: str | None) -> None:
    """At most once a minute: a program may come a hundred times a second."""
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - SEEN_EVERY)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now, last_used_from=address)

"""Coming in by an invitation: with an account that is there, or with one that is made in the same moment."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.accounts.models import User
from dashboard.accounts.notes import described
from dashboard.audit.models import Entry
from dashboard.audit.record import append, entry_of
from dashboard.live.publish import publish
from dashboard.tenancy.models import Membership

from .actions import TOPIC, NotPossible
from .invitations import hashed, is_users
from .models import Invitation


class Over(Exception):
    """It was used, taken back, or became too old in this moment."""


def find(token: str) -> Invitation | None:
    rows = Invitation.objects.select_related("tenant", "invited_by")
    return rows.filter(token_hash=hashed(token)).first()


def account_of(invitation: Invitation) -> User | None:
    """Whoever has the address that it was sent to."""
    return User.objects.filter(email__iexact=invitation.email).first()


@transaction.atomic
def accept(user: User, invitation: Invitation, *, address: str | None) -> bool:
    """False where they were in the tenant already. Raises Over; NotPossible where it is somebody else's."""
    if not is_users(user, invitation):
        raise NotPossible(_("This invitation is for somebody else."))
    is_new, entries = enter(user, invitation, address=address)
    note(entries)
    return is_new


@transaction.atomic
def begin(invitation: Invitation, *, username: str, full_name: str, password: str, address: str | None) -> User:
    """A new account, and in. Raises Over; NotPossible where the name or the address was taken in this moment."""
    user = User(username=username, email=invitation.email, first_name=full_name)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise NotPossible(_("Somebody took that name in this moment. Choose another one.")) from error
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    _is_new, entries = enter(user, invitation, address=address)
    note([*entries, entry(user, "user.create", tenant="", address=address, after=described(user))])
    return user


def enter(user: User, invitation: Invitation, *, address: str | None) -> tuple[bool, list[Entry]]:
    """Use it up: of two at once, one finds it. Whether there is a new membership, and what is to be said of it."""
    mine = Invitation.objects.pending().filter(pk=invitation.pk, expires_at__gt=timezone.now())
    if not mine.update(ending=Invitation.Ending.ACCEPTED, ended_at=timezone.now(), accepted_by=user):
        raise Over
    tenant = invitation.tenant
    if tenant is None:
        return True, [entry(user, "invitation.accept", tenant="", address=address)]
    _row, is_new = Membership.objects.get_or_create(user=user, tenant=tenant, defaults={"role": invitation.role})
    publish(tenant.pk, TOPIC, object_id=user.pk)
    after = {"role": invitation.role} if is_new else {}
    return is_new, [entry(user, "invitation.accept", tenant=str(tenant.pk), address=address, after=after)]


def entry(user: User, verb: str, *, tenant: str, address: str | None, **more: Any) -> Entry:
    return entry_of(
        verb,
        actor=user.username,
        address=address,
        tenant=tenant,
        object_kind="user",
        object_id=user.pk,
        object_name=user.username,
        outcome="done",
        **more,
    )


def note(entries: list[Entry]) -> None:
    """The chains in their order: the last locks that are taken."""
    for one in sorted(entries, key=lambda entry: entry.chain):
        append([one])

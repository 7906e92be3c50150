"""Inviting by mail, and taking it back. A mail leaves with the commit that makes its invitation."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.accounts.models import User
from dashboard.audit.record import record
from dashboard.live.publish import publish
from dashboard.mail.outbox import link, send
from dashboard.tenancy.access import Actor, Administrator
from dashboard.tenancy.models import Membership, Role, Tenant

from .actions import TOPIC, NotPossible, hold
from .models import Invitation
from .words import ALLOWS

TOKEN_BYTES = 32
PER_HOUR = 100
"""By one person, and into one tenant."""
TO_ONE_PER_DAY = 5
"""From one tenant, so that nobody's mailbox is filled by us."""
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
Inviter = Actor | Administrator


class TooMany(NotPossible):
    """Only the number is the reason."""


@dataclass(frozen=True, slots=True)
class Sent:
    invitation: Invitation
    is_again: bool
    """There was one already, whose link is no good any more."""


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(actor: Actor, addresses: Sequence[str], *, role: Role, message: str = "", full_name: str = "") -> list[Sent]:
    """All of them, or none. Raises NotPossible with a sentence for each that is a member already, or TooMany.

    Whether an address has an account somewhere else is nowhere to be seen.
    """
    actor.require(Role.MANAGER)
    hold(actor, Role.MANAGER)
    members = members_by_address(actor.tenant, addresses)
    if members:
        raise NotPossible(" ".join(member_already(row) for row in members))
    about = {"role": role.value, "message": message, "full_name": full_name}
    sent = [make(actor, address, tenant=actor.tenant, **about) for address in addresses]
    require_few(actor, actor.tenant)
    publish(actor.tenant.pk, TOPIC)
    for one in sent:
        note(actor, "invitation.resend" if one.is_again else "invitation.send", one.invitation)
    return sent


def members_by_address(tenant: Tenant, addresses: Iterable[str]) -> list[Membership]:
    wanted = {address.lower() for address in addresses}
    rows = Membership.objects.filter(tenant=tenant).exclude(user__email="").select_related("user")
    return [row for row in rows if row.user.email.lower() in wanted]


def member_already(row: Membership) -> str:
    said = {"address": row.user.email, "role": Role(row.role).label}
    return _("%(address)s is %(role)s here already. The role is changed in the list of people.") % said


def make(inviter: Inviter, address: str, *, tenant: Tenant | None, **about: str) -> Sent:
    """A new one in place of one that waits, and its mail."""
    waiting = Invitation.objects.pending().to(address).filter(tenant=tenant)
    is_again = bool(waiting.update(ending=Invitation.Ending.REPLACED, ended_at=timezone.now()))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = Invitation.objects.create(
        tenant=tenant,
        email=address,
        token_hash=hashed(token),
        invited_by=inviter.user,
        expires_at=timezone.now() + timedelta(days=settings.INVITATION_DAYS),
        **about,
    )
    mail(invitation, token)
    return Sent(invitation, is_again)


def require_few(inviter: Inviter, tenant: Tenant | None) -> None:
    """Those that this transaction made count, too: the tenant's lock lets nobody count beside it. Raises TooMany."""
    lately = Invitation.objects.filter(created_at__gt=timezone.now() - AN_HOUR)
    number = max(lately.filter(invited_by=inviter.user).count(), lately.filter(tenant=tenant).count())
    if number > PER_HOUR:
        raise TooMany(
            _("More than %(number)d invitations an hour are not possible. Try again later.") % {"number": PER_HOUR}
        )
    today = Invitation.objects.filter(created_at__gt=timezone.now() - A_DAY, tenant=tenant)
    each = today.values(address=Lower("email")).annotate(number=Count("pk")).order_by("address")
    often = each.filter(number__gt=TO_ONE_PER_DAY).first()
    if often:
        told = _("%(address)s got %(number)d mails within a day. Wait for the answer.")
        raise TooMany(told % {"address": often["address"], "number": TO_ONE_PER_DAY})


def mail(invitation: Invitation, token: str) -> None:
    context = {
        "invitation": invitation,
        "allows": ALLOWS[Role(invitation.role)] if invitation.role else "",
        "link": link(reverse("people:invitation", args=[token])),
        "by": invitation.invited_by.username if invitation.invited_by else "",
        "days": settings.INVITATION_DAYS,
    }
    send(to=invitation.email, template="people/mail/invitation.txt", context=context)


# --- those that wait ----------------------------------------------------------------


@transaction.atomic
def send_again(actor: Actor, pk: int) -> Invitation | None:
    """With a new link and a new end. None where it is used or taken back meanwhile. Raises TooMany."""
    actor.require(Role.MANAGER)
    hold(actor, Role.MANAGER)
    old = Invitation.objects.pending().filter(tenant=actor.tenant, pk=pk).first()
    if old is None:
        return None
    about = {"role": old.role, "message": old.message, "full_name": old.full_name}
    new = make(actor, old.email, tenant=actor.tenant, **about).invitation
    require_few(actor, actor.tenant)
    publish(actor.tenant.pk, TOPIC)
    note(actor, "invitation.resend", new)
    return new


@transaction.atomic
def withdraw(actor: Actor, pk: int) -> Invitation | None:
    """None where it is used or taken back meanwhile."""
    actor.require(Role.MANAGER)
    hold(actor, Role.MANAGER)
    mine = Invitation.objects.filter(tenant=actor.tenant, pk=pk)
    if not mine.pending().update(ending=Invitation.Ending.WITHDRAWN, ended_at=timezone.now()):
        return None
    invitation = mine.get()
    publish(actor.tenant.pk, TOPIC)
    note(actor, "invitation.withdraw", invitation)
    return invitation


def note(inviter: Inviter, verb: str, invitation: Invitation, **more: Any) -> None:
    record(
        verb,
        actor=inviter.user.username,
        address=inviter.address,
        tenant=str(invitation.tenant_id or ""),
        object_kind="invitation",
        object_id=invitation.pk,
        object_name=invitation.email,
        outcome="done",
        after={"role": invitation.role} if invitation.role else {},
        **more,
    )


def told(sent: Sequence[Sent]) -> str:
    """What came of inviting, in a sentence or two."""
    again = [one.invitation.email for one in sent if one.is_again]
    text = ngettext("%(number)d invitation is on its way.", "%(number)d invitations are on their way.", len(sent))
    text %= {"number": len(sent)}
    if again:
        names = ", ".join(again[:5])
        text += " " + _("Sent again, and the link before is no good any more: %(names)s.") % {"names": names}
    return text


def is_users(user: User, invitation: Invitation) -> bool:
    return bool(user.email) and user.email.lower() == invitation.email.lower()

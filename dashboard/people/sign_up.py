"""Asking for an account, proving the address, and deciding on it. Each verb is one transaction.

Nothing of what a stranger typed is in a mail before the address is proven, and none of it in a mail to that address:
it could be anybody's.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.accounts.models import User
from dashboard.accounts.notes import NOBODY
from dashboard.audit.record import record
from dashboard.mail.outbox import link, send
from dashboard.tenancy.access import Administrator
from dashboard.tenancy.models import Role, Tenant

from . import users
from .actions import NotPossible
from .invitations import TOKEN_BYTES, hashed
from .models import SignUp


def ask(*, address: str, full_name: str, wish: str, purpose: str) -> None:
    """A mail with a link, whoever has the address: what the page answers is always the same."""
    if User.objects.filter(email__iexact=address).exists():
        with transaction.atomic():
            send(to=address, template="people/mail/sign_up_known.txt", context={"link": link(reverse("account_login"))})
        return
    try:
        _ask(address=address, full_name=full_name, wish=wish, purpose=purpose)
    except IntegrityError:
        return  # twice in one moment: the other one's mail is on its way


@transaction.atomic
def _ask(*, address: str, **about: str) -> None:
    """A second time before the link is used: what was typed last counts. After that it waits for the decision."""
    if SignUp.objects.waiting().filter(address__iexact=address).exists():
        return
    SignUp.objects.filter(address__iexact=address, decision="", verified_at=None).delete()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    until = timezone.now() + timedelta(days=settings.INVITATION_DAYS)
    SignUp.objects.create(address=address, token_hash=hashed(token), expires_at=until, **about)
    context = {"link": link(reverse("people:prove", args=[token])), "days": settings.INVITATION_DAYS}
    send(to=address, template="people/mail/sign_up_prove.txt", context=context)


def find(token: str) -> SignUp | None:
    """None for a link that is none, or too old."""
    return SignUp.objects.filter(token_hash=hashed(token), expires_at__gt=timezone.now()).first()


@transaction.atomic
def prove(wanted: SignUp, *, address: str | None) -> None:
    """The address is theirs: now the administrators hear of it. A second time is nothing."""
    if not SignUp.objects.filter(pk=wanted.pk, verified_at=None, decision="").update(verified_at=timezone.now()):
        return
    context = {"wanted": wanted, "link": link(reverse("people:sign-up", args=[wanted.pk]))}
    for person in User.objects.filter(is_superuser=True, is_active=True).exclude(email=""):
        send(to=person.email, template="people/mail/sign_up_waiting.txt", context=context)
    after = {"wish": wanted.wish, "purpose": wanted.purpose}
    note("sign-up.ask", wanted, actor=NOBODY, address=address, after=after)


def decide(administrator: Administrator, pk: int, decision: SignUp.Decision, *, reason: str = "") -> SignUp:
    """Of two administrators at once, one does. Raises NotPossible; SignUp.DoesNotExist."""
    users.hold_all(administrator)
    mine = SignUp.objects.waiting().filter(pk=pk)
    now = {"decided_by": administrator.user, "decided_at": timezone.now(), "reason": reason}
    if not mine.update(decision=decision, **now):
        wanted = SignUp.objects.get(pk=pk)
        by = wanted.decided_by.username if wanted.decided_by else "–"
        raise NotPossible(_("%(name)s decided on this already.") % {"name": by})
    return SignUp.objects.get(pk=pk)


@transaction.atomic
def accept(administrator: Administrator, pk: int, *, tenant: Tenant | None, role: Role) -> SignUp:
    """They get an invitation: its link leads to where they choose a name and a password. Raises as `decide`."""
    wanted = decide(administrator, pk, SignUp.Decision.ACCEPTED)
    users.invite(administrator, wanted.address, tenant=tenant, role=role, full_name=wanted.full_name)
    after = {"tenant": tenant.slug if tenant else "", "role": role}
    note("sign-up.accept", wanted, actor=administrator.user.username, address=administrator.address, after=after)
    return wanted


@transaction.atomic
def reject(administrator: Administrator, pk: int, *, reason: str) -> SignUp:
    """They are told why. Raises as `decide`."""
    wanted = decide(administrator, pk, SignUp.Decision.REJECTED, reason=reason)
    send(to=wanted.address, template="people/mail/sign_up_rejected.txt", context={"reason": reason})
    by, address = administrator.user.username, administrator.address
    note("sign-up.reject", wanted, actor=by, address=address, after={"reason": reason})
    return wanted


def note(verb: str, wanted: SignUp, *, actor: str, address: str | None, after: dict[str, Any]) -> None:
    record(
        verb,
        actor=actor,
        address=address,
        tenant="",
        object_kind="sign-up",
        object_id=wanted.pk,
        object_name=wanted.address,
        outcome="done",
        after=after,
    )

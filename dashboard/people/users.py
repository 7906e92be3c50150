"""What administrators do with an account. Each verb is one transaction.

Whoever changes accounts locks those of all administrators first, in one order, and looks again whether they still are
one: of two administrators who take each other out at once, one stays.
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from dashboard.accounts import reset
from dashboard.accounts.models import User
from dashboard.audit.record import record
from dashboard.live.publish import publish_all
from dashboard.tenancy.access import Administrator
from dashboard.tenancy.models import Membership, Role, Tenant

from . import invitations
from .actions import TOPIC, NotPossible
from .invitations import Sent, require_few
from .models import Disabling
from .sessions import end_all


def hold_all(administrator: Administrator) -> None:
    """Until the commit. Raises PermissionDenied for an administrator no more."""
    there = User.objects.select_for_update(no_key=True).filter(is_superuser=True).order_by("pk")
    if not any(one.pk == administrator.user.pk and one.is_admin for one in there):
        raise PermissionDenied(_("This needs the role %(needed)s.") % {"needed": Role.ADMIN.label})


def held(administrator: Administrator, pk: int) -> User:
    """Raises User.DoesNotExist."""
    hold_all(administrator)
    return User.objects.select_for_update(no_key=True).get(pk=pk)


def given_admin_by(user: User) -> str:
    """The name of the OpenStack cloud that made this person administrator; empty where somebody here did."""
    account = getattr(user, "keystone_account", None)
    return account.cloud.name if account is not None and account.gave_admin else ""


def why_admin_stays(user: User) -> str:
    """Why the role of administrator cannot be taken away; empty when it can. One query."""
    if cloud := given_admin_by(user):
        return _("This role comes from %(cloud)s, and is changed there.") % {"cloud": cloud}
    if not User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk).exists():
        return _("Skydeck needs an administrator, and nobody else is one. Make somebody else administrator first.")
    return ""


def why_enabled(user: User, *, by: User) -> str:
    """Why the account cannot be disabled; empty when it can."""
    return _("This is you. Another administrator can disable your account.") if user.pk == by.pk else ""


def without_manager(user: User) -> list[Tenant]:
    """The tenants that nobody could manage while this account is disabled."""
    managed = Membership.objects.filter(user=user, role=Role.MANAGER).values("tenant")
    others = Membership.objects.filter(role=Role.MANAGER, user__is_active=True).exclude(user=user).values("tenant")
    return list(Tenant.objects.filter(pk__in=managed).exclude(pk__in=others))


@transaction.atomic
def disable(administrator: Administrator, pk: int, *, reason: str) -> User:
    """Their sessions end now, streams and consoles within five seconds. Raises NotPossible for oneself."""
    user = held(administrator, pk)
    if why := why_enabled(user, by=administrator.user):
        raise NotPossible(why)
    if not User.objects.filter(pk=pk, is_active=True).update(is_active=False):
        return user
    Disabling.objects.update_or_create(user=user, defaults={"reason": reason, "by": administrator.user})
    number = end_all(user)
    tell(user)
    note(administrator, "user.disable", user, after={"reason": reason, "sessions_ended": number})
    return user


@transaction.atomic
def enable(administrator: Administrator, pk: int) -> User:
    user = held(administrator, pk)
    if User.objects.filter(pk=pk, is_active=False).update(is_active=True):
        before = {"reason": row.reason} if (row := Disabling.objects.filter(user=user).first()) else {}
        Disabling.objects.filter(user=user).delete()
        tell(user)
        note(administrator, "user.enable", user, before=before)
    return user


@transaction.atomic
def make_administrator(administrator: Administrator, pk: int) -> User:
    """Raises NotPossible for a disabled account."""
    user = held(administrator, pk)
    if not user.is_active:
        raise NotPossible(_("The account is disabled. Enable it first."))
    if User.objects.filter(pk=pk, is_superuser=False).update(is_superuser=True):
        note(administrator, "administrator.given", user, before={"administrator": False}, after={"administrator": True})
    return user


@transaction.atomic
def unmake_administrator(administrator: Administrator, pk: int) -> User:
    """Raises NotPossible for the last one."""
    user = held(administrator, pk)
    if not user.is_superuser:
        return user
    if why := why_admin_stays(user):
        raise NotPossible(why)
    User.objects.filter(pk=pk).update(is_superuser=False)
    note(administrator, "administrator.taken", user, before={"administrator": True}, after={"administrator": False})
    return user


@transaction.atomic
def end_sessions(administrator: Administrator, pk: int) -> int:
    """How many there were."""
    user = held(administrator, pk)
    number = end_all(user)
    if number:
        note(administrator, "user.sessions-end", user, after={"number": number})
    return number


def why_factors_stay(user: User, *, by: User) -> str:
    """Why an administrator cannot take away all second factors of `user`; empty where they can."""
    if user.pk == by.pk:
        return _("Your own are on the page of your account.")
    return "" if Authenticator.objects.filter(user=user).exists() else _("There are none.")


@transaction.atomic
def reset_factors(administrator: Administrator, pk: int) -> User:
    """For somebody who lost their phone: app, passkeys and recovery codes go, and all sessions end. They are told."""
    user = held(administrator, pk)
    if reason := why_factors_stay(user, by=administrator.user):
        raise NotPossible(reason)
    before = {"app": 0, "passkeys": 0}
    for one in Authenticator.objects.filter(user=user):
        name = {Authenticator.Type.TOTP: "app", Authenticator.Type.WEBAUTHN: "passkeys"}.get(one.type)
        if name:
            before[name] += 1
    Authenticator.objects.filter(user=user).delete()
    end_all(user)
    note(administrator, "user.factors-reset", user, before=before)
    reset.tell(user, "account/mail/factor_changed.txt", what=_("An administrator removed your second factors."))
    return user


@transaction.atomic
def add_to_tenant(administrator: Administrator, pk: int, *, tenant: Tenant, role: Role) -> User:
    """Raises NotPossible where they are in it."""
    user = held(administrator, pk)
    row, is_new = Membership.objects.get_or_create(user=user, tenant=tenant, defaults={"role": role})
    if not is_new:
        said = {"name": user.username, "role": Role(row.role).label, "tenant": tenant.name}
        raise NotPossible(_("%(name)s is %(role)s of %(tenant)s already.") % said)
    tell(user)
    note(administrator, "membership.add", user, tenant=str(tenant.pk), after={"role": role})
    return user


@transaction.atomic
def invite(
    administrator: Administrator,
    address: str,
    *,
    tenant: Tenant | None,
    role: Role,
    message: str = "",
    full_name: str = "",
) -> Sent:
    """A new account: somebody gets the link to make it. Raises NotPossible where there is one with the address."""
    hold_all(administrator)
    if user := User.objects.filter(email__iexact=address).first():
        said = {"address": user.email, "name": user.username}
        raise NotPossible(_("%(address)s has an account already: %(name)s. Add it to a tenant there.") % said)
    if tenant is not None:
        actor = administrator.in_tenant(tenant)
        return invitations.invite(actor, [address], role=role, message=message, full_name=full_name)[0]
    sent = invitations.make(administrator, address, tenant=None, role="", message=message, full_name=full_name)
    require_few(administrator, None)
    invitations.note(administrator, "invitation.resend" if sent.is_again else "invitation.send", sent.invitation)
    return sent


def tell(user: User) -> None:
    """Open pages of all their tenants look again."""
    tenants = Membership.objects.filter(user=user).values_list("tenant", flat=True)
    publish_all(TOPIC, [(tenant, user.pk) for tenant in tenants])


def note(administrator: Administrator, verb: str, user: User, *, tenant: str = "", **changed: Any) -> None:
    record(
        verb,
        actor=administrator.user.username,
        address=administrator.address,
        tenant=tenant,
        object_kind="user",
        object_id=user.pk,
        object_name=user.username,
        outcome="done",
        **changed,
    )

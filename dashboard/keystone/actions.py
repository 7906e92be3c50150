"""Letting somebody in whom Keystone vouches for: their row, their tenants, their roles. One transaction each time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from dashboard.accounts.models import User
from dashboard.audit.record import record
from dashboard.clouds.interface import RemoteMembership, RemotePerson, RemotePlace
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.quotas import plans
from dashboard.tenancy.models import Membership, Role, Tenant

from .models import Account, Grant
from .roles import is_administrator, role_of

LONGEST_USERNAME = 150
LONGEST_SLUG = 64


@transaction.atomic
def admit(cloud: Cloud, person: RemotePerson, *, address: str | None = None) -> User | None:
    """Bring everything up to date with what Keystone said. None when nothing here is theirs to enter.

    Also then what they had from there is taken away, so that the refusal holds.
    """
    Cloud.objects.select_for_update().get(pk=cloud.pk)  # two sign-ins at once make each row once
    account = account_of(cloud, person)
    given = given_by(cloud, person)
    take_away(account, keep=given, address=address)
    for tenant, role in given.items():
        give(account, tenant=tenant, role=role, address=address)
    set_administrator(account, is_administrator(person), address=address)
    user = account.user
    return user if user.is_admin or not user.is_active or user.memberships.exists() else None


def account_of(cloud: Cloud, person: RemotePerson) -> Account:
    """Theirs by its id; a new one gets a new user, whatever local user has the same name."""
    account = Account.objects.select_related("user").filter(cloud=cloud, remote_id=person.id).first()
    if account is None:
        user = User(username=free_username(person))
        user.set_unusable_password()
        user.save()
        account = Account(user=user, cloud=cloud, remote_id=person.id)
    elif (account.name, account.domain) != (printable(person.name), printable(person.domain)):
        account.user.username = free_username(person)
        account.user.save(update_fields=["username"])
    account.name, account.domain = printable(person.name), printable(person.domain)
    account.seen_at = timezone.now()
    account.save()
    return account


def printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:255]


def free_username(person: RemotePerson) -> str:
    """`name@domain`; with a number where that is taken."""
    wanted = f"{printable(person.name)}@{printable(person.domain)}"[: LONGEST_USERNAME - 6]
    return free(wanted, taken=set(User.objects.filter(username__startswith=wanted).values_list("username", flat=True)))


def free(wanted: str, *, taken: set[str]) -> str:
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def given_by(cloud: Cloud, person: RemotePerson) -> dict[Tenant, Role]:
    """Which tenants they may enter and as what, by their roles in projects."""
    given = {}
    for membership in person.memberships:
        role = role_of(membership.roles)
        if role is not None:
            given[tenant_of(cloud, membership)] = role
    return given


def tenant_of(cloud: Cloud, membership: RemoteMembership) -> Tenant:
    """The tenant that is linked to the project; a new one where none is, with the usual limits.

    It has a place on the cloud then, and no credential to work there: linking it is for an administrator.
    """
    place = membership.place
    linked = CloudAccount.objects.select_related("tenant").filter(cloud=cloud, remote_id=place.id).first()
    return linked.tenant if linked else make_tenant(cloud, place)


def make_tenant(cloud: Cloud, place: RemotePlace) -> Tenant:
    name = printable(place.name)
    wanted = slugify(name)[: LONGEST_SLUG - 5] or "project"
    slug = free(wanted, taken=set(Tenant.objects.filter(slug__startswith=wanted).values_list("slug", flat=True)))
    tenant = Tenant.objects.create(slug=slug, name=name[:128] or slug)
    plans.begin(tenant)
    CloudAccount.objects.create(
        tenant=tenant, cloud=cloud, origin=CloudAccount.Origin.LINKED, remote_id=place.id, remote_name=name
    )
    note("tenant.made", actor=str(cloud), tenant=tenant, name=tenant.name, after={"project": place.id})
    return tenant


# --- memberships ------------------------------------------------------------------


def take_away(account: Account, *, keep: dict[Tenant, Role], address: str | None) -> None:
    """Roles that are gone there are gone here; what was changed by hand since is no longer theirs to take."""
    for grant in account.grants.select_related("membership__tenant"):
        if grant.membership.tenant in keep:
            continue
        if grant.is_untouched:
            note_role(account, grant.membership.tenant, before=grant.role, after="", address=address)
            grant.membership.delete()
        else:
            grant.delete()


def give(account: Account, *, tenant: Tenant, role: Role, address: str | None) -> None:
    membership = Membership.objects.filter(user=account.user, tenant=tenant).first()
    grant = Grant.objects.filter(membership=membership).first() if membership else None
    if membership is None:
        membership = Membership.objects.create(user=account.user, tenant=tenant, role=role)
        Grant.objects.create(membership=membership, account=account, role=role)
        note_role(account, tenant, before="", after=role, address=address)
    elif grant and not grant.is_untouched:
        grant.delete()  # by hand from now on
    elif grant and grant.role != role:
        note_role(account, tenant, before=grant.role, after=role, address=address)
        membership.role = grant.role = role
        membership.save(update_fields=["role"])
        grant.save(update_fields=["role"])


def set_administrator(account: Account, is_theirs: bool, *, address: str | None) -> None:
    """One who was made administrator by hand stays it."""
    user = account.user
    if is_theirs and not user.is_superuser:
        user.is_superuser = account.gave_admin = True
    elif account.gave_admin and not is_theirs:
        user.is_superuser = account.gave_admin = False
    else:
        return
    user.save(update_fields=["is_superuser"])
    account.save(update_fields=["gave_admin"])
    note(
        "administrator.given" if is_theirs else "administrator.taken",
        actor=str(account.cloud),
        name=user.username,
        object_kind="user",
        object_id=user.pk,
        before={"administrator": not is_theirs},
        after={"administrator": is_theirs},
        address=address,
    )


def note_role(account: Account, tenant: Tenant, *, before: str, after: str, address: str | None) -> None:
    note(
        "membership.from-openstack",
        actor=str(account.cloud),
        tenant=tenant,
        name=account.user.username,
        object_kind="user",
        object_id=account.user.pk,
        before={"role": before},
        after={"role": after},
        address=address,
    )


def note(
    verb: str,
    *,
    actor: str,
    name: str,
    tenant: Tenant | None = None,
    object_kind: str = "tenant",
    object_id: object = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    address: str | None = None,
) -> None:
    record(
        verb,
        actor=f"openstack:{actor}",
        tenant=str(tenant.pk) if tenant else "",
        object_kind=object_kind,
        object_id=object_id or (tenant.pk if tenant else ""),
        object_name=name,
        outcome="done",
        address=address,
        before=before,
        after=after,
    )

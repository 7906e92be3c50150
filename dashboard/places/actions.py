"""What is done with a tenant's place on a cloud. Each verb is one transaction: row, operation, audit, event."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from dashboard.audit.record import record
from dashboard.clouds import actions as connecting
from dashboard.clouds import secrets
from dashboard.clouds.interface import Feature
from dashboard.clouds.models import Cloud, CloudAccount, Fetched
from dashboard.instances.models import Instance
from dashboard.live.publish import publish
from dashboard.operations import flow
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota
from dashboard.tenancy.access import Actor, Administrator
from dashboard.tenancy.models import Role, Tenant

from .linking import holder


class NotPossible(Exception):
    """The verb is not allowed now; the message is a code of refusals.py."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def start(actor: Actor, account: CloudAccount, verb: str, *, arguments: Mapping[str, Any] | None = None) -> Operation:
    """One operation on a place. Raises NotPossible while another is open."""
    try:
        operation = flow.start(
            f"place.{verb}",
            actor=actor,
            cloud=account.cloud,
            target_id=account.pk,
            target_name=account.remote_name or actor.tenant.slug,
            key=uuid.uuid4().hex,
            arguments=arguments,
        )
    except flow.AlreadyUnderWay as error:
        raise NotPossible("under-way") from error
    publish(actor.tenant.pk, "places", object_id=account.pk)
    return operation


def begin(actor: Actor, cloud: Cloud, *, origin: str) -> CloudAccount:
    """The row of a place that is to be. Raises NotPossible where there is one that works, or may soon."""
    account, is_new = CloudAccount.objects.get_or_create(tenant=actor.tenant, cloud=cloud, defaults={"origin": origin})
    if not is_new and (account.sealed or not cloud.has_places):
        raise NotPossible("there-already")
    if account.origin != origin:
        CloudAccount.objects.filter(pk=account.pk).update(origin=origin)
    account.cloud = cloud
    return account


@transaction.atomic
def make(actor: Actor, cloud: Cloud, *, name: str, network: bool = False) -> Operation:
    """A new project for the tenant, with a credential and our limits, and with a network to begin with where wanted.

    Raises NotPossible also for a name that the cloud would not take, with one that it would.
    """
    actor.require(Role.ADMIN)
    needs_places(cloud)
    if (other := cloud.bounds.place_name(name)) != name:
        raise NotPossible("bad-name", name=name, other=other)
    account = begin(actor, cloud, origin=CloudAccount.Origin.MADE)
    return start(actor, account, "make", arguments={"name": name, "network": network})


@transaction.atomic
def link(actor: Actor, cloud: Cloud, *, place_id: str) -> Operation:
    """A project that exists becomes the tenant's. What is in it is adopted; its limits are only read."""
    actor.require(Role.ADMIN)
    can_link(actor.tenant, cloud, place_id)
    Fetched.objects.filter(cloud=cloud, what=Fetched.What.PLACE, about=place_id).delete()
    account = begin(actor, cloud, origin=CloudAccount.Origin.LINKED)
    return start(actor, account, "link", arguments={"place_id": place_id})


@transaction.atomic
def look_inside(actor: Actor, cloud: Cloud, *, place_id: str) -> None:
    """Have a worker read what is in a project that may become the tenant's. Changes nothing."""
    actor.require(Role.ADMIN)
    can_link(actor.tenant, cloud, place_id)
    connecting.fetch(cloud, Fetched.What.PLACE, about=place_id)


def can_link(tenant: Tenant, cloud: Cloud, place_id: str) -> None:
    """Raises NotPossible where it is another tenant's, or this tenant has one."""
    needs_places(cloud)
    if not place_id:
        raise NotPossible("no-project")
    if (taken := holder(cloud, place_id, but=tenant)) is not None:
        raise NotPossible("taken", tenant=taken.name)
    if cloud.accounts.filter(tenant=tenant).exclude(sealed="").exists():
        raise NotPossible("there-already")


def needs_places(cloud: Cloud) -> None:
    if not cloud.makes_places or cloud.is_draft:
        raise NotPossible("no-administrator")


@transaction.atomic
def bring(actor: Actor, cloud: Cloud, *, values: Mapping[str, str]) -> Operation:
    """The tenant's own credential. It counts once a worker has proved it; until then an earlier one stays."""
    actor.require(Role.MANAGER)
    if not cloud.tenants_bring or cloud.is_draft:
        raise NotPossible("not-brought")
    account, _new = CloudAccount.objects.get_or_create(
        tenant=actor.tenant, cloud=cloud, defaults={"origin": CloudAccount.Origin.BROUGHT}
    )
    operation = start(actor, account, "bring")
    CloudAccount.objects.filter(pk=account.pk).update(brought=secrets.seal(dict(values)))
    return operation


@transaction.atomic
def give(administrator: Administrator, cloud: Cloud, tenant: Tenant) -> Operation:
    """The one project's credential with which a draft was connected becomes a tenant's; the cloud keeps none."""
    credential = connecting.project_credential(cloud)
    if not cloud.is_draft or not credential:
        raise NotPossible("no-credential")
    hidden = {name: value for name, value in connecting.stored(cloud).items() if name not in credential}
    settings = {name: value for name, value in cloud.settings.items() if name not in credential}
    before = connecting.described(cloud)
    connecting.rewrite(cloud, name=cloud.name, settings=settings, hidden=hidden, tenants_bring=True)
    connecting.use(administrator, cloud, before=before)
    cloud.is_draft = False
    return bring(administrator.in_tenant(tenant), cloud, values=credential)


@transaction.atomic
def rotate(actor: Actor, account: CloudAccount) -> Operation:
    """A new credential, then the end of the old one."""
    actor.require(Role.ADMIN)
    needs_places(account.cloud)
    if not account.sealed:
        raise NotPossible("not-there")
    return start(actor, account, "rotate", arguments={"old": account.credential_id})


@transaction.atomic
def unlink(actor: Actor, account: CloudAccount, *, remove: bool = False) -> Operation | None:
    """End every credential of the tenant's there, and close its rows here. Nothing on the cloud is deleted.

    With `remove` the place itself is, once the tenant has nothing in it. A cloud without places has nothing to end:
    the tenant only loses its way in, once it has nothing there.
    """
    actor.require(Role.ADMIN)
    if account.cloud.has_places and not remove:
        return start(actor, account, "unlink")
    nothing_there(actor.tenant, account)
    if account.cloud.has_places:
        if not can_remove(account):
            raise NotPossible("not-removable")
        return start(actor, account, "unlink", arguments={"remove": True})
    publish(actor.tenant.pk, "places", object_id=account.cloud_id)
    note(actor, "place.unlink", account=account, before={"cloud": account.cloud.name, "origin": account.origin})
    account.delete()
    return None


def can_remove(account: CloudAccount) -> bool:
    """Whether the place is one that we made, on a cloud where such can be deleted."""
    return account.origin == CloudAccount.Origin.MADE and account.cloud.can(Feature.PLACE_REMOVE)


def nothing_there(tenant: Tenant, account: CloudAccount) -> None:
    """Raises NotPossible while the tenant has instances there, or something of its own is under way."""
    there = Instance.objects.for_tenant(tenant).filter(cloud=account.cloud)
    if listed := there.listed().count():
        raise NotPossible("instances", count=listed)
    if restorable := there.restorable().count():
        raise NotPossible("deleted-instances", count=restorable)
    if Operation.objects.open().filter(tenant=tenant, cloud=account.cloud).exists():
        raise NotPossible("under-way")


@transaction.atomic
def admit(actor: Actor, cloud: Cloud) -> None:
    """Let the tenant work on a cloud that has no places."""
    actor.require(Role.ADMIN)
    if cloud.has_places or cloud.is_draft:
        raise NotPossible("no-administrator")
    account = begin(actor, cloud, origin=CloudAccount.Origin.MADE)
    publish(actor.tenant.pk, "places", object_id=cloud.pk)
    note(actor, "place.admit", account=account, after={"cloud": cloud.name, "origin": account.origin})


# --- limits ------------------------------------------------------------------------


@transaction.atomic
def push_limits(actor: Actor, account: CloudAccount) -> Operation:
    """Set the cloud's own limits to ours."""
    actor.require(Role.ADMIN)
    needs_places(account.cloud)
    return start(actor, account, "push")


@transaction.atomic
def read_limits(actor: Actor, account: CloudAccount) -> Operation:
    actor.require(Role.ADMIN)
    return start(actor, account, "read")


@transaction.atomic
def adopt_limit(actor: Actor, account: CloudAccount, *, resource: str) -> None:
    """Our limit takes the cloud's number. Raises NotPossible where the cloud has told none."""
    actor.require(Role.ADMIN)
    theirs = account.limits.get(resource)
    quota = Quota.objects.filter(tenant=actor.tenant, resource=resource).first()
    if theirs is None or quota is None:
        raise NotPossible("no-limit")
    before = quota.limit
    Quota.objects.filter(pk=quota.pk).update(limit=theirs["limit"])
    publish(actor.tenant.pk, "places", object_id=account.pk)
    publish(actor.tenant.pk, "instances")
    note(actor, "quota.adopt", account=account, before={resource: before}, after={resource: theirs["limit"]})


# --- giving up -----------------------------------------------------------------------


@transaction.atomic
def stop(actor: Actor, account: CloudAccount) -> None:
    """Give up what is under way. A place that was never entered is forgotten; what was made on the cloud stays.

    One that was to be left keeps its row, without a credential: its instances are still shown, and unlinking
    it again goes on where it stopped.
    """
    actor.require(Role.ADMIN)
    operation = Operation.objects.open().filter(target_id=account.pk).first()
    if operation is None:
        raise NotPossible("nothing-open")
    flow.cancel(operation, by=actor)
    CloudAccount.objects.filter(pk=account.pk).update(brought="")
    if operation.verb != "unlink":
        CloudAccount.objects.filter(pk=account.pk, sealed="").delete()
    publish(actor.tenant.pk, "places", object_id=account.pk)


def note(
    actor: Actor,
    verb: str,
    *,
    account: CloudAccount,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    record(
        verb,
        actor=actor.name,
        via=actor.via,
        tenant=str(actor.tenant.pk),
        object_kind="place",
        object_id=account.pk,
        object_name=f"{actor.tenant.slug} on {account.cloud.name}",
        address=actor.address,
        outcome="done",
        before=before,
        after=after,
    )

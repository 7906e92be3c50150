"""What administrators do with the flavors of clouds that have none of their own. Each verb is one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, TypedDict
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from dashboard.audit.record import record
from dashboard.clouds.interface import Feature
from dashboard.clouds.models import Cloud
from dashboard.instances.models import Flavor, Instance
from dashboard.live.publish import publish
from dashboard.quotas.plans import key_of
from dashboard.tenancy.access import Administrator

FIELDS = ("name", "vcpus", "ram_mib", "disk_gib")


class Wanted(TypedDict):
    """What the form asks for."""

    name: str
    vcpus: int
    ram_mib: int
    disk_gib: int


class NotPossible(Exception):
    """The message is the sentence for the user. `field` is the one that it is about."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class Meanwhile(Exception):
    """Somebody else changed it since it was looked at. `now` is what it is."""

    def __init__(self, now: Flavor) -> None:
        super().__init__(str(now))
        self.now = now


def find(pk: UUID) -> Flavor:
    """One that is kept here. Raises Flavor.DoesNotExist, also for one that is its cloud's own, or was deleted."""
    flavor = Flavor.objects.select_related("cloud").get(pk=pk, tenant=None, is_gone=False)
    if not flavor.cloud.can(Feature.FLAVOR_EDIT):
        raise Flavor.DoesNotExist
    return flavor


@transaction.atomic
def create(administrator: Administrator, cloud_id: UUID, wanted: Wanted) -> Flavor:
    """Its id is what the cloud is told, so that a size that two flavors share leads back to the right one.

    Raises NotPossible where the cloud has one of that name, Cloud.DoesNotExist where its flavors are its own.
    """
    cloud = locked(cloud_id)
    if not cloud.can(Feature.FLAVOR_EDIT):
        raise Cloud.DoesNotExist
    refuse_taken(cloud, wanted["name"])
    pk = uuid.uuid4()
    flavor = Flavor.objects.create(pk=pk, remote_id=str(pk), cloud=cloud, **wanted)
    tell(administrator, "flavor.create", flavor, after=said_of(flavor))
    return flavor


@transaction.atomic
def change(administrator: Administrator, pk: UUID, wanted: Wanted, *, was: Mapping[str, Any]) -> bool:
    """What is launched from now on gets it; instances keep what they have. False where it is so already.

    `was` is what the page showed. Raises Meanwhile where somebody else changed it since, NotPossible where another
    has that name, Flavor.DoesNotExist.
    """
    cloud = locked(find(pk).cloud_id)
    before = find(pk)
    differing = [name for name, value in wanted.items() if getattr(before, name) != value]
    if any(getattr(before, name) != was[name] for name in differing):
        raise Meanwhile(before)
    if not differing:
        return False
    refuse_taken(cloud, wanted["name"], but=pk)
    Flavor.objects.filter(pk=pk).update(**wanted)
    after = find(pk)
    tell(administrator, "flavor.change", after, before=said_of(before), after=said_of(after))
    return True


@transaction.atomic
def set_retired(administrator: Administrator, pk: UUID, *, retired: bool) -> bool:
    """Take it from what is offered, or bring it back. False where it is so already. Raises Flavor.DoesNotExist."""
    flavor = find(pk)
    if not Flavor.objects.filter(pk=pk, is_gone=False, is_retired=not retired).update(is_retired=retired):
        return False
    tell(administrator, "flavor.retire" if retired else "flavor.restore", flavor)
    return True


@transaction.atomic
def delete(administrator: Administrator, pk: UUID) -> Flavor:
    """Its row stays, for what was launched from it; its name is free. Raises NotPossible, Flavor.DoesNotExist."""
    flavor = find(pk)
    users = Instance.objects.present().filter(flavor=OuterRef("pk"))
    if not Flavor.objects.filter(~Exists(users), pk=pk, is_gone=False).update(is_gone=True):
        raise NotPossible(_("There are instances that use it. Retire it instead: they keep it, nothing new gets it."))
    tell(administrator, "flavor.delete", flavor, before=said_of(flavor))
    return flavor


def locked(cloud_id: UUID) -> Cloud:
    """Names are compared under the lock of their cloud, so that of two alike exactly one comes to be."""
    return Cloud.objects.select_for_update(no_key=True).get(pk=cloud_id)


def refuse_taken(cloud: Cloud, name: str, *, but: UUID | None = None) -> None:
    for other in Flavor.objects.filter(cloud=cloud, tenant=None, is_gone=False):
        if other.pk != but and key_of(other.name) == key_of(name):
            told = _("%(cloud)s has a flavor “%(name)s” already. Choose another name.")
            raise NotPossible(told % {"cloud": cloud.name, "name": other.name}, field="name")


def said_of(flavor: Flavor) -> dict[str, Any]:
    return {"cloud": flavor.cloud.name, **{name: getattr(flavor, name) for name in FIELDS}}


def tell(administrator: Administrator, verb: str, flavor: Flavor, **change: Mapping[str, Any]) -> None:
    """The browsers, and the audit trail."""
    publish(None, "clouds", object_id=flavor.cloud_id)
    record(
        verb,
        actor=administrator.user.username,
        address=administrator.address,
        tenant="",
        object_kind="flavor",
        object_id=flavor.pk,
        object_name=flavor.name,
        outcome="done",
        before=change.get("before"),
        after=change.get("after"),
    )

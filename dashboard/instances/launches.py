"""What an action writes for one launch or for many: rows, quota, addresses, operations, all in its transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Required, TypedDict, Unpack
from uuid import UUID

from django.utils import timezone

from dashboard.audit.record import record
from dashboard.clouds.interface import Status
from dashboard.clouds.models import Cloud
from dashboard.clouds.secrets import seal_text
from dashboard.images.models import Image
from dashboard.keypairs.models import KeyPair
from dashboard.networks import floating
from dashboard.networks.models import FloatingIp, Network
from dashboard.operations.batches import taken_up
from dashboard.operations.models import Batch, Operation, State, Step
from dashboard.operations.together import Asked, start_all
from dashboard.quotas.models import Resource
from dashboard.quotas.reservations import held_by, release, reserve_all
from dashboard.tenancy.access import Actor

from .counting import count
from .models import Flavor, Instance, InstanceQuerySet
from .naming import Naming, names_for
from .prediction import Wanted

KIND = "instance.launch"


class LaunchSettings(TypedDict, total=False):
    """What is the same for all instances of one launch. For `asked` see options.py."""

    cloud: Required[Cloud]
    image: Required[Image]
    flavor: Required[Flavor]
    public_key: str
    key_pair: KeyPair | None
    """Its public key, in the place of `public_key`."""
    user_data: str
    """As it was typed; only its sealed form is kept."""
    asked: Mapping[str, Any]
    floating_network: Network | None
    """Each gets an address from there."""


def draft(actor: Actor, *, name: str, **settings: Unpack[LaunchSettings]) -> Instance:
    """One instance as it is asked for; not saved."""
    flavor, outside, key_pair = settings["flavor"], settings.get("floating_network"), settings.get("key_pair")
    return Instance(
        tenant=actor.tenant,
        cloud=settings["cloud"],
        name=name,
        image=settings["image"],
        flavor=flavor,
        vcpus=flavor.vcpus,
        ram_mib=flavor.ram_mib,
        disk_gib=replace(wanted_of(actor, count=1, **settings), boot_volume_gib=0).disk_gib,
        public_key=key_pair.public_key if key_pair else settings.get("public_key", ""),
        key_pair=key_pair,
        user_data=seal_text(settings.get("user_data", "")),
        asked={**settings.get("asked", {}), **({"floating_network": outside.remote_id} if outside else {})},
        created_by=actor.user,
    )


def wanted_of(actor: Actor, *, count: int, **settings: Unpack[LaunchSettings]) -> Wanted:
    asked = settings.get("asked", {})
    chosen = [network["id"] for network in asked.get("networks", ())]
    return Wanted(
        tenant=actor.tenant,
        cloud=settings["cloud"],
        count=count,
        image=settings["image"],
        flavor=settings["flavor"],
        boot_volume_gib=asked.get("boot_volume_gib", 0),
        root_disk_gib=asked.get("root_disk_gib", 0),
        zone=asked.get("zone", ""),
        networks=Network.objects.for_tenant(actor.tenant).filter(cloud=settings["cloud"], remote_id__in=chosen),
        has_floating_ip=settings.get("floating_network") is not None,
    )


def ask_for(
    actor: Actor, drafts: Sequence[Instance], *, key: str, batch: Batch | None = None, naming: Naming | None = None
) -> None:
    """Quota first, and for all of them or for none; then the rows, and one operation each. All are on one cloud.

    With `naming` they are named here, under the lock that the quota took, so that two launches at once never choose
    the same names. Raises QuotaExceeded, TooLong, AlreadyUnderWay.
    """
    addresses = {draft.pk: address for draft in drafts if (address := address_for(actor, draft))}
    held: dict[Any, Mapping[str, int]] = {draft.pk: draft.resources for draft in drafts}
    held |= {address.pk: {Resource.FLOATING_IPS: 1} for address in addresses.values()}
    reserve_all(actor.tenant, held, cloud_id=drafts[0].cloud_id)
    if naming:
        for draft, name in zip(drafts, names_for(actor.tenant, naming).names, strict=True):
            draft.name = name
    use_key_pair(drafts)
    FloatingIp.objects.bulk_create(addresses.values())
    Instance.objects.bulk_create(drafts)
    asked = [
        Asked(
            target_id=draft.pk,
            target_name=draft.name,
            key=f"{key}:{number}" if batch else key,
            arguments=draft.asked,
            after=in_words(draft),
        )
        for number, draft in enumerate(drafts)
    ]
    start_all(KIND, actor=actor, cloud=drafts[0].cloud, asked=asked, batch=batch)


def in_words(draft: Instance) -> dict[str, Any]:
    """What is asked for, for the audit trail; of user data only that there are some."""
    size = {name: getattr(draft, name) for name in ("vcpus", "ram_mib", "disk_gib")}
    return {
        "cloud": draft.cloud.name,
        "image": draft.image.name if draft.image else "",
        "flavor": draft.flavor.name if draft.flavor else "",
        "key_pair": draft.key_pair.name if draft.key_pair else "",
        "has_user_data": bool(draft.user_data),
        **size,
    }


def use_key_pair(drafts: Sequence[Instance]) -> None:
    """Note when it was used. One that was deleted a moment ago leaves its public key with the instances."""
    used = {draft.key_pair_id for draft in drafts if draft.key_pair_id}
    if used and not KeyPair.objects.filter(pk__in=used).update(last_used_at=timezone.now()):
        for draft in drafts:
            draft.key_pair = None


def address_for(actor: Actor, draft: Instance) -> FloatingIp | None:
    """A row for the floating IP that it is to get, noted in what it asks for."""
    network_id = draft.asked.get("floating_network")
    if not network_id:
        return None
    address = floating.row_for(actor, cloud=draft.cloud, network_id=network_id)
    draft.asked = {**draft.asked, "floating_ip": str(address.pk)}
    return address


def failed_of(batch: Batch) -> list[Instance]:
    """Those that were not built and still stand as failed, locked for this transaction.

    Not those that are deleted or being deleted, nor one that is built and lacks only its address, nor those that were
    launched again already.
    """
    there = not_built(batch).defer(None)  # with their user data
    locked = list(there.select_for_update(of=("self",)).select_related("cloud").order_by("created_at", "pk"))
    taken, at_work = taken_up(batch), busy(locked)
    return [instance for instance in locked if instance.pk not in at_work and str(instance.pk) not in taken]


def can_launch_again(batch: Batch) -> set[str]:
    """The ids of those of a batch that `failed_of` would find, whether or not they were launched again; for a page."""
    there = list(not_built(batch).only("pk"))
    at_work = busy(there)
    return {str(instance.pk) for instance in there if instance.pk not in at_work}


def not_built(batch: Batch) -> InstanceQuerySet:
    failed = batch.operations.filter(kind=KIND, state=State.FAILED).values("target_id")
    return Instance.objects.listed().filter(pk__in=failed, status__in=(Status.ERROR, Status.BUILD))


def busy(instances: Sequence[Instance]) -> set[UUID]:
    """Of these, the ids of those with which something is under way."""
    open_ones = Operation.objects.open().filter(target_id__in=[instance.pk for instance in instances])
    return set(open_ones.values_list("target_id", flat=True))


def draft_again(actor: Actor, failed: Instance) -> Instance:
    """The same once more: name, sizes and all that was asked for. A server group that was made is taken again."""
    same = ("tenant", "cloud", "name", "image", "flavor", "vcpus", "ram_mib", "disk_gib", "public_key", "key_pair")
    again = Instance(
        **{name: getattr(failed, name) for name in (*same, "user_data", "description")}, created_by=actor.user
    )
    again.asked = {name: value for name, value in failed.asked.items() if name != "floating_ip"}
    return again


def is_left(failed: Instance) -> bool:
    """Whether something of it may be on the cloud: then it holds its quota, and is deleted as any other."""
    asked = Step.objects.filter(operation__target_id=failed.pk, operation__kind=KIND, name="create")
    if not asked.exclude(state=Step.State.PENDING).exists():
        return False
    return bool(failed.remote_id or held_by(failed.tenant, holder=failed.pk))


def put_away(failed: Sequence[Instance]) -> None:
    """Close the rows of those of which nothing is left, in the caller's transaction."""
    for instance in failed:
        release(instance.tenant, holder=instance.pk)
    pks, now = [instance.pk for instance in failed], timezone.now()
    Instance.objects.filter(pk__in=pks).update(deleted_at=now, status=Status.DELETED)
    count(pks, at=now)


def note_put_away(actor: Actor, failed: Sequence[Instance]) -> None:
    """In the audit trail, beside the launches that take their place."""
    for instance in failed:
        record(
            "instance.put-away",
            actor=actor.name,
            via=actor.via,
            address=actor.address,
            tenant=str(actor.tenant.pk),
            object_kind="instance",
            object_id=instance.pk,
            object_name=instance.name,
            outcome="done",
            before={"status": instance.status},
            after={"status": Status.DELETED},
        )

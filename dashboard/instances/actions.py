"""What people do with instances. Each verb is one transaction: quota, row, operation, audit, event."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Unpack
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from dashboard.clouds.maintenance import why_closed_now
from dashboard.clouds.models import Cloud
from dashboard.operations import flow
from dashboard.operations.batches import open_batch
from dashboard.operations.models import Batch, Operation
from dashboard.quotas.reservations import grow
from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Role

from . import launches, sync, undoing
from .flavors import is_larger
from .launches import LaunchSettings
from .models import Flavor, Instance
from .naming import Naming, TooLong
from .pace import why_too_fast
from .prediction import problems
from .refusals import NotPossible, refusal, too_late

WORDS = ("name", "description", "tags", "metadata")
"""What an instance is told by, under the same names in a row and in the arguments of a verb."""


def open_operation(instance: Instance) -> Operation | None:
    return Operation.objects.open().filter(target_id=instance.pk).first()


def launch(actor: Actor, *, name: str, key: str, **settings: Unpack[LaunchSettings]) -> Instance:
    """Ask for one instance. The same `key` again returns the instance that it made.

    Raises QuotaExceeded when the tenant's limits do not allow it, and NotPossible; nothing is written then.
    """
    actor.require(Role.MEMBER)
    key = f"{actor.user.pk}:{key}"
    try:
        with transaction.atomic():
            if made := launched_with(actor, key):
                return made
            refuse_impossible(actor, count=1, **settings)
            instance = launches.draft(actor, name=name, **settings)
            launches.ask_for(actor, [instance], key=key)
    except flow.AlreadyUnderWay:  # the second of two clicks, whose first had not committed when we looked
        made = launched_with(actor, key)
        if made is None:
            raise
        return made
    return instance


def refuse_impossible(actor: Actor, *, count: int, **settings: Unpack[LaunchSettings]) -> None:
    """Raises NotPossible for what no cloud would do, whatever the quota says: see prediction/."""
    refuse_closed(settings["cloud"])
    refuse_haste(actor, count=count)
    if found := problems(launches.wanted_of(actor, count=count, **settings)):
        raise NotPossible(found[0].text)


def refuse_haste(actor: Actor, *, count: int) -> None:
    """Raises NotPossible for more launches a minute than one person may ask for."""
    if reason := why_too_fast(actor, count=count):
        raise NotPossible(reason)


def refuse_closed(cloud: Cloud) -> None:
    """Raises NotPossible, with an administrator's reason, while the cloud takes nothing new."""
    if reason := why_closed_now(cloud):
        raise NotPossible(reason)


def launch_many(actor: Actor, *, naming: Naming, key: str, **settings: Unpack[LaunchSettings]) -> Batch:
    """Ask for `naming.count` instances, all or none. The same `key` again returns the batch that it made.

    Raises QuotaExceeded and NotPossible; nothing is written then.
    """
    actor.require(Role.MEMBER)
    try:
        with transaction.atomic():
            batch, is_new = open_batch(actor, kind=launches.KIND, key=f"{actor.user.pk}:{key}")
            if not is_new:
                return batch
            refuse_impossible(actor, count=naming.count, **settings)
            drafts = [launches.draft(actor, name="", **settings) for _number in range(naming.count)]
            launches.ask_for(actor, drafts, key=str(batch.pk), batch=batch, naming=naming)
    except TooLong as error:
        raise NotPossible(str(error)) from error
    return batch


def retry_failed(actor: Actor, batch: Batch) -> Batch:
    """Launch again exactly those of a batch that failed: a new batch with the same names and settings.

    What failed is removed in the same transaction: the row at once where nothing is left on the cloud, else by a
    delete, until whose end it holds its quota. Pressed twice, the second finds nothing left to launch again.
    Raises NotPossible, QuotaExceeded; nothing is written then.
    """
    actor.require(Role.MEMBER)
    with transaction.atomic():
        failed = launches.failed_of(batch)
        if not failed:
            raise NotPossible(_("None of them is left to launch again."))
        refuse_closed(failed[0].cloud)
        refuse_haste(actor, count=len(failed))
        left = [instance for instance in failed if launches.is_left(instance)]
        nothing_left = [instance for instance in failed if instance not in left]
        launches.put_away(nothing_left)
        ids = [str(instance.pk) for instance in failed]
        key = str(uuid.uuid4())  # the locks make it one
        again, _is_new = open_batch(actor, kind=launches.KIND, key=key, again_of=batch, again_for=ids)
        drafts = [launches.draft_again(actor, instance) for instance in failed]
        launches.ask_for(actor, drafts, key=str(again.pk), batch=again)
        for instance in left:
            begin(actor, instance, "delete-now", key=str(uuid.uuid4()))
        launches.note_put_away(actor, nothing_left)
    return again


def launched_with(actor: Actor, key: str) -> Instance | None:
    operation = Operation.objects.for_tenant(actor.tenant).filter(key=key).first()
    return Instance.objects.for_tenant(actor.tenant).get(pk=operation.target_id) if operation else None


def change(
    actor: Actor,
    instance_id: UUID,
    verb: str,
    *,
    arguments: Mapping[str, Any] | None = None,
    size: Flavor | None = None,
    batch: Batch | None = None,
) -> Operation:
    """One verb of the table, with what it needs: see reshaping.py for the arguments; in a `batch`, where there is one.

    With `size` (the verb `resize`) the larger of both sizes is reserved; raises QuotaExceeded, and nothing is written.

    Raises NotPossible with the reason, Instance.DoesNotExist for an instance that is not this tenant's.
    Deleting gives up whatever else is under way; when the same person deletes twice it is one deletion.
    """
    actor.require(Role.MEMBER)
    try:
        with transaction.atomic():
            instance = Instance.objects.for_tenant(actor.tenant).select_related("cloud").get(pk=instance_id)
            under_way = Operation.objects.open().select_for_update().filter(target_id=instance_id).first()
            if under_way and is_same_wish(under_way, verb, actor):
                return under_way
            if reason := refusal(instance, verb, role=actor.role, operation=under_way):
                raise NotPossible(reason)
            arguments = {**(arguments or {}), **withdrawn(instance, verb, under_way, arguments or {})}
            if size is not None and is_larger(size, instance):
                refuse_closed(instance.cloud)
            if size is not None:
                arguments["size"] = size_of(size)
                make_room(instance, size)
            if under_way:
                flow.cancel(under_way)
                arguments |= left_over(under_way)
            return begin(actor, instance, verb, key=str(uuid.uuid4()), arguments=arguments, size=size, batch=batch)
    except flow.AlreadyUnderWay as error:
        raise NotPossible(too_late(instance_id, verb, role=actor.role)) from error


def is_same_wish(under_way: Operation, verb: str, actor: Actor) -> bool:
    """A delete that was sent twice. Somebody else who wants the same is told who was first."""
    return verb in {"delete", "delete-now"} and under_way.verb == verb and under_way.requested_by_id == actor.user.pk


def withdrawn(instance: Instance, verb: str, under_way: Operation | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """What deleting and restoring do to the row, and the arguments of their operations."""
    match verb:
        case "delete":
            return undoing.hide(instance, under_way)
        case "restore":
            return undoing.bring_back(instance)
        case "delete-now":
            return undoing.end(instance, only_hidden=bool(given.get("only_hidden")))
    return {}


def left_over(given_up: Operation) -> dict[str, Any]:
    """What a delete takes over from the launch that it gives up: the address that it may have got."""
    planned = given_up.arguments.get("floating_ip") if given_up.verb == "launch" else None
    return {"floating_ip": planned} if planned else {}


def make_room(instance: Instance, size: Flavor) -> None:
    """Hold the larger of both sizes until the resize is confirmed or reverted."""
    instance.held_size = {part: max(getattr(size, part), getattr(instance, part)) for part in sync.SIZES}
    instance.save(update_fields=["held_size"])
    grow(instance.tenant, instance.resources, holder=instance.pk, cloud_id=instance.cloud_id)


def begin(
    actor: Actor,
    instance: Instance,
    verb: str,
    *,
    key: str,
    arguments: Mapping[str, Any] | None = None,
    size: Flavor | None = None,
    batch: Batch | None = None,
) -> Operation:
    operation = flow.start(
        f"instance.{verb}",
        actor=actor,
        cloud=instance.cloud,
        target_id=instance.pk,
        target_name=instance.name,
        key=key,
        arguments=arguments,
        before=as_it_was(instance, arguments or {}, size=size),
        after={"size": size.name, **size_of(size)} if size else None,
        batch=batch,
    )
    flow.changed(operation)
    return operation


def as_it_was(instance: Instance, arguments: Mapping[str, Any], *, size: Flavor | None) -> dict[str, Any]:
    """For the audit trail: what the verb changes, as it stood when it was asked for."""
    words = {name: getattr(instance, name) for name in WORDS if name in arguments}
    return {"status": instance.status, **words, **(size_of(instance) if size else {})}


def size_of(thing: Instance | Flavor) -> dict[str, int]:
    return {name: getattr(thing, name) for name in sync.SIZES}

"""What people do with instances. Each verb is one transaction: quota, row, operation, audit, event."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.utils import timezone

from dashboard.clouds.models import Cloud
from dashboard.images.models import Image
from dashboard.networks import floating
from dashboard.networks.models import Network
from dashboard.operations import flow
from dashboard.operations.models import Operation
from dashboard.quotas.reservations import grow, reserve
from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Role

from .models import ConsoleLog, Flavor, Instance
from .verbs import why_not


class NotPossible(Exception):
    """The verb is not allowed (any more); the message is the sentence for the user."""


def open_operation(instance: Instance) -> Operation | None:
    return Operation.objects.open().filter(target_id=instance.pk).first()


def launch(
    actor: Actor,
    *,
    cloud: Cloud,
    image: Image,
    flavor: Flavor,
    name: str,
    public_key: str = "",
    asked: Mapping[str, Any] | None = None,
    floating_network: Network | None = None,
    key: str,
) -> Instance:
    """Ask for one instance. The same `key` again returns the instance that it made. For `asked` see options.py.

    With `floating_network` it gets an address from there.

    Raises QuotaExceeded when the tenant's limits do not allow it; nothing is written then.
    """
    actor.require(Role.MEMBER)
    key = f"{actor.user.pk}:{key}"
    try:
        with transaction.atomic():
            if made := launched_with(actor, key):
                return made
            instance = Instance(
                tenant=actor.tenant,
                cloud=cloud,
                name=name,
                image=image,
                flavor=flavor,
                vcpus=flavor.vcpus,
                ram_mib=flavor.ram_mib,
                disk_gib=flavor.disk_gib,
                public_key=public_key,
                asked=dict(asked or {}),
                created_by=actor.user,
            )
            reserve(actor.tenant, instance.resources, holder=instance.pk)
            if floating_network is not None:
                address = floating.plan(actor, cloud=cloud, network=floating_network)
                instance.asked |= {"floating_network": floating_network.remote_id, "floating_ip": str(address.pk)}
            instance.save(force_insert=True)
            begin(actor, instance, "launch", key=key, arguments=instance.asked)
    except flow.AlreadyUnderWay:  # the second of two clicks, whose first had not committed when we looked
        made = launched_with(actor, key)
        if made is None:
            raise
        return made
    return instance


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
) -> Operation:
    """One verb of the table, with what it needs: see reshaping.py for the arguments.

    With `size` (the verb `resize`) the larger of both sizes is reserved; raises QuotaExceeded, and nothing is written.

    Raises NotPossible with the reason, Instance.DoesNotExist for an instance that is not this tenant's.
    Deleting gives up whatever else is under way; deleting twice is one deletion.
    """
    actor.require(Role.MEMBER)
    try:
        with transaction.atomic():
            instance = Instance.objects.for_tenant(actor.tenant).select_related("cloud").get(pk=instance_id)
            under_way = open_operation(instance)
            if verb == "delete" and under_way and under_way.verb == "delete":
                return under_way
            if reason := why_not(instance, verb, role=actor.role, operation=under_way):
                raise NotPossible(reason)
            if under_way:
                flow.cancel(under_way)
                arguments = left_over(under_way)
            if size is not None:
                make_room(instance, size)
            return begin(actor, instance, verb, key=str(uuid.uuid4()), arguments=arguments)
    except flow.AlreadyUnderWay as error:
        raise NotPossible(_already(instance_id)) from error


def left_over(given_up: Operation) -> dict[str, Any]:
    """What a delete takes over from the launch that it gives up: the address that it may have got."""
    planned = given_up.arguments.get("floating_ip") if given_up.verb == "launch" else None
    return {"floating_ip": planned} if planned else {}


def make_room(instance: Instance, size: Flavor) -> None:
    """Note the old size and hold the larger of both until the resize is confirmed or reverted."""
    instance.old_size = {name: getattr(instance, name) for name in ("vcpus", "ram_mib", "disk_gib")}
    larger = {name: max(getattr(size, name), amount) for name, amount in instance.old_size.items()}
    if instance.asked.get("boot_volume_gib"):
        larger["disk_gib"] = 0
    grow(instance.tenant, larger, holder=instance.pk)
    instance.save(update_fields=["old_size"])


def _already(instance_id: UUID) -> str:
    instance = Instance.objects.select_related("cloud").get(pk=instance_id)
    return why_not(instance, "start", role=Role.ADMIN, operation=open_operation(instance))


def begin(
    actor: Actor, instance: Instance, verb: str, *, key: str, arguments: Mapping[str, Any] | None = None
) -> Operation:
    operation = flow.start(
        f"instance.{verb}",
        actor=actor,
        cloud=instance.cloud,
        target_id=instance.pk,
        target_name=instance.name,
        key=key,
        arguments=arguments,
    )
    flow.changed(operation)
    return operation


def ask_for_console_log(actor: Actor, instance: Instance) -> None:
    """Have a worker fetch the console log. Asking while one is being fetched changes nothing."""
    actor.require(Role.MEMBER)
    ConsoleLog.objects.update_or_create(instance=instance, defaults={"asked_at": timezone.now()})
    transaction.on_commit(lambda: ring_console_log(instance.pk), robust=True)


def ring_console_log(instance_id: UUID) -> None:
    current_app.send_task("instances.fetch_console_log", (str(instance_id),), retry=False)

"""The flows of an instance: each step asks the cloud or looks at it, shortly, and may be called again."""

from __future__ import annotations

import re
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from dashboard.clouds.interface import CloudError, LaunchSpec, NotFound, RemoteInstance, Status
from dashboard.clouds.models import Cloud
from dashboard.live.publish import publish
from dashboard.operations import flow
from dashboard.operations.failpoints import failpoint
from dashboard.operations.failures import code_of
from dashboard.operations.flow import Flow, StepDefinition, StepFailed, Wait
from dashboard.operations.models import Operation, State
from dashboard.operations.presence import is_dead
from dashboard.quotas.reservations import release

from . import inventory, sync
from .models import ConsoleLog, Instance


def target(operation: Operation) -> Instance:
    return Instance.objects.select_related("cloud", "tenant", "image", "flavor").get(pk=operation.target_id)


def look(operation: Operation) -> RemoteInstance:
    """The instance as the cloud has it now, written into its row. Raises NotFound."""
    instance, taken_at = target(operation), timezone.now()
    remote = operation.cloud.driver().compute.get(instance.remote_id)
    sync.record(operation.cloud, remote, taken_at=taken_at)
    return remote


# --- launch ---------------------------------------------------------------------


def create(operation: Operation) -> None:
    """Look for our mark first: an earlier worker may have died after the cloud had done it."""
    instance, compute = target(operation), operation.cloud.driver().compute
    taken_at = timezone.now()
    remote = compute.find(str(instance.pk))
    if remote is None:
        flow.write(operation)  # our lease, renewed, is longer than the one call that follows
        remote = compute.create(spec_of(instance, operation))
        failpoint("instance.launch.create.done")
    with transaction.atomic():
        flow.write(operation)
        sync.record(operation.cloud, remote, taken_at=taken_at)


def spec_of(instance: Instance, operation: Operation) -> LaunchSpec:
    if instance.image is None or instance.image.is_gone:
        raise StepFailed("refused-image-missing")
    return LaunchSpec(
        instance_id=str(instance.pk),
        tenant_id=str(instance.tenant_id),
        operation_id=str(operation.pk),
        name=instance.name,
        image_id=instance.image.remote_id,
        flavor_id=instance.flavor.remote_id if instance.flavor else "",
        vcpus=instance.vcpus,
        ram_mib=instance.ram_mib,
        disk_gib=instance.disk_gib,
        public_key=instance.public_key,
    )


def built(operation: Operation) -> Wait | None:
    """A worker that died between making the machine and starting it left it turned off: turn it on."""
    remote = look(operation)
    if remote.status is Status.ERROR:
        raise StepFailed("build-error", detail=remote.fault)
    if remote.status is Status.SHUTOFF:
        operation.cloud.driver().compute.start(remote.id)
        return Wait(1)
    return Wait(2) if remote.status is Status.BUILD else None


def clean_up(operation: Operation) -> Wait | None:
    """Nothing may be left of a launch that was refused: only then is its quota free again."""
    compute = operation.cloud.driver().compute
    remote = compute.find(str(operation.target_id))
    if remote is None:
        return None
    compute.delete(remote.id)
    return Wait(1)


def launch_failed(operation: Operation) -> None:
    """The row stays, in ERROR and with the reason. Its quota is given back when nothing is left on the cloud."""
    if operation.steps.filter(name="clean-up").exists():
        release(operation.tenant, holder=operation.target_id)
        Instance.objects.filter(pk=operation.target_id).update(
            remote_id="", status=Status.ERROR, failure=operation.error_code, fault=operation.error_detail
        )
    elif operation.error_code != "deadline":
        Instance.objects.filter(pk=operation.target_id).update(
            status=Status.ERROR, failure=operation.error_code, fault=operation.error_detail
        )


# --- start, stop, reboot ----------------------------------------------------------


def ask_start(operation: Operation) -> None:
    operation.cloud.driver().compute.start(target(operation).remote_id)


def ask_stop(operation: Operation) -> None:
    operation.cloud.driver().compute.stop(target(operation).remote_id)


def ask_reboot(operation: Operation) -> None:
    operation.cloud.driver().compute.reboot(target(operation).remote_id)


def ask_hard_reboot(operation: Operation) -> None:
    operation.cloud.driver().compute.reboot(target(operation).remote_id, hard=True)


def running(operation: Operation) -> Wait | None:
    remote = look(operation)
    if remote.status is Status.ERROR:
        raise StepFailed("crashed", detail=remote.fault)
    return None if remote.status is Status.ACTIVE else Wait(1)


def stopped(operation: Operation) -> Wait | None:
    """A guest that does not shut down by itself in time has its power cut, as Nova does it."""
    remote = look(operation)
    if remote.status is Status.SHUTOFF:
        return None
    asked_at = operation.steps.get(name="stopped").started_at
    if asked_at and timezone.now() - asked_at > timedelta(seconds=settings.STOP_GRACE_S):
        operation.cloud.driver().compute.stop(remote.id, force=True)
    return Wait(1)


# --- delete -------------------------------------------------------------------------


def let_go(operation: Operation) -> Wait | None:
    """A launch that was given up may still be inside its one call to the cloud: wait for it to come out."""
    given_up = Operation.objects.filter(
        target_id=operation.target_id, state=State.CANCELLED, lease_until__gt=Now()
    ).values_list("lease_owner", flat=True)
    return Wait(1) if any(not is_dead(owner) for owner in given_up) else None


def delete(operation: Operation) -> None:
    compute = operation.cloud.driver().compute
    if remote_id := find_remote_id(operation):
        compute.delete(remote_id)


def find_remote_id(operation: Operation) -> str:
    """By our mark; by the id that we noted where the thing carries no mark."""
    remote = operation.cloud.driver().compute.find(str(operation.target_id))
    return remote.id if remote else target(operation).remote_id


def gone(operation: Operation) -> Wait | None:
    compute = operation.cloud.driver().compute
    remote_id = find_remote_id(operation)
    try:
        if not remote_id or compute.get(remote_id).status is Status.DELETED:
            return None
    except NotFound:
        return None
    return Wait(1)


def deleted(operation: Operation) -> None:
    sync.record_gone(target(operation))


def nothing(operation: Operation) -> None:
    """A verb that failed leaves the instance as the cloud shows it."""


for flow_ in (
    Flow(
        kind="instance.launch",
        steps=(
            StepDefinition(name="create", run=create, undo=StepDefinition(name="clean-up", run=clean_up)),
            StepDefinition(name="built", run=built),
        ),
        on_done=nothing,
        on_failed=launch_failed,
    ),
    Flow(
        kind="instance.start",
        steps=(StepDefinition(name="ask", run=ask_start), StepDefinition(name="running", run=running)),
        on_done=nothing,
        on_failed=nothing,
    ),
    Flow(
        kind="instance.stop",
        steps=(StepDefinition(name="ask", run=ask_stop), StepDefinition(name="stopped", run=stopped)),
        on_done=nothing,
        on_failed=nothing,
    ),
    Flow(
        kind="instance.reboot",
        # the guest does it by itself, in its own time: no cloud can say when it has
        steps=(StepDefinition(name="ask", run=ask_reboot),),
        on_done=nothing,
        on_failed=nothing,
    ),
    Flow(
        kind="instance.hard-reboot",
        steps=(StepDefinition(name="ask", run=ask_hard_reboot), StepDefinition(name="running", run=running)),
        on_done=nothing,
        on_failed=nothing,
    ),
    Flow(
        kind="instance.delete",
        steps=(
            StepDefinition(name="let-go", run=let_go),
            StepDefinition(name="delete", run=delete),
            StepDefinition(name="gone", run=gone),
        ),
        on_done=deleted,
        on_failed=nothing,
    ),
):
    flow.register(flow_)


# --- bells ------------------------------------------------------------------------


@shared_task(name="instances.sync_clouds")
def sync_clouds() -> None:
    for pk in Cloud.objects.values_list("pk", flat=True):
        sync_cloud.apply_async((str(pk),), retry=False, expires=60)


@shared_task(name="instances.sync_cloud")
def sync_cloud(cloud_id: str) -> None:
    inventory.sync_cloud(cloud_id)


TERMINAL_CODES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b.|[\x00-\x08\x0b-\x1f\x7f]")


def plain(text: str) -> str:
    """Without what a terminal would obey: colours, cursor movements, titles, carriage returns."""
    return TERMINAL_CODES.sub("", text)


@shared_task(name="instances.fetch_console_log")
def fetch_console_log(instance_id: str) -> None:
    """Store the end of the console log, or why it could not be had."""
    instance = Instance.objects.present().select_related("cloud").get(pk=instance_id)
    log_row, _ = ConsoleLog.objects.get_or_create(instance=instance)
    try:
        log_row.text = plain(instance.cloud.driver().compute.console_log(instance.remote_id))
        log_row.taken_at, log_row.failure = timezone.now(), ""
    except CloudError as error:
        log_row.failure = code_of(error)
    log_row.save(update_fields=["text", "taken_at", "failure"])
    publish(instance.tenant_id, "console-log", object_id=instance.pk)

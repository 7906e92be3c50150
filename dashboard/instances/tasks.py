"""The flows of an instance: each step asks the cloud or looks at it, shortly, and may be called again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from dashboard.clouds.interface import LaunchSpec, Status
from dashboard.clouds.models import CloudAccount
from dashboard.clouds.secrets import Unreadable, unseal_text
from dashboard.operations import flow
from dashboard.operations.failpoints import failpoint
from dashboard.operations.flow import Flow, StepDefinition, StepFailed, Wait
from dashboard.operations.models import Operation, Step
from dashboard.quotas.reservations import release

from . import confirming, console_log, history, inventory, passwords, recovery, sync, undoing
from .counting import count
from .faults import came_into_error, told_of
from .launching import FLOATING_IP, SERVER_GROUP, forget_address, is_built
from .limit_again import ask_again, remove_refused
from .models import Instance
from .options import options_of
from .scope import scope_of

FRESH = timedelta(seconds=2)


def target(operation: Operation) -> Instance:
    return Instance.objects.select_related("cloud", "tenant", "image", "flavor").get(pk=operation.target_id)


def look(operation: Operation) -> Instance:
    """The instance as the cloud has it now: asked for, unless the place's changes were, just now. Raises NotFound."""
    instance = target(operation)
    if not is_fresh(operation, instance):
        inventory.refresh(instance)
        instance = target(operation)
    return instance


def is_fresh(operation: Operation, instance: Instance) -> bool:
    """Whether the row shows what held after our last call: its place was asked for changes since, and moments ago."""
    if not instance.cloud.has_places or instance.seen_at is None:
        return False
    account = CloudAccount.objects.filter(cloud=instance.cloud, tenant=instance.tenant).first()
    if account is None or account.seen_at is None or not account.cursor:
        return False
    asked_at = operation.steps.aggregate(last=Max("finished_at"))["last"]
    return account.seen_at > timezone.now() - FRESH and (asked_at is None or account.seen_at > asked_at)


def again(operation: Operation) -> Wait:
    """Look again soon; seldom where a change wakes us by itself."""
    return Wait(5 if is_fresh(operation, target(operation)) else 1)


# --- launch ---------------------------------------------------------------------


def create(operation: Operation) -> None:
    """Look for our mark first: an earlier worker may have died after the cloud had done it."""
    instance, compute = target(operation), operation.driver().compute
    taken_at = timezone.now()
    remote = compute.find(str(instance.pk))
    if remote is None or remote.is_unfinished:
        flow.write(operation)  # our lease, renewed, is longer than the one call that follows
        remote = compute.create(spec_of(instance, operation))
        failpoint("instance.launch.create.done")
    with transaction.atomic():
        flow.write(operation)
        sync.record(scope_of(instance), remote, taken_at=taken_at)


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
        description=instance.description,
        user_data=unsealed(instance.user_data),
        **options_of(instance),
    )


def unsealed(user_data: str) -> str:
    try:
        return unseal_text(user_data)
    except Unreadable as error:
        raise StepFailed("user-data-unreadable") from error


def built(operation: Operation) -> Wait | None:
    """A worker that died between making the machine and starting it left it turned off: turn it on."""
    if pause := ask_again(operation):
        return pause
    instance = look(operation)
    if instance.status == Status.ERROR:
        told = told_of(instance, instance.fault)
        if pause := remove_refused(operation, instance, told):
            return pause
        raise StepFailed(told.code, detail=instance.fault, values=told.values)
    if instance.status == Status.SHUTOFF and not instance.task:
        operation.driver().compute.start(instance.remote_id)
        return Wait(1)
    return None if instance.status == Status.ACTIVE and not instance.task else again(operation)


def clean_up(operation: Operation) -> Wait | None:
    """Nothing may be left of a launch that was refused: only then is its quota free again."""
    compute = operation.driver().compute
    remote = compute.find(str(operation.target_id))
    if remote is None:
        return None
    compute.delete(remote.id)
    return Wait(1)


def launch_failed(operation: Operation) -> None:
    """The row stays, in ERROR and with the reason. Its quota is given back when nothing is left on the cloud.

    One that is built and only lacks its address stays as it is.
    """
    forget_address(operation)
    if is_built(operation):
        return
    if operation.steps.filter(name="clean-up", state=Step.State.DONE).exists():
        release(operation.tenant, holder=operation.target_id)
        Instance.objects.filter(pk=operation.target_id).update(remote_id="", **failed_with(operation))
    elif operation.error_code != "deadline":
        Instance.objects.filter(pk=operation.target_id).update(**failed_with(operation))
    count([operation.target_id], at=timezone.now())


def failed_with(operation: Operation) -> dict[str, Any]:
    return {
        "status": Status.ERROR,
        "failure": operation.error_code,
        "failure_values": operation.error_values,
        "fault": operation.error_detail,
    }


# --- start, stop, reboot ----------------------------------------------------------


def ask_start(operation: Operation) -> None:
    operation.driver().compute.start(target(operation).remote_id)


def ask_stop(operation: Operation) -> None:
    operation.driver().compute.stop(target(operation).remote_id)


def ask_reboot(operation: Operation) -> None:
    operation.driver().compute.reboot(target(operation).remote_id)


def ask_hard_reboot(operation: Operation) -> None:
    operation.driver().compute.reboot(target(operation).remote_id, hard=True)


def running(operation: Operation) -> Wait | None:
    instance = look(operation)
    if instance.status == Status.ERROR and not instance.task:
        raise came_into_error(instance)
    return None if instance.status == Status.ACTIVE and not instance.task else again(operation)


def stopped(operation: Operation) -> Wait | None:
    """A guest that does not shut down by itself in time has its power cut, as Nova does it."""
    instance = look(operation)
    if instance.status == Status.SHUTOFF and not instance.task:
        return None
    asked_at = operation.steps.get(name="stopped").started_at
    if asked_at and not instance.task and timezone.now() - asked_at > timedelta(seconds=settings.STOP_GRACE_S):
        operation.driver().compute.stop(instance.remote_id, force=True)
    return again(operation)


def nothing(operation: Operation) -> None:
    """A verb that failed leaves the instance as the cloud shows it."""


for flow_ in (
    Flow(
        kind="instance.launch",
        steps=(
            SERVER_GROUP,
            StepDefinition(name="create", run=create, undo=StepDefinition(name="clean-up", run=clean_up)),
            StepDefinition(name="built", run=built),
            FLOATING_IP,
        ),
        on_done=nothing,
        on_failed=launch_failed,
        recovery=recovery.LAUNCH,
    ),
    Flow(
        kind="instance.start",
        steps=(StepDefinition(name="ask", run=ask_start), StepDefinition(name="running", run=running, again="ask")),
        on_done=nothing,
        on_failed=nothing,
        recovery=recovery.VERB,
    ),
    Flow(
        kind="instance.stop",
        steps=(StepDefinition(name="ask", run=ask_stop), StepDefinition(name="stopped", run=stopped, again="ask")),
        on_done=nothing,
        on_failed=nothing,
        recovery=recovery.VERB,
    ),
    Flow(
        kind="instance.reboot",
        # a cloud that says nothing of it shows a guest that runs: there it is done when it was asked for
        steps=(StepDefinition(name="ask", run=ask_reboot), StepDefinition(name="running", run=running, again="ask")),
        on_done=nothing,
        on_failed=nothing,
        recovery=recovery.VERB,
    ),
    Flow(
        kind="instance.hard-reboot",
        steps=(StepDefinition(name="ask", run=ask_hard_reboot), StepDefinition(name="running", run=running)),
        on_done=nothing,
        on_failed=nothing,
        recovery=recovery.VERB,
    ),
):
    flow.register(flow_)


# --- bells ------------------------------------------------------------------------


@shared_task(name="instances.sync_clouds")
def sync_clouds() -> None:
    for pk in inventory.due().values_list("pk", flat=True):
        sync_cloud.apply_async((str(pk),), retry=False, expires=60)


@shared_task(name="instances.sync_cloud")
def sync_cloud(cloud_id: str) -> None:
    inventory.sync_cloud(cloud_id)


@shared_task(name="instances.sync_account")
def sync_account(account_id: str) -> None:
    inventory.sync_account(account_id)


@shared_task(name="instances.keep_deadlines")
def keep_deadlines() -> None:
    """What somebody set a time for, and whose time has come."""
    undoing.remove_due()
    confirming.confirm_due()


@shared_task(name="instances.fetch_actions")
def fetch_actions(instance_id: str) -> None:
    history.fetch(instance_id)


@shared_task(name="instances.fetch_console_log")
def fetch_console_log(instance_id: str) -> None:
    console_log.fetch(instance_id)


@shared_task(name="instances.fetch_password")
def fetch_password(instance_id: str) -> None:
    passwords.fetch(instance_id)

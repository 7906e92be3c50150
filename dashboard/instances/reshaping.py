"""The flows of the verbs beyond turning on and off: ask the cloud, then look until it has come to rest as asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from dashboard.clouds.interface import Lifecycle, Status, Verb
from dashboard.images.sync import sync_images
from dashboard.operations import flow
from dashboard.operations.flow import Flow, StepDefinition, StepFailed, Wait
from dashboard.operations.models import Operation

from . import inventory, recovery, sync
from .confirming import not_confirmed
from .faults import came_into_error
from .models import Flavor, Instance
from .tasks import again, look, nothing, target

UP = frozenset({Status.ACTIVE})
AT_REST = frozenset({Status.ACTIVE, Status.SHUTOFF})
UNMOVED = timedelta(seconds=30)
"""At rest for so long, and not as asked: the cloud tried and went back, or never began."""

# verb -> (the driver's word, the statuses that it ends in)
PLAIN: dict[str, tuple[Verb, frozenset[Status]]] = {
    "pause": (Verb.PAUSE, frozenset({Status.PAUSED})),
    "unpause": (Verb.UNPAUSE, UP),
    "suspend": (Verb.SUSPEND, frozenset({Status.SUSPENDED})),
    "resume": (Verb.RESUME, UP),
    "shelve": (Verb.SHELVE, frozenset({Status.SHELVED})),
    "unshelve": (Verb.UNSHELVE, AT_REST),
    "unrescue": (Verb.UNRESCUE, AT_REST),
    "confirm-resize": (Verb.CONFIRM_RESIZE, AT_REST),
    "revert-resize": (Verb.REVERT_RESIZE, AT_REST),
}


def lifecycle(operation: Operation) -> Lifecycle:
    found = operation.driver().lifecycle
    if found is None:  # the table of verbs asks for the feature; a cloud may have lost it since
        raise StepFailed("refused-other")
    return found


def ask_plain(verb: Verb) -> Callable[[Operation], None]:
    def ask(operation: Operation) -> None:
        lifecycle(operation).do(target(operation).remote_id, verb)

    return ask


def settled(*statuses: Status) -> Callable[[Operation], Wait | None]:
    """A step that looks until the cloud is at rest in one of these."""

    def look_again(operation: Operation) -> Wait | None:
        instance = look(operation)
        if instance.status == Status.ERROR and not instance.task:
            raise came_into_error(instance)
        if instance.status in statuses and not instance.task:
            return None
        if not instance.task and is_unmoved(operation):
            raise StepFailed("went-back", detail=instance.fault)
        return again(operation)

    return look_again


def is_unmoved(operation: Operation, *, step: str = "settled") -> bool:
    began = operation.steps.get(name=step).started_at
    return began is not None and timezone.now() - began > UNMOVED


def ask_rescue(operation: Operation) -> None:
    lifecycle(operation).rescue(target(operation).remote_id, image_id=operation.arguments.get("image", ""))


def ask_resize(operation: Operation) -> None:
    """With the numbers too, for clouds without flavors: those that were reserved, whatever the flavor has now."""
    flavor = Flavor.objects.get(pk=operation.arguments["flavor_row"])
    now = {"vcpus": flavor.vcpus, "ram_mib": flavor.ram_mib, "disk_gib": flavor.disk_gib}
    size = operation.arguments.get("size", now)  # not noted: asked by an earlier version
    lifecycle(operation).resize(target(operation).remote_id, flavor_id=flavor.remote_id, **size)


def ask_rebuild(operation: Operation) -> None:
    lifecycle(operation).rebuild(target(operation).remote_id, image_id=operation.arguments["image"])


def ask_snapshot(operation: Operation) -> None:
    name, remote_id = operation.arguments["name"], target(operation).remote_id
    image_id = lifecycle(operation).snapshot(remote_id, name=name, key=str(operation.pk))
    flow.write(operation, arguments={**operation.arguments, "snapshot": image_id})


def listed(operation: Operation) -> Wait | None:
    """The image that a snapshot became is among those that can be launched."""
    instance = look(operation)
    if instance.task:
        lifecycle(operation).carry_on(instance.remote_id)
        return again(operation)
    images = [*operation.driver().images.list()]
    sync_images(operation.cloud, images, tenant=operation.tenant if operation.cloud.has_places else None)
    wanted = operation.arguments.get("snapshot")  # None: asked by an earlier version, which did not note it
    if wanted is None or wanted in {image.id for image in images}:
        return None
    if is_unmoved(operation, step="listed"):
        raise StepFailed("went-back", detail=instance.fault)
    return again(operation)


def change_words(operation: Operation) -> None:
    """Name, description, tags or metadata: done when it was asked for."""
    remote_id, arguments = target(operation).remote_id, operation.arguments
    if "name" in arguments:
        lifecycle(operation).rename(remote_id, name=arguments["name"])
    if "description" in arguments:
        lifecycle(operation).describe(remote_id, description=arguments["description"])
    if "tags" in arguments:
        lifecycle(operation).set_tags(remote_id, tags=arguments["tags"])
    if "metadata" in arguments:
        lifecycle(operation).set_metadata(remote_id, metadata=arguments["metadata"])
    inventory.refresh(target(operation))


def ask_lock(verb: Verb) -> Callable[[Operation], None]:
    def ask(operation: Operation) -> None:
        lifecycle(operation).do(target(operation).remote_id, verb)
        inventory.refresh(target(operation))

    return ask


@transaction.atomic
def size_settled(operation: Operation) -> None:
    """The resize is over, one way or the other: the ledger holds what the instance has now."""
    sync.settle_size(target(operation))


def rebuilt(operation: Operation) -> None:
    Instance.objects.filter(pk=operation.target_id).update(image=operation.arguments.get("image_row"))


def two_steps(ask: Callable[[Operation], None], statuses: frozenset[Status]) -> tuple[StepDefinition, ...]:
    return (
        StepDefinition(name="ask", run=ask),
        StepDefinition(name="settled", run=settled(*statuses), again="ask"),
    )


def register_all() -> None:
    for name, (verb, statuses) in PLAIN.items():
        over = size_settled if name in {"confirm-resize", "revert-resize"} else nothing
        failed = not_confirmed if name == "confirm-resize" else nothing
        steps = two_steps(ask_plain(verb), statuses)
        flow.register(
            Flow(
                kind=f"instance.{name}",
                steps=steps,
                on_done=over,
                on_failed=failed,
                recovery=replace(recovery.VERB, forget=failed),
            )
        )
    rescued, resized = frozenset({Status.RESCUE}), frozenset({Status.RESIZED})
    for name, ask, statuses, done, failed, mended in (
        ("rescue", ask_rescue, rescued, nothing, nothing, recovery.VERB),
        ("resize", ask_resize, resized, nothing, size_settled, recovery.RESIZE),
        ("rebuild", ask_rebuild, AT_REST, rebuilt, nothing, recovery.VERB),
    ):
        steps = two_steps(ask, statuses)
        flow.register(
            Flow(
                kind=f"instance.{name}",
                steps=steps,
                on_done=done,
                on_failed=failed,
                recovery=replace(mended, forget=failed),
            )
        )
    for name, run in (
        ("lock", ask_lock(Verb.LOCK)),
        ("unlock", ask_lock(Verb.UNLOCK)),
        ("rename", change_words),
        ("describe", change_words),
        ("tags", change_words),
        ("metadata", change_words),
    ):
        steps = (StepDefinition(name="ask", run=run),)
        flow.register(
            Flow(kind=f"instance.{name}", steps=steps, on_done=nothing, on_failed=nothing, recovery=recovery.VERB)
        )
    snapshot = (StepDefinition(name="ask", run=ask_snapshot), StepDefinition(name="listed", run=listed))
    flow.register(
        Flow(kind="instance.snapshot", steps=snapshot, on_done=nothing, on_failed=nothing, recovery=recovery.VERB)
    )


register_all()

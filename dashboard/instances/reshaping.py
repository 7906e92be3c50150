"""The flows of the verbs beyond turning on and off: ask the cloud, then look until it has come to rest as asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from dashboard.clouds.interface import Lifecycle, Status, Verb
from dashboard.images.sync import sync_images
from dashboard.operations import flow
from dashboard.operations.flow import Flow, StepDefinition, StepFailed, Wait
from dashboard.operations.models import Operation

from . import inventory, sync
from .models import Instance
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
            raise StepFailed("crashed", detail=instance.fault)
        if instance.status in statuses and not instance.task:
            return None
        if not instance.task and is_unmoved(operation):
            raise StepFailed("went-back", detail=instance.fault)
        return again(operation)

    return look_again


def is_unmoved(operation: Operation) -> bool:
    began = operation.steps.get(name="settled").started_at
    return began is not None and timezone.now() - began > UNMOVED


def ask_rescue(operation: Operation) -> None:
    lifecycle(operation).rescue(target(operation).remote_id, image_id=operation.arguments.get("image", ""))


def ask_resize(operation: Operation) -> None:
    lifecycle(operation).resize(target(operation).remote_id, flavor_id=operation.arguments["flavor"])


def ask_rebuild(operation: Operation) -> None:
    lifecycle(operation).rebuild(target(operation).remote_id, image_id=operation.arguments["image"])


def ask_snapshot(operation: Operation) -> None:
    lifecycle(operation).snapshot(target(operation).remote_id, name=operation.arguments["name"], key=str(operation.pk))


def listed(operation: Operation) -> Wait | None:
    """The image that a snapshot became is among those that can be launched."""
    driver, instance = operation.driver(), look(operation)
    if instance.task:
        return again(operation)
    sync_images(operation.cloud, driver.images.list(), tenant=operation.tenant if operation.cloud.has_places else None)
    return None


def change_words(operation: Operation) -> None:
    """Name, tags or metadata: done when it was asked for."""
    remote_id, arguments = target(operation).remote_id, operation.arguments
    if "name" in arguments:
        lifecycle(operation).rename(remote_id, name=arguments["name"])
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
        StepDefinition(name="settled", run=settled(*statuses)),
    )


def register_all() -> None:
    for name, (verb, statuses) in PLAIN.items():
        over = size_settled if name in {"confirm-resize", "revert-resize"} else nothing
        steps = two_steps(ask_plain(verb), statuses)
        flow.register(Flow(kind=f"instance.{name}", steps=steps, on_done=over, on_failed=nothing))
    rescued, resized = frozenset({Status.RESCUE}), frozenset({Status.RESIZED})
    for name, ask, statuses, done, failed in (
        ("rescue", ask_rescue, rescued, nothing, nothing),
        ("resize", ask_resize, resized, nothing, size_settled),
        ("rebuild", ask_rebuild, AT_REST, rebuilt, nothing),
    ):
        steps = two_steps(ask, statuses)
        flow.register(Flow(kind=f"instance.{name}", steps=steps, on_done=done, on_failed=failed))
    for name, run in (
        ("lock", ask_lock(Verb.LOCK)),
        ("unlock", ask_lock(Verb.UNLOCK)),
        ("rename", change_words),
        ("tags", change_words),
        ("metadata", change_words),
    ):
        steps = (StepDefinition(name="ask", run=run),)
        flow.register(Flow(kind=f"instance.{name}", steps=steps, on_done=nothing, on_failed=nothing))
    snapshot = (StepDefinition(name="ask", run=ask_snapshot), StepDefinition(name="listed", run=listed))
    flow.register(Flow(kind="instance.snapshot", steps=snapshot, on_done=nothing, on_failed=nothing))


register_all()

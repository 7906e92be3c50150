"""Asking a server for something that may hold already.

Nova answers 409, and sometimes 400, to what holds already ("Cannot 'pause' instance while it is in vm_state paused")
or is being done already ("... while it is in task_state powering-off"). Then one look tells whether that is all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...interface import Conflict, Reason, Refused, RemoteInstance, Status
from .servers import Servers

NOTHING_TO_CONFIRM = "has not been resized"
"""Said also while a confirmation or reversal is under way, with no task to show for it."""

RUNNING = frozenset({Status.ACTIVE})
AT_REST = frozenset({Status.ACTIVE, Status.SHUTOFF})


@dataclass(frozen=True, slots=True)
class Goal:
    """The states in which nothing is left to do, and Nova's words for being on the way there."""

    states: frozenset[Status]
    tasks: frozenset[str]


def goal(states: frozenset[Status], *tasks: str) -> Goal:
    return Goal(states, frozenset(tasks))


GOALS: dict[str, Goal] = {
    "os-start": goal(RUNNING, "powering-on"),
    "os-stop": goal(frozenset({Status.SHUTOFF}), "powering-off"),
    "reboot": goal(
        frozenset(),
        "rebooting",
        "reboot_pending",
        "reboot_started",
        "rebooting_hard",
        "reboot_pending_hard",
        "reboot_started_hard",
    ),
    "pause": goal(frozenset({Status.PAUSED}), "pausing"),
    "unpause": goal(RUNNING, "unpausing"),
    "suspend": goal(frozenset({Status.SUSPENDED}), "suspending"),
    "resume": goal(RUNNING, "resuming"),
    "shelve": goal(
        frozenset({Status.SHELVED}),
        "shelving",
        "shelving_image_pending_upload",
        "shelving_image_uploading",
        "shelving_offloading",
    ),
    "unshelve": goal(AT_REST, "unshelving", "spawning"),
    "rescue": goal(frozenset({Status.RESCUE}), "rescuing"),
    "unrescue": goal(RUNNING, "unrescuing"),
    "confirmResize": goal(AT_REST),
    "revertResize": goal(AT_REST, "resize_reverting"),
    "resize": goal(frozenset(), "resize_prep", "resize_migrating", "resize_migrated", "resize_finish"),
    "rebuild": goal(frozenset(), "rebuilding", "rebuild_block_device_mapping", "rebuild_spawning"),
    "lock": goal(frozenset()),
    "unlock": goal(frozenset()),
}
"""By Nova's name of the action (nova/compute/task_states.py)."""


def ask(
    servers: Servers,
    remote_id: str,
    verb: str,
    argument: Mapping[str, Any] | None = None,
    *,
    microversion: str = "2.1",
) -> None:
    """Raises Conflict where the server's state does not allow it, and NotFound."""
    try:
        servers.act(remote_id, verb, argument, microversion=microversion)
    except (Conflict, Refused) as error:
        if isinstance(error, Refused) and error.reason is not Reason.INVALID:
            raise
        if NOTHING_TO_CONFIRM not in error.detail and not is_reached(servers.get(remote_id), GOALS[verb]):
            raise


def is_reached(server: RemoteInstance, goal: Goal) -> bool:
    """A server that is at rest in the state, or is on its way to it."""
    if server.task:
        return server.task in goal.tasks
    return server.status in goal.states

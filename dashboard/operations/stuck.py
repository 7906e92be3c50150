"""When an operation waits longer than usual, and for what.

Either something that should come back is away (`waiting_for`, since `waiting_since`), or the step that is under way
takes longer than it lately took on this cloud (`slow_at`, which the worker writes when it begins the step).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from .failures import Failure, failure

if TYPE_CHECKING:
    from .models import Operation

PATIENCE = timedelta(seconds=30)
"""A cloud that is away for less is no news."""
UNTAKEN = timedelta(seconds=60)
"""A worker takes what was asked for within a second."""
UNKNOWN = timedelta(minutes=5)
"""A step without a history is slow after so long."""
TIMES_USUAL = 3
LEAST = timedelta(seconds=60)
"""Three times nothing is nothing."""


@dataclass(frozen=True, slots=True)
class Stuck:
    since: datetime
    what: Failure
    """What it waits for, and what that means."""


def stuck(operation: Operation) -> Stuck | None:
    now = timezone.now()
    if not operation.is_open:
        return None
    if operation.waiting_since and operation.waiting_for and operation.waiting_since < now - PATIENCE:
        return Stuck(operation.waiting_since, failure(operation.waiting_for))
    if operation.slow_at and operation.slow_at < now:
        code = "no-worker" if operation.state == "queued" else "slower-than-usual"
        return Stuck(operation.slow_at, failure(code))
    return None


def slow_after(usual_s: float | None) -> timedelta:
    """How long a step may take until it counts as slow."""
    return UNKNOWN if usual_s is None else max(LEAST, timedelta(seconds=TIMES_USUAL * usual_s))

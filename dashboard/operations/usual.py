"""How long steps take, from those that were done lately."""

from __future__ import annotations

from statistics import median

from .models import Operation, State, Step

LOOKED_AT = 20
FEWEST = 3
"""One or two are no habit."""


def usual_s(operation: Operation, step: str) -> float | None:
    """The median of its seconds in the last operations of this kind on this cloud; None where there are too few."""
    done = Operation.objects.filter(cloud_id=operation.cloud_id, kind=operation.kind, state=State.DONE)
    lately = list(done.order_by("-finished_at").values_list("pk", flat=True)[:LOOKED_AT])
    if len(lately) < FEWEST:
        return None
    steps = Step.objects.filter(operation__in=lately, name=step, state=Step.State.DONE)
    times = steps.values_list("started_at", "finished_at")
    spans = [(end - begin).total_seconds() for begin, end in times if begin and end]
    return median(spans) if len(spans) >= FEWEST else None

"""How long a launch takes, from those that were: the last fifty of this image on this cloud, else of the cloud."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import OuterRef, Subquery, UUIDField

from dashboard.clouds.models import Cloud
from dashboard.images.models import Image
from dashboard.operations.models import Operation, State

from ..models import Instance

LAST = 50
LOOKED_AT = 200
"""So many of the cloud's last launches are looked through for the image's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """From asking to having: half of `launches` took no longer than `median`, nine of ten no longer than `most`."""

    median: timedelta
    most: timedelta
    launches: int
    is_of_image: bool


def estimate(cloud: Cloud, image: Image | None) -> Estimate | None:
    """None where nothing was launched there yet. One query."""
    its_image = Instance.objects.filter(pk=OuterRef("target_id")).values("image")
    done = Operation.objects.filter(cloud=cloud, kind="instance.launch", state=State.DONE).order_by("-finished_at")
    rows = list(
        done.values_list("created_at", "finished_at", Subquery(its_image, output_field=UUIDField()))[:LOOKED_AT]
    )
    same = [row for row in rows if image and row[2] == image.pk]
    took = sorted(finished - created for created, finished, _image in (same or rows)[:LAST])
    if not took:
        return None
    return Estimate(
        median=took[nearest_rank(len(took), 0.5)],
        most=took[nearest_rank(len(took), 0.9)],
        launches=len(took),
        is_of_image=bool(same),
    )


def nearest_rank(count: int, share: float) -> int:
    """The index, in what is sorted, of the smallest below or at which lies that share."""
    return max(0, math.ceil(count * share) - 1)

"""The bells of the sampler, and forgetting what belongs to nothing."""

from __future__ import annotations

from celery import shared_task

from dashboard.clouds.interface import Feature
from dashboard.clouds.models import Cloud

from . import sampling
from .models import Meter, Piece


@shared_task(name="metrics.sample_clouds")
def sample_clouds() -> None:
    for cloud in Cloud.objects.filter(is_draft=False):
        if cloud.can(Feature.METRICS) and not cloud.is_away:
            sample_cloud.apply_async((str(cloud.pk),), retry=False, expires=50)


@shared_task(name="metrics.sample_cloud")
def sample_cloud(cloud_id: str) -> None:
    sampling.sample(cloud_id)


@shared_task(name="metrics.sweep")
def sweep() -> None:
    """An instance that is gone keeps its row, for the timeline; what it used goes with it."""
    for model in (Piece, Meter):
        model.objects.filter(instance__deleted_at__isnull=False).delete()

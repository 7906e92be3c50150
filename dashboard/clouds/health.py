"""Noting whether a cloud answers. Only those who talked to it call this."""

from __future__ import annotations

from dataclasses import asdict

import structlog
from django.utils import timezone

from dashboard.live.publish import publish

from .interface import CloudError, CloudFacts, Feature
from .models import Cloud

log = structlog.get_logger(__name__)


def note_up(cloud: Cloud, facts: CloudFacts, features: frozenset[Feature]) -> bool:
    """It answered. Returns whether it had been away."""
    came_back = cloud.health != Cloud.Health.UP
    cloud.health, cloud.health_detail = Cloud.Health.UP, ""
    cloud.checked_at = cloud.seen_at = timezone.now()
    cloud.facts = {**asdict(facts), "notes": dict(facts.notes)}
    cloud.features = sorted(feature.value for feature in features)
    cloud.save(update_fields=["health", "health_detail", "checked_at", "seen_at", "facts", "features"])
    if came_back:
        log.info("cloud answers", cloud=cloud.name)
        publish(None, "clouds", object_id=cloud.pk)
    return came_back


def note_away(cloud: Cloud, error: CloudError) -> None:
    """It did not answer, or did not let us in."""
    went_away = cloud.health != Cloud.Health.AWAY
    cloud.health, cloud.health_detail = Cloud.Health.AWAY, error.detail[:2000]
    cloud.checked_at = timezone.now()
    cloud.save(update_fields=["health", "health_detail", "checked_at"])
    if went_away:
        log.warning("cloud does not answer", cloud=cloud.name, error=error.detail)
        publish(None, "clouds", object_id=cloud.pk)

"""Noting whether a cloud answers. Only those who talked to it call this."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import structlog
from django.utils import timezone

from dashboard.live.publish import publish
from dashboard.ui import scrubbing

from .interface import AuthFailed, CloudError, CloudFacts, Feature
from .models import Cloud, CloudAccount, Health

log = structlog.get_logger(__name__)


def note_up(cloud: Cloud, facts: CloudFacts, features: frozenset[Feature]) -> bool:
    """It answered. Returns whether it had been away."""
    came_back = cloud.health != Health.UP
    cloud.health, cloud.health_detail = Health.UP, ""
    cloud.checked_at = cloud.seen_at = timezone.now()
    cloud.facts = {**asdict(facts), "notes": dict(facts.notes)}
    cloud.features = sorted(known(cloud) | features) if cloud.has_places else sorted(features)
    cloud.save(update_fields=["health", "health_detail", "checked_at", "seen_at", "facts", "features"])
    if came_back:
        log.info("cloud answers", cloud=cloud.name)
        publish(None, "clouds", object_id=cloud.pk)
    return came_back


def known(cloud: Cloud) -> frozenset[Feature]:
    """What a cloud with places was seen to offer: its own credential and the tenants' each see a part of it."""
    return frozenset(Feature(name) for name in cloud.features if name in set(Feature))


def note_account_up(
    account: CloudAccount,
    features: frozenset[Feature],
    *,
    seen_at: datetime,
    cursor: str,
    full_at: datetime | None = None,
) -> bool:
    """A tenant's place answered. Returns whether it had been away."""
    came_back = account.health != Health.UP
    account.health, account.health_detail = Health.UP, ""
    account.checked_at, account.seen_at, account.cursor = timezone.now(), seen_at, cursor
    account.full_at = full_at or account.full_at
    account.save(update_fields=["health", "health_detail", "checked_at", "seen_at", "cursor", "full_at"])
    if not features <= known(account.cloud):
        account.cloud.features = sorted(known(account.cloud) | features)
        account.cloud.save(update_fields=["features"])
        publish(None, "clouds", object_id=account.cloud_id)
    elif came_back:
        publish(account.tenant_id, "clouds", object_id=account.cloud_id)
    return came_back


def lost(error: CloudError) -> Health:
    """How it stands with what did not do what it was asked: it is silent, or it does not let us in."""
    return Health.REFUSED if isinstance(error, AuthFailed) else Health.AWAY


def note_account_away(account: CloudAccount, error: CloudError) -> None:
    """A tenant's place did not answer, or did not let us in. The next look is a complete one."""
    is_news = account.health != lost(error)
    account.health, account.health_detail = lost(error), scrubbing.text(error.detail)[:2000]
    account.checked_at, account.full_at = timezone.now(), None
    account.save(update_fields=["health", "health_detail", "checked_at", "full_at"])
    if is_news:
        log.warning(
            "place is lost",
            health=account.health,
            account=str(account.pk),
            cloud=account.cloud.name,
            error=error.detail,
        )
        publish(account.tenant_id, "clouds", object_id=account.cloud_id)


def note_away(cloud: Cloud, error: CloudError) -> None:
    """It did not answer, or did not let us in."""
    is_news = cloud.health != lost(error)
    cloud.health, cloud.health_detail = lost(error), scrubbing.text(error.detail)[:2000]
    cloud.checked_at = timezone.now()
    cloud.save(update_fields=["health", "health_detail", "checked_at"])
    if is_news:
        log.warning("cloud is lost", health=cloud.health, cloud=cloud.name, error=error.detail)
        publish(None, "clouds", object_id=cloud.pk)

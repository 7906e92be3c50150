"""What workers ask a cloud for administrators: whether it can be reached, what its hosts are, which places it has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from typing import Any

import structlog
from celery import shared_task
from django.utils import timezone

from dashboard.live.publish import publish
from dashboard.ui import scrubbing

from . import registry
from .contents import contents_of
from .interface import CloudError, Driver, Feature, Finding, FindingState
from .models import Cloud, Fetched
from .secrets import Unreadable

log = structlog.get_logger(__name__)


@shared_task(name="clouds.diagnose")
def diagnose(cloud_id: str) -> None:
    """Try the connection step by step; each finding is shown as soon as it is known."""
    cloud = Cloud.objects.filter(pk=cloud_id).first()
    if cloud is None:
        return
    found: list[dict[str, Any]] = []
    for finding in findings_of(cloud):
        found.append(as_row(finding))
        show(cloud, findings=found)
    keep_findings(cloud, found)


def keep_findings(cloud: Cloud, found: list[dict[str, Any]]) -> None:
    """The end of a test."""
    show(cloud, findings=found, tested_at=timezone.now())


def findings_of(cloud: Cloud) -> Iterator[Finding]:
    """With a driver of its own, so that no connection that is kept hides a mistake."""
    try:
        with closing(registry.connect(cloud.kind, cloud.connection())) as driver:
            yield from driver.diagnose()
    except Unreadable as error:
        yield Finding(step="secrets", state=FindingState.BAD, code="unreadable", detail=str(error))
    except Exception as error:  # the edge of the task: whoever waits for the result gets one
        log.exception("testing a connection failed in Skydeck itself", cloud=cloud.name)
        yield Finding(step="skydeck", state=FindingState.BAD, code="internal", detail=repr(error))


def as_row(finding: Finding) -> dict[str, Any]:
    return {**asdict(finding), "values": dict(finding.values), "detail": scrubbing.text(finding.detail)[:2000]}


def show(cloud: Cloud, **fields: Any) -> None:
    Cloud.objects.filter(pk=cloud.pk).update(**fields)
    publish(None, "clouds", object_id=cloud.pk)


@shared_task(name="clouds.fetch")
def fetch(cloud_id: str, what: str, about: str = "") -> None:
    """Hosts, places, or what is in one, into rows, or why it could not be had. What was read before stays."""
    cloud = Cloud.objects.filter(pk=cloud_id).first()
    if cloud is None:
        return
    result: dict[str, Any] = {"asked_at": None}
    try:
        items = [asdict(item) for item in asked(cloud.driver(), what, about=about)]
        result |= {"items": items, "read_at": timezone.now(), "failure": "", "failure_detail": ""}
    except CloudError as error:
        result |= {"failure": type(error).__name__, "failure_detail": scrubbing.text(error.detail)[:2000]}
    except Unreadable as error:
        result |= {"failure": "unreadable", "failure_detail": str(error)}
    Fetched.objects.update_or_create(cloud=cloud, what=what, about=about, defaults=result)
    publish(None, "clouds", object_id=cloud.pk)


def asked(driver: Driver, what: str, *, about: str) -> list[Any]:
    if what == Fetched.What.PLACE:
        return contents_of(driver, about)
    if what == Fetched.What.HOSTS:
        return sorted(driver.capacity.hosts(), key=lambda host: host.name) if driver.capacity else []
    return sorted(driver.places.list(), key=lambda place: place.name) if driver.places else []


@shared_task(name="clouds.fetch_hosts")
def fetch_hosts() -> None:
    """All clouds that tell of their hosts, regularly."""
    for cloud in Cloud.objects.filter(is_draft=False):
        if cloud.can(Feature.CAPACITY) and not cloud.is_away:
            fetch.apply_async((str(cloud.pk), Fetched.What.HOSTS.value), retry=False, expires=60)

"""What clouds say of the limits of places: read again and again, since somebody may change them there."""

from __future__ import annotations

from dataclasses import asdict

import structlog
from celery import shared_task
from django.utils import timezone

from dashboard.clouds.contents import with_use
from dashboard.clouds.interface import CloudError, Quotas
from dashboard.clouds.models import CloudAccount
from dashboard.clouds.secrets import Unreadable
from dashboard.live.publish import publish

log = structlog.get_logger(__name__)


@shared_task(name="places.read_limits")
def read_limits() -> None:
    """All places that can be entered, regularly."""
    accounts = CloudAccount.objects.filter(cloud__is_draft=False).exclude(sealed="").exclude(remote_id="")
    for pk in accounts.values_list("pk", flat=True):
        read_limits_of.apply_async((str(pk),), retry=False, expires=240)


@shared_task(name="places.read_limits_of")
def read_limits_of(account_id: str) -> None:
    account = CloudAccount.objects.select_related("cloud", "tenant").filter(pk=account_id).first()
    if account is None or account.is_away or not account.sealed:
        return
    try:
        read_into(account)
    except (CloudError, Unreadable) as error:
        log.warning("limits not read", account=account_id, cloud=account.cloud.name, error=str(error))


def read_into(account: CloudAccount) -> None:
    """Raises CloudError."""
    quotas = limits_from(account)
    if quotas is None:
        return
    told = quotas.get(account.remote_id)
    own = account.driver().quotas if account.sealed else None
    if own is not None:
        told = with_use(told, own.used)
    limits = {name: asdict(limit) for name, limit in told.items()}
    CloudAccount.objects.filter(pk=account.pk).update(limits=limits, limits_read_at=timezone.now())
    if limits != account.limits:
        publish(account.tenant_id, "places", object_id=account.pk)


def limits_from(account: CloudAccount) -> Quotas | None:
    """The administrator's credential sees all of them; a tenant's own only what its role may."""
    return (account.cloud if account.cloud.makes_places else account).driver().quotas

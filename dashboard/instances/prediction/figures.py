"""Fresh figures of hosts for who is about to launch. The page does not wait for them: it looks again when they come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from dashboard.clouds import actions as clouds
from dashboard.clouds.interface import Feature
from dashboard.clouds.models import Cloud, Fetched
from dashboard.clouds.standing import Standing

FRESH = timedelta(minutes=1)


def ask_for_figures(standings: Sequence[Standing]) -> None:
    """Ring for what is older than a minute: once a minute for each cloud, however many people look. One query else."""
    telling = [standing.cloud for standing in standings if tells(standing)]
    fresh = Fetched.objects.filter(cloud__in=telling, what=Fetched.What.HOSTS).filter(
        Q(read_at__gt=timezone.now() - FRESH) | Q(asked_at__gt=timezone.now() - FRESH)
    )
    known = set(fresh.values_list("cloud", flat=True)) if telling else set()
    for cloud in telling:
        if cloud.pk not in known:
            ring_once(cloud)


def tells(standing: Standing) -> bool:
    return standing.cloud.can(Feature.CAPACITY) and not standing.cloud.is_away


@transaction.atomic
def ring_once(cloud: Cloud) -> None:
    """Of several who look at the same moment one rings."""
    Fetched.objects.get_or_create(cloud=cloud, what=Fetched.What.HOSTS)
    old = Q(asked_at=None) | Q(asked_at__lt=timezone.now() - FRESH)
    mine = Fetched.objects.filter(old, cloud=cloud, what=Fetched.What.HOSTS).update(asked_at=timezone.now())
    if mine:
        transaction.on_commit(lambda: clouds.ring("clouds.fetch", str(cloud.pk), Fetched.What.HOSTS.value), robust=True)

"""What an administrator does with the connection of a cloud. Each verb is one transaction with its audit entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from celery import current_app
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from kombu.exceptions import OperationalError

from dashboard.audit.record import record
from dashboard.live.publish import publish
from dashboard.tenancy.access import Administrator

from . import registry, secrets
from .models import Cloud, Fetched

log = structlog.get_logger(__name__)
LONGEST_NAME = 64

ADDRESSES = ("auth_url", "uri", "endpoint")
"""Settings that say where a cloud is."""


def is_elsewhere(cloud: Cloud, values: Mapping[str, str]) -> bool:
    """Whether these settings lead to another machine than the cloud's: other scheme, host or port of its address."""
    name = next((name for name in ADDRESSES if name in cloud.settings), None)
    if name is None:
        return False
    there, here = urlsplit(values.get(name, "").strip()), urlsplit(cloud.settings[name])
    return (there.scheme, there.netloc) != (here.scheme, here.netloc)


def split(kind: str, values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The settings that are shown and those that are sealed; what is empty is left out."""
    hidden = {field.name for field in registry.connection_fields(kind) if field.secret}
    given = {name: value for name, value in values.items() if value}
    shown = {name: value for name, value in given.items() if name not in hidden}
    return shown, {name: value for name, value in given.items() if name in hidden}


def free_name(wanted: str) -> str:
    """A name for a cloud that no other has, made from what somebody called it."""
    name = slugify(wanted)[: LONGEST_NAME - 4] or "cloud"
    taken = set(Cloud.objects.filter(name__startswith=name).values_list("name", flat=True))
    numbered = (f"{name}-{number}" for number in range(2, 1000))
    return name if name not in taken else next(other for other in numbered if other not in taken)


@transaction.atomic
def connect(
    administrator: Administrator,
    *,
    name: str,
    kind: str,
    settings: Mapping[str, str],
    hidden: Mapping[str, str],
    tenants_bring: bool = False,
    findings: list[dict[str, Any]] | None = None,
) -> Cloud:
    """Write down how a cloud is reached. It stays a draft until somebody says `use`."""
    cloud = Cloud.objects.create(
        name=name,
        kind=kind,
        settings=dict(settings),
        sealed=secrets.seal(hidden),
        is_draft=True,
        tenants_bring=tenants_bring,
        findings=findings or [],
    )
    publish(None, "clouds", object_id=cloud.pk)
    note(administrator, "cloud.connect", cloud=cloud, after=described(cloud))
    return cloud


@transaction.atomic
def edit(
    administrator: Administrator,
    cloud: Cloud,
    *,
    name: str,
    settings: Mapping[str, str],
    hidden: Mapping[str, str],
    tenants_bring: bool,
) -> None:
    """`hidden` are all secrets, those that stay too. What was found with the old settings is forgotten."""
    before = described(cloud)
    rewrite(cloud, name=name, settings=settings, hidden=hidden, tenants_bring=tenants_bring)
    publish(None, "clouds", object_id=cloud.pk)
    note(administrator, "cloud.edit", cloud=cloud, before=before, after=described(cloud))


def rewrite(
    cloud: Cloud, *, name: str, settings: Mapping[str, str], hidden: Mapping[str, str], tenants_bring: bool
) -> None:
    """As `edit`, as a part of something else, which is what the audit trail keeps."""
    cloud.name, cloud.settings, cloud.tenants_bring = name, dict(settings), tenants_bring
    cloud.sealed = secrets.seal(hidden)
    cloud.findings, cloud.test_asked_at, cloud.tested_at = [], None, None
    cloud.save(update_fields=["name", "settings", "sealed", "tenants_bring", "findings", "test_asked_at", "tested_at"])


@transaction.atomic
def test(administrator: Administrator, cloud: Cloud) -> None:
    """Ask a worker to try the connection, step by step."""
    ask_for_test(cloud)
    note(administrator, "cloud.test", cloud=cloud, outcome="accepted")


@transaction.atomic
def ask_for_test(cloud: Cloud) -> None:
    """The same as a part of connecting or changing it, which is what the audit trail keeps."""
    cloud.test_asked_at, cloud.findings = timezone.now(), []
    cloud.save(update_fields=["test_asked_at", "findings"])
    publish(None, "clouds", object_id=cloud.pk)
    transaction.on_commit(lambda: ring("clouds.diagnose", str(cloud.pk)), robust=True)


@transaction.atomic
def use(administrator: Administrator, cloud: Cloud, *, before: Mapping[str, Any] | None = None) -> None:
    """From now on it is synced, and tenants can be given places on it. Twice is harmless.

    `before`: how it was described, where it was rewritten for this.
    """
    if not Cloud.objects.filter(pk=cloud.pk, is_draft=True).update(is_draft=False):
        return
    publish(None, "clouds", object_id=cloud.pk)
    transaction.on_commit(lambda: ring("instances.sync_cloud", str(cloud.pk)), robust=True)
    if not cloud.tenants_bring:
        for what in Fetched.LISTS:
            fetch(cloud, what)
    note(administrator, "cloud.use", cloud=cloud, before=before, after=described(cloud) if before else None)


def project_credential(cloud: Cloud) -> dict[str, str]:
    """What a tenant would type to bring it, where the cloud's own credential is such a one; else {}."""
    names = [field.name for field in registry.place_fields(cloud.kind)]
    known = {**cloud.settings, **stored(cloud)}
    return {name: known[name] for name in names} if names and all(known.get(name) for name in names) else {}


@transaction.atomic
def fetch(cloud: Cloud, what: str, *, about: str = "") -> None:
    """Ask a worker for its hosts, its places, or what is in the one `about`. Changes nothing, so nothing is audited."""
    Fetched.objects.update_or_create(cloud=cloud, what=what, about=about, defaults={"asked_at": timezone.now()})
    publish(None, "clouds", object_id=cloud.pk)
    transaction.on_commit(lambda: ring("clouds.fetch", str(cloud.pk), what, about), robust=True)


def ring(task: str, *arguments: str) -> None:
    """Tell a worker. A broker that is away loses the bell: the page then says that no worker came."""
    try:
        current_app.send_task(task, arguments, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("broker did not take a message", task=task, error=str(error))


def stored(cloud: Cloud) -> dict[str, str]:
    """Its secrets; none where they cannot be read any more, so that they can be typed again."""
    try:
        return secrets.unseal(cloud.sealed)
    except secrets.Unreadable:
        return {}


def described(cloud: Cloud) -> dict[str, Any]:
    """What the audit trail keeps: never a secret, only which there are."""
    return {
        "name": cloud.name,
        "kind": cloud.kind,
        "settings": dict(cloud.settings),
        "secrets": sorted(stored(cloud)),
        "tenants_bring": cloud.tenants_bring,
    }


def note(
    administrator: Administrator,
    verb: str,
    *,
    cloud: Cloud,
    outcome: str = "done",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    record(
        verb,
        actor=administrator.user.username,
        tenant="",
        object_kind="cloud",
        object_id=cloud.pk,
        object_name=cloud.name,
        address=administrator.address,
        outcome=outcome,
        before=before,
        after=after,
    )

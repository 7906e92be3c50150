"""Data set L, on fake clouds: what a large installation looks like after a year.

Everything is derived from its number, so that each run measures the same rows. One tenant, `lab`, has a tenth
of the instances; the others share the rest evenly. Each instance is also in its cloud's own file, so that syncs,
which go on while pages are measured, find what the rows say.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import models
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.audit.models import Chain, Entry
from dashboard.audit.record import digest
from dashboard.audit.register import begin
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.images.models import Image
from dashboard.instances import inventory
from dashboard.instances.models import Flavor, Instance
from dashboard.operations.models import Operation, State, Step
from dashboard.quotas.models import Quota, Reservation, Resource
from dashboard.tenancy.models import Membership, Role, Tenant

PASSWORD = "correct horse battery"
SPACE = uuid.UUID("9a0f6f0e-64ab-4bb3-9f0b-0e1f5a3f7b1d")
CLOUDS = ("alpha", "beta", "gamma")
ROLES = (Role.MANAGER, Role.MEMBER, Role.MEMBER, Role.MEMBER, Role.READER)
STATUSES = ("ACTIVE",) * 15 + ("SHUTOFF",) * 3 + ("ERROR", "PAUSED")
NAMES = ("web", "db", "cache", "queue", "build", "test", "proxy", "mail", "jump", "search")
TAGS = ("prod", "staging", "test", "backup", "team-red", "team-blue")
SIZES = (("small", 1, 512, 5), ("medium", 2, 1024, 10), ("large", 4, 4096, 20), ("huge", 8, 16384, 40))
ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many of each. The default is data set L."""

    instances: int = 20_000
    tenants: int = 1_000
    users: int = 5_000
    audit_entries: int = 200_000
    clouds: int = 3


def make(home: Path, size: Size) -> None:
    """Into an empty, migrated database. `bob` is a member of `lab`, `root` the administrator."""
    now = timezone.now()
    clouds = [_cloud(home, name) for name in CLOUDS[: size.clouds]]
    tenants = _tenants(size)
    _people(size, tenants)
    _places(tenants, clouds)
    instances = list(_instances(size, tenants, clouds, now=now))
    _insert(Instance, instances)
    for cloud in clouds:
        _onto_cloud(cloud, [instance for instance in instances if instance.cloud_id == cloud.pk])
    _ledger(instances, tenants)
    _operations(instances)
    _audit(size, tenants, instances, now=now)


def _insert(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    source = iter(rows)
    while some := list(islice(source, ROWS_AT_ONCE)):
        model._default_manager.bulk_create(some)


def _cloud(home: Path, name: str) -> Cloud:
    path = str(home / f"{name}.sqlite3")
    cloud = Cloud.objects.create(name=name, kind="fake", settings={"path": path, "delay_s": "0"})
    for flavor, vcpus, ram_mib, disk_gib in SIZES:
        Flavor.objects.create(cloud=cloud, name=flavor, vcpus=vcpus, ram_mib=ram_mib, disk_gib=disk_gib)
    assert inventory.sync_cloud(cloud.pk)
    cloud.refresh_from_db()
    return cloud


def _tenants(size: Size) -> list[Tenant]:
    names = ["lab", *(f"tenant-{number:04}" for number in range(1, size.tenants))]
    _insert(Tenant, (Tenant(slug=name, name=name.replace("-", " ").title()) for name in names))
    return list(Tenant.objects.order_by("slug"))


def _people(size: Size, tenants: list[Tenant]) -> None:
    password = make_password(PASSWORD)
    names = ["bob", *(f"user-{number:05}" for number in range(1, size.users))]
    users = [User(username=name, email=f"{name}@example.org", password=password) for name in names]
    _insert(User, users)
    User.objects.create_superuser("root", "root@example.org", PASSWORD)
    people = list(User.objects.exclude(username="root").order_by("username"))
    by_tenant = (
        Membership(user=user, tenant=tenants[number % len(tenants)], role=ROLES[number // len(tenants) % len(ROLES)])
        for number, user in enumerate(people)
    )
    _insert(Membership, by_tenant)
    Membership.objects.update_or_create(
        user=User.objects.get(username="bob"), tenant=tenants[0], defaults={"role": Role.MEMBER}
    )


def _places(tenants: list[Tenant], clouds: list[Cloud]) -> None:
    _insert(CloudAccount, (CloudAccount(tenant=tenant, cloud=cloud) for tenant in tenants for cloud in clouds))


def _instances(size: Size, tenants: list[Tenant], clouds: list[Cloud], *, now: datetime) -> Iterator[Instance]:
    images = {cloud.pk: list(Image.objects.filter(cloud=cloud).order_by("name")) for cloud in clouds}
    flavors = {cloud.pk: list(Flavor.objects.filter(cloud=cloud)) for cloud in clouds}
    people = dict(Membership.objects.filter(role=Role.MEMBER).values_list("tenant_id", "user_id"))
    for number in range(size.instances):
        tenant = tenants[0] if number % 10 == 0 else tenants[1 + number % (len(tenants) - 1)]
        turn = number + number // 10  # what repeats does so in every tenant alike, also in the one with each tenth
        cloud = clouds[turn % len(clouds)]
        flavor = flavors[cloud.pk][turn % len(SIZES)]
        pk = uuid.uuid5(SPACE, f"instance/{number}")
        status = STATUSES[turn % len(STATUSES)]
        yield Instance(
            id=pk,
            tenant=tenant,
            cloud=cloud,
            name=f"{NAMES[turn % len(NAMES)]}-{number:05}",
            image=images[cloud.pk][turn // 3 % len(images[cloud.pk])],
            flavor=flavor,
            vcpus=flavor.vcpus,
            ram_mib=flavor.ram_mib,
            disk_gib=flavor.disk_gib,
            created_by_id=people.get(tenant.pk),
            created_at=now - timedelta(minutes=17 * number),
            remote_id=str(pk),
            status=status,
            failure="crashed" if status == "ERROR" else "",
            tags=sorted({TAGS[turn % len(TAGS)], TAGS[turn // 7 % len(TAGS)]}),
            addresses=[f"10.{number // 65536}.{number // 256 % 256}.{number % 256}"],
            host=("fake-host", "fake-host-2")[turn % 2],
            zone=("one", "two")[turn % 2],
            seen_at=now,
        )


def _onto_cloud(cloud: Cloud, instances: list[Instance]) -> None:
    """The same instances in the fake cloud's own file, in one transaction."""
    columns = (
        *("id", "name", "status", "vcpus", "ram_mib", "disk_gib", "tenant_id", "instance_id", "address", "image_id"),
        *("created_at", "host", "tags"),
    )
    images = dict(Image.objects.filter(cloud=cloud).values_list("pk", "remote_id"))
    marks = ", ".join("?" * len(columns))
    with closing(sqlite3.connect(cloud.settings["path"])) as db, db:
        db.executemany(
            f"INSERT INTO instances ({', '.join(columns)}) VALUES ({marks})",
            (_on_cloud(instance, image_id=images[instance.image_id]) for instance in instances),
        )


def _on_cloud(instance: Instance, *, image_id: str) -> tuple[Any, ...]:
    pk = str(instance.pk)
    size = (instance.vcpus, instance.ram_mib, instance.disk_gib)
    whose = (str(instance.tenant_id), pk, instance.addresses[0], image_id)
    tags = "[" + ", ".join(f'"{tag}"' for tag in instance.tags) + "]"
    return (pk, instance.name, instance.status, *size, *whose, instance.created_at.timestamp(), instance.host, tags)


def _ledger(instances: list[Instance], tenants: list[Tenant]) -> None:
    used: dict[tuple[Any, str], int] = {}
    rows = []
    for instance in instances:
        for resource, amount in instance.resources.items():
            used[instance.tenant_id, resource] = used.get((instance.tenant_id, resource), 0) + amount
            where = {"tenant_id": instance.tenant_id, "cloud_id": instance.cloud_id}
            rows.append(Reservation(**where, resource=resource, amount=amount, holder=instance.pk))
    _insert(Reservation, rows)
    _insert(
        Quota,
        (
            Quota(tenant=tenant, resource=resource, limit=1_000_000, used=used.get((tenant.pk, resource), 0))
            for tenant in tenants
            for resource in Resource
        ),
    )


def _operations(instances: list[Instance]) -> None:
    """A launch for each, and something later for every second; each with two steps."""
    verbs = count()
    operations = [_operation(instance, "instance.launch", number=next(verbs)) for instance in instances]
    operations += [_operation(instance, "instance.stop", number=next(verbs)) for instance in instances[::2]]
    _insert(Operation, operations)
    Operation.objects.update(created_at=models.F("started_at"))  # the row's own default is now
    _insert(
        Step,
        (
            Step(
                operation_id=operation.pk,
                position=position,
                name=name,
                state=Step.State.DONE,
                started_at=operation.started_at,
                finished_at=operation.finished_at,
                attempts=1,
            )
            for operation in operations
            for position, name in enumerate(("create", "built") if operation.verb == "launch" else ("ask", "stopped"))
        ),
    )


def _operation(instance: Instance, kind: str, *, number: int) -> Operation:
    began = instance.created_at + timedelta(seconds=number % 7)
    return Operation(
        id=uuid.uuid5(SPACE, f"operation/{number}"),
        tenant_id=instance.tenant_id,
        cloud_id=instance.cloud_id,
        kind=kind,
        target_id=instance.pk,
        target_name=instance.name,
        key=f"bench-{number}",
        requested_by_id=instance.created_by_id,
        requested_by_name=f"user-{number % 5000:05}",
        state=State.FAILED if number % 50 == 49 else State.DONE,
        error_code="refused-capacity" if number % 50 == 49 else "",
        started_at=began,
        finished_at=began + timedelta(seconds=10 + number % 30),
        deadline_at=began + timedelta(hours=1),
    )


def _audit(size: Size, tenants: list[Tenant], instances: list[Instance], *, now: datetime) -> None:
    """A true chain for each tenant, as `manage.py` would prove it."""
    each = size.audit_entries // len(tenants)
    if not each:
        return
    of_tenant: dict[Any, list[Instance]] = {}
    for instance in instances:
        of_tenant.setdefault(instance.tenant_id, []).append(instance)
    for tenant in tenants:
        entries = list(_chain(tenant, of_tenant.get(tenant.pk, []), length=each, now=now))
        Entry.objects.bulk_create(entries)
        Chain.objects.create(name=str(tenant.pk), length=each, head=entries[-1].digest)
        begin(str(tenant.pk))


def _chain(tenant: Tenant, instances: list[Instance], *, length: int, now: datetime) -> Iterator[Entry]:
    previous = ""
    for number in range(1, length + 1):
        instance = instances[number % len(instances)] if instances else None
        entry = Entry(
            chain=str(tenant.pk),
            number=number,
            at=now - timedelta(minutes=length - number),
            actor=f"user-{number % 5000:05}",
            tenant=str(tenant.pk),
            verb="instance.start" if number % 2 else "instance.stop",
            object_kind="instance",
            object_id=str(instance.pk) if instance else "",
            object_name=instance.name if instance else "",
            outcome="done",
            previous=previous,
        )
        entry.digest = previous = digest(entry)
        yield entry

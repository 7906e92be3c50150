"""What was used, and who looks at it."""

import csv
import io
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.tenancy.access import Administrator
from dashboard.usage import rolling
from dashboard.usage.models import Counted, Span
from dashboard.usage.reading import midnight

TODAY = datetime.now(UTC).date()
MONDAY = TODAY - timedelta(days=20)
CLOUD = uuid.uuid4()
PRICES = {
    "instance_hour": Decimal("0"),
    "vcpu_hour": Decimal("0.01"),
    "ram_gib_hour": Decimal("0.004"),
    "disk_gib_hour": Decimal("0.0001"),
}


def span(tenant, *, day=MONDAY, begin=0, end=7200, name="web-1", **more):
    values = {"flavor": "small", "vcpus": 2, "ram_mib": 1536, "disk_gib": 10, "is_running": True} | more
    return Span.objects.create(
        tenant_id=tenant.pk,
        tenant_name=tenant.name,
        cloud_id=CLOUD,
        cloud_name="gone-cloud",
        instance_id=uuid.uuid4(),
        instance_name=name,
        began_s=midnight(day) + begin,
        ended_s=midnight(day) + end,
        **values,
    )


@pytest.fixture
def counted(db):
    Counted.objects.update_or_create(
        pk=1, defaults={"since_s": midnight(TODAY - timedelta(days=50)), "rolled_until": TODAY - timedelta(days=50)}
    )


@pytest.fixture
def used(counted, lab):
    span(lab)
    span(lab, begin=3600, end=9000, name="=cmd|' /C calc'!A0", flavor="+evil", is_running=False)
    rolling.roll_up()


@pytest.fixture
def reader(rita):
    client = Client()
    client.force_login(rita)
    return client


@pytest.fixture
def admin(root):
    client = Client()
    client.force_login(root)
    return client


@pytest.fixture
def as_root(root):
    return Administrator(user=root)


def of_lab(**query):
    return reverse("usage:index", args=["lab"], query={"range": "30-days"} | query)


def text(response) -> str:
    return " ".join(response.content.decode().split())


def cells(response) -> list[list[str]]:
    body = b"".join(response.streaming_content).decode()
    return list(csv.reader(io.StringIO(body.removeprefix("\ufeff"))))

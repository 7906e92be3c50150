"""What all clouds have and who uses it, from rows."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.clouds.models import Cloud, Fetched
from dashboard.quotas.models import Quota


def host(name, used, whole=10, **more):
    amounts = {"vcpus_used": used, "vcpus": whole, "ram_used_mib": 1024, "ram_mib": 8192, "disk_used_gib": 1}
    return {"name": name, "state": "up", "instances": 2, "disk_gib": 100, **amounts, **more}


@pytest.fixture
def admin(root):
    client = Client()
    client.force_login(root)
    return client


@pytest.fixture
def read(cloud):
    items = [host("idle", 2), host("full", 9), host("gone", 0, state="down")]
    Fetched.objects.create(cloud=cloud, what="hosts", items=items, read_at=timezone.now())
    cloud.features = [*cloud.features, "capacity"]
    cloud.save(update_fields=["features"])


def test_hosts_stand_by_how_full_they_are_and_the_sums_say_whose(admin, read, launch):
    launch()
    one = admin.get("/capacity/").context["capacities"][0]
    assert [each.name for each in one.hosts] == ["full", "idle", "gone"]
    vcpus = one.total.parts[0]
    assert (vcpus.used, vcpus.whole, vcpus.ours, vcpus.others) == (11, 30, 1, 10)
    assert (one.not_up, one.instances) == (1, 1)
    by_name = admin.get("/capacity/?sort=name").context["capacities"][0]
    assert [each.name for each in by_name.hosts] == ["full", "gone", "idle"]


def test_what_is_promised_is_told_against_what_is_there(admin, read):
    promise = admin.get("/capacity/").context["promises"][0]
    assert (promise.promised, promise.whole, promise.unlimited) == (40, 30, 0)
    Quota.objects.filter(resource="vcpus", tenant__slug="lab").update(limit=None)
    assert "Unlimited for one tenant; the others may use 20" in admin.get("/capacity/").content.decode()


def test_it_costs_the_same_with_many_clouds(admin, read):
    for number in range(5):
        Cloud.objects.create(name=f"c{number}", kind="fake")
    with CaptureQueriesContext(connection) as queries:
        page = admin.get("/capacity/").content.decode()
    assert len(queries) <= 8
    assert "does not tell of its hosts" in page


def test_without_a_cloud_it_says_what_to_do(admin, db):
    assert "No cloud is in use" in admin.get("/capacity/").content.decode()

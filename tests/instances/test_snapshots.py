"""Snapshots on a cloud whose one credential sees those of all tenants, and one that never became an image."""

import uuid

import pytest

from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.images.models import Image
from dashboard.instances import actions, inventory, reshaping
from dashboard.operations import run
from dashboard.operations.models import Operation


@pytest.fixture
def running(launch, work):
    instance = launch()
    work()
    instance.refresh_from_db()
    return instance


@pytest.fixture
def ask(running, as_bob):
    return lambda: actions.change(as_bob, running.pk, "snapshot", arguments={"name": "Evening"})


def names(tenant):
    return [image.name for image in Image.objects.for_tenant(tenant).usable().filter(is_snapshot=True)]


def test_a_snapshot_on_a_shared_cloud_is_its_own_tenants_alone(ask, work, cloud, lab, other):
    ask()
    work()
    inventory.sync_cloud(cloud.pk)
    assert (names(lab), names(other)) == (["Evening"], [])


def test_one_that_carries_the_mark_of_nobody_here_is_shown_to_nobody(ask, work, cloud, fake_path, running):
    ask()
    work()
    outside.change_image(str(fake_path), Image.objects.get(name="Evening").remote_id, tenant_id=str(uuid.uuid4()))
    assert inventory.sync_cloud(cloud.pk)
    assert not Image.objects.usable().filter(name="Evening").exists()


def test_one_that_never_became_an_image_says_so(ask, running, fake_path, monkeypatch):
    monkeypatch.setattr(reshaping, "UNMOVED", reshaping.UNMOVED * 0)
    Faults(str(fake_path)).never_finish(call="snapshot")
    operation = ask()
    run.advance(operation.pk)
    outside.remove_image(str(fake_path), Operation.objects.get(pk=operation.pk).arguments["snapshot"])
    outside.set_status(str(fake_path), running.remote_id, status="ACTIVE")
    Operation.objects.update(due_at=operation.created_at)
    run.advance(operation.pk)
    assert Operation.objects.get(pk=operation.pk).error_code == "went-back"

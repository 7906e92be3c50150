"""The verbs from the action to the row, with a real libvirtd below: what comes of the press of a button."""

from __future__ import annotations

import time

import pytest

from dashboard.clouds.drivers.libvirt import power
from dashboard.clouds.models import Cloud
from dashboard.flavors.actions import change as change_flavor
from dashboard.flavors.actions import create as create_flavor
from dashboard.flavors.actions import set_retired
from dashboard.images.models import Image
from dashboard.instances import actions, inventory
from dashboard.instances.models import Flavor, Instance
from dashboard.operations import run
from dashboard.operations.models import Operation, State, long_ago
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import drift
from dashboard.tenancy.access import Administrator

pytestmark = [pytest.mark.real, pytest.mark.django_db]

LONGEST_S = 120


@pytest.fixture
def host(lab, other, real_settings):
    cloud = Cloud.objects.create(name="host", kind="libvirt", settings=real_settings)
    for name, size in {"small": (1, 128, 1), "large": (2, 192, 2)}.items():
        sizes = dict(zip(("vcpus", "ram_mib", "disk_gib"), size, strict=True))
        Flavor.objects.create(cloud=cloud, name=name, **sizes)
    assert inventory.sync_cloud(cloud.pk)
    return cloud


@pytest.fixture
def instance(host, as_bob, done):
    image, flavor = Image.objects.get(remote_id="demo.qcow2"), Flavor.objects.get(name="small")
    made = actions.launch(as_bob, name="web-1", cloud=host, image=image, flavor=flavor, key="launch-1")
    done()
    yield Instance.objects.get(pk=made.pk)
    host.driver().compute.delete(str(made.pk))


@pytest.fixture
def done(db, monkeypatch):
    monkeypatch.setattr(power, "GRACE_S", 1)  # nobody waits for a boot, so nobody hears the button

    def until_done():
        end = time.monotonic() + LONGEST_S
        while Operation.objects.open().exists():
            assert time.monotonic() < end
            Operation.objects.open().update(due_at=long_ago())
            for pk in Operation.objects.open().values_list("pk", flat=True):
                run.advance(pk)
            time.sleep(0.2)

    return until_done


@pytest.fixture
def press(as_bob, instance, done):
    """Press a button and wait for the end; the row as it is then."""

    def button(verb, **how):
        operation = actions.change(as_bob, instance.pk, verb, **how)
        done()
        ended = Operation.objects.get(pk=operation.pk)
        assert (ended.state, ended.error_code) == (State.DONE, "")
        return Instance.objects.select_related("flavor", "image").get(pk=instance.pk)

    return button


def held(tenant):
    return Quota.objects.get(tenant=tenant, resource="ram_mib").used


def test_a_resize_and_the_way_back_move_flavor_and_ledger(press, lab):
    flavor = Flavor.objects.get(name="large")
    arguments = {"flavor": flavor.remote_id, "flavor_row": str(flavor.pk)}
    resized = press("resize", arguments=arguments, size=flavor)
    assert (resized.status, resized.flavor.name, held(lab)) == ("RESIZED", "large", 192)
    back = press("revert-resize")
    assert (back.status, back.flavor.name, held(lab), drift(lab)) == ("ACTIVE", "small", 128, {})


def test_a_launch_with_a_flavor_that_libvirt_never_heard_of(host, as_bob, root, done):
    """Kept by an administrator, who edits and retires it afterwards: the machine keeps what it was launched with."""
    by, image = Administrator(user=root), Image.objects.get(remote_id="demo.qcow2")
    wanted = {"name": "own", "vcpus": 2, "ram_mib": 144, "disk_gib": 1}
    flavor = create_flavor(by, host.pk, wanted)
    made = actions.launch(as_bob, name="web-own", cloud=host, image=image, flavor=flavor, key="launch-own")
    done()
    change_flavor(by, flavor.pk, wanted | {"vcpus": 1, "ram_mib": 256}, was=wanted)
    set_retired(by, flavor.pk, retired=True)
    assert inventory.sync_cloud(host.pk)
    row = Instance.objects.select_related("flavor").get(pk=made.pk)
    remote = next(one for one in host.driver().compute.list() if one.id == row.remote_id)
    host.driver().compute.delete(str(made.pk))
    assert (row.status, row.flavor.name, row.vcpus, row.ram_mib) == ("ACTIVE", "own", 2, 144)
    assert (remote.vcpus, remote.ram_mib, remote.flavor_id) == (2, 144, str(flavor.pk))


def test_suspend_snapshot_rebuild_and_words(press, host, lab, other, libvirtd):
    assert press("suspend").status == "SUSPENDED"
    assert press("snapshot", arguments={"name": "Evening"}).status == "SUSPENDED"
    assert press("resume").status == "ACTIVE"
    image = Image.objects.for_tenant(lab).get(name="Evening")
    assert not Image.objects.for_tenant(other).filter(pk=image.pk).exists()
    rebuilt = press("rebuild", arguments={"image": image.remote_id, "image_row": str(image.pk)})
    assert (rebuilt.status, rebuilt.image) == ("ACTIVE", image)
    assert press("tags", arguments={"tags": ["web"]}).tags == ["web"]
    assert press("lock").is_locked
    assert not press("unlock").is_locked
    for path in libvirtd.images.glob("snapshot-*"):
        path.unlink()


def test_a_copy_that_its_operation_does_not_wait_for_any_more_is_ended_by_the_sync(
    instance, as_bob, host, lab, libvirtd
):
    operation = actions.change(as_bob, instance.pk, "snapshot", arguments={"name": "Evening"})
    run.advance(operation.pk)
    Operation.objects.filter(pk=operation.pk).update(state=State.FAILED)
    end = time.monotonic() + LONGEST_S
    while not Image.objects.for_tenant(lab).filter(name="Evening").exists():
        assert time.monotonic() < end
        assert inventory.sync_cloud(host.pk)
    assert inventory.sync_cloud(host.pk)
    assert Instance.objects.get(pk=instance.pk).task == ""
    for path in libvirtd.images.glob("snapshot-*"):
        path.unlink()

"""A resize: what it holds of the quota until it is confirmed or taken back, and what cannot be."""

import pytest

from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import Status
from dashboard.images.models import Image
from dashboard.instances.models import Flavor, Instance
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import drift
from tests.instances.conftest import again, used

from .conftest import HTMX, resize, url

CANNOT_SHRINK = "A disk cannot shrink: it has 40 GiB, and this flavor has 20 GiB."


def test_while_a_resize_is_open_the_larger_of_both_sizes_counts_and_afterwards_the_new_one(browser, active, work, lab):
    assert resize(browser, active, "m1.small").status_code == 204
    assert (used(lab, "ram_mib"), used(lab, "disk_gib")) == (2048, 20)
    work()
    assert again(active).status == Status.RESIZED
    assert (used(lab, "ram_mib"), used(lab, "disk_gib")) == (2048, 20)
    browser.post(url(active, "confirm-resize"))
    work()
    assert (again(active).status, active.flavor.name, active.held_size) == ("ACTIVE", "m1.small", None)
    assert (used(lab, "ram_mib"), drift(lab)) == (2048, {})


def test_going_back_gives_the_held_size_and_its_quota_back(browser, active, work, lab):
    resize(browser, active, "m1.small")
    work()
    browser.post(url(active, "revert-resize"))
    work()
    assert (again(active).status, active.flavor.name, active.ram_mib) == ("ACTIVE", "m1.tiny", 512)
    assert (used(lab, "ram_mib"), used(lab, "disk_gib"), drift(lab)) == (512, 1, {})


def test_a_smaller_size_keeps_the_larger_one_reserved_until_it_is_confirmed(browser, launch, work, lab, image):
    Quota.objects.filter(tenant=lab).update(limit=None)
    instance = launch(flavor=Flavor.objects.get(name="m1.medium"))
    work()
    Flavor.objects.filter(name="m1.small").update(disk_gib=40)
    Instance.objects.filter(pk=instance.pk).update(disk_gib=20)
    resize(browser, instance, "m1.small")
    work()
    assert used(lab, "ram_mib") == 4096
    browser.post(url(instance, "confirm-resize"))
    work()
    assert (used(lab, "ram_mib"), drift(lab)) == (2048, {})


def test_a_disk_does_not_shrink(browser, launch, work, lab):
    Quota.objects.filter(tenant=lab).update(limit=None)
    instance = launch(flavor=Flavor.objects.get(name="m1.medium"))
    work()
    answer = resize(browser, instance, "m1.small")
    assert answer.content.decode().count(CANNOT_SHRINK) == 1


def preview_of(browser, instance, name):
    at = {"flavor": Flavor.objects.get(name=name).pk}
    return browser.get(url(instance, "resize"), at, headers=HTMX | {"HX-Target": "verb-usage"}).content.decode()


@pytest.mark.parametrize("kind", ["fake", "openstack", "libvirt"])
def test_that_a_disk_cannot_shrink_is_said_as_soon_as_the_flavor_is_looked_at(browser, launch, work, lab, cloud, kind):
    Quota.objects.filter(tenant=lab).update(limit=None)
    instance = launch(flavor=Flavor.objects.get(name="m1.medium"))
    work()
    type(cloud).objects.update(kind=kind)
    Flavor.objects.filter(name="m1.tiny").update(disk_gib=40)
    assert CANNOT_SHRINK in preview_of(browser, instance, "m1.small")
    assert "cannot shrink" not in preview_of(browser, instance, "m1.tiny")
    Instance.objects.filter(pk=instance.pk).update(asked={"boot_volume_gib": 40})
    assert "cannot shrink" not in preview_of(browser, instance, "m1.small")


def test_a_size_beyond_the_quota_is_refused_at_the_field(browser, active, lab):
    Quota.objects.filter(tenant=lab, resource="ram_mib").update(limit=1024)
    answer = resize(browser, active, "m1.small")
    assert answer.status_code == 422
    assert "Not enough quota: Memory" in answer.content.decode()
    assert (used(lab, "ram_mib"), again(active).held_size) == (512, None)


def test_a_resize_that_the_cloud_refuses_gives_the_larger_size_back(browser, active, work, lab, fake_path):

    Faults(str(fake_path)).fail("Refused", reason="capacity", call="resize")
    resize(browser, active, "m1.small")
    work()
    assert (used(lab, "ram_mib"), again(active).status, drift(lab)) == (512, "ACTIVE", {})


def test_the_form_shows_what_a_size_does_to_the_quota_and_its_extra_specs(browser, active):
    pinned = Flavor.objects.get(name="c1.pinned")
    part = browser.get(url(active, "resize"), {"flavor": pinned.pk}, headers=HTMX | {"HX-Target": "verb-usage"})
    page = part.content.decode()
    assert "512 MiB → 2 GiB" in page
    assert "hw:cpu_policy" in page
    assert "<form" not in page


def test_another_tenants_flavor_and_image_are_not_offered_and_not_taken(browser, active, cloud, other):
    secret = Flavor.objects.create(
        cloud=cloud, tenant=other, name="secret", remote_id="s", vcpus=4, ram_mib=9, disk_gib=9
    )
    image = Image.objects.create(cloud=cloud, tenant=other, name="secret-image", remote_id="s")
    for path in (url(active, "resize"), url(active, "rebuild"), url(active, "rescue"), "/t/lab/instances/launch/"):
        page = browser.get(path).content.decode()
        assert "secret" not in page
    for verb, typed in (("resize", {"flavor": secret.pk}), ("rescue", {"image": image.pk})):
        assert browser.post(url(active, verb), typed).status_code == 422
    assert Operation.objects.open().count() == 0

"""What only an administrator may know: how big the cloud is, and what is left on each host."""

from __future__ import annotations

from contextlib import closing

import pytest

from dashboard.clouds.interface import Feature, Reason, Refused
from dashboard.clouds.registry import connect

from .projects import settings_of

pytestmark = pytest.mark.openstack


@pytest.fixture(scope="module")
def cloud(admin):
    with closing(connect("openstack", admin.settings)) as driver:
        yield driver


def test_the_cloud_says_how_big_it_is(cloud):
    facts = cloud.check()
    assert facts.version.startswith("nova 2.1 to 2.")
    assert facts.vcpus > 0
    assert facts.ram_mib > 0


def test_hosts_are_told_as_the_scheduler_counts_them(cloud):
    assert Feature.CAPACITY in cloud.features
    host = {host.name: host for host in cloud.capacity.hosts()}["fake1"]
    assert (host.state, host.zone, host.kind) == ("up", "nova", "fake")
    assert host.vcpus > host.vcpus_used >= host.instances >= 0
    assert host.ram_mib > host.ram_used_mib
    assert host.disk_gib > host.disk_used_gib


def test_overcommit_is_in_the_amounts(cloud, admin_cloud):
    host = next(host for host in cloud.capacity.hosts() if host.name == "fake1")
    provider = next(admin_cloud.placement.resource_providers(name="fake1"))
    inventory = admin_cloud.placement.get(f"/resource_providers/{provider.id}/inventories").json()["inventories"]
    assert host.vcpus == int(inventory["VCPU"]["total"] * inventory["VCPU"]["allocation_ratio"])


def test_images_of_single_projects_are_not_offered_to_all(cloud, project):
    with project.connection() as connection:
        how = {"disk_format": "raw", "container_format": "bare", "data": b"\0" * 512, "wait": True}
        private = connection.image.create_image("private", **how).id
    with closing(connect("openstack", settings_of(project))) as place:
        assert private in {image.id for image in place.images.list()}
    assert private not in {image.id for image in cloud.images.list()}


def test_a_tenants_credential_is_told_nothing_of_hosts(project):
    with closing(connect("openstack", settings_of(project))) as place:
        assert (place.capacity, place.places) == (None, None)
        assert Feature.CAPACITY not in place.features
        with pytest.raises(Refused) as refused:
            place.session.get("compute", "/os-hypervisors/detail")
    assert refused.value.reason is Reason.POLICY
    assert "os_compute_api:os-hypervisors" in refused.value.detail


def test_without_any_credential_only_keystones_version_is_told(project):
    with closing(connect("openstack", {"auth_url": project.auth_url})) as cloud:
        assert cloud.check().version.startswith("keystone 3.")
        assert (cloud.capacity, cloud.places) == (None, None)

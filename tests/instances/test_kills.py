"""A worker killed with -9 at each step of a resize, and of what a launch may have besides: the ledger exact,
one server group, one address."""

import pytest

from dashboard.clouds.interface import NetworkSpec
from dashboard.images.models import Image
from dashboard.instances import actions
from dashboard.instances.models import Flavor
from dashboard.networks.models import Network
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import drift, held_by
from tests import stack as stacks

from .conftest import again, look, used

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
STEPS = ("ask.before", "ask.after", "settled.before", "settled.after")


@pytest.fixture
def cloud(placed, lab):
    networks = placed.driver_for(lab.pk).networks
    networks.create_network(NetworkSpec(mark="n", name="own", cidr="10.9.0.0/24", external_network_id="public"))
    look(placed)
    return placed


@pytest.fixture
def small(cloud):
    return Flavor.objects.get(cloud=cloud, name="m1.tiny")


@pytest.fixture
def image(cloud):
    return Image.objects.get(name="Demo Linux")


@pytest.fixture
def stack(cloud, tmp_path):
    with stacks.running(tmp_path) as stack:
        yield stack


def ended():
    return not Operation.objects.open().exists()


def wait_for_the_end(stack, place):
    stacks.wait_until(lambda: place in stack.fired(), seconds=60, what=f"{place} is reached")
    stacks.wait_until(ended, seconds=90, what=f"what was killed at {place} ends")


def sizes(instance):
    held = held_by(instance.tenant, holder=instance.pk)
    return [held[resource] for resource in ("vcpus", "ram_mib", "disk_gib")]


@pytest.mark.parametrize(("verb", "after"), [("confirm-resize", [2, 4096, 40]), ("revert-resize", [1, 512, 1])])
def test_killed_at_every_step_of_a_resize_the_ledger_is_exact(stack, launch, lab, as_bob, verb, after):
    Quota.objects.filter(tenant=lab).update(limit=None)
    larger = Flavor.objects.get(name="m1.medium")
    arguments = {"flavor": larger.remote_id, "flavor_row": str(larger.pk)}
    instances = [launch(step) for step in STEPS]
    stacks.wait_until(ended, seconds=180, what="they are built")
    for step, instance in zip(STEPS, instances, strict=True):
        stack.order(f"instance.resize.{step}")
        actions.change(as_bob, instance.pk, "resize", arguments=arguments, size=larger)
        wait_for_the_end(stack, f"instance.resize.{step}")
        assert (again(instance).status, sizes(instance)) == ("RESIZED", [2, 4096, 40])
        stack.order(f"instance.{verb}.{step}")
        actions.change(as_bob, instance.pk, verb)
        wait_for_the_end(stack, f"instance.{verb}.{step}")
        assert (again(instance).status, sizes(instance), instance.held_size) == ("ACTIVE", after, None)
    assert drift(lab) == {}
    assert set(Operation.objects.values_list("state", flat=True)) == {"done"}


def test_killed_while_it_gets_its_group_and_its_address_there_is_one_of_each(stack, launch, cloud, lab):
    public = Network.objects.for_tenant(lab).get(name="public")
    own = Network.objects.for_tenant(lab).get(name="own")
    places = (
        "instance.launch.server-group.done",
        "floating-ip.allocate.done",
        "instance.launch.floating-ip.before",
        "instance.launch.floating-ip.after",
    )
    for place in places:
        stack.order(place)
        launch(
            place,
            asked={"networks": [{"id": own.remote_id}], "new_group": {"name": "web", "policy": "soft-affinity"}},
            floating_network=public,
        )
        wait_for_the_end(stack, place)
    driver = cloud.driver_for(lab.pk)
    addresses = driver.networks.floating_ips()
    assert (len(addresses), len(driver.placing.groups())) == (len(places), 1)
    assert all(address.port_id for address in addresses)
    assert (used(lab), used(lab, "floating_ips"), drift(lab)) == (len(places), len(places), {})
    assert set(Operation.objects.values_list("state", flat=True)) == {"done"}

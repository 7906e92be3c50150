"""A worker killed with -9 while it makes or removes something of a network: one of each, the quota exact."""

import uuid

import pytest

from dashboard.networks import actions
from dashboard.networks.models import FloatingIp, Network, Router, SecurityGroup
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import drift
from tests import stack as stacks

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SUBNET = {"cidr": "10.5.0.0/24", "gateway": "", "has_dhcp": True, "dns": []}


@pytest.fixture
def stack(cloud, tmp_path):
    with stacks.running(tmp_path) as stack:
        yield stack


@pytest.fixture
def killed_at(stack):
    """Asks for something whose worker dies at that place, and waits until it is done all the same."""

    def ask(place, do):
        stack.order(place)
        made = do(uuid.uuid4().hex)
        stacks.wait_until(lambda: place in stack.fired(), seconds=30, what=f"{place} is reached")
        stacks.wait_until(lambda: not Operation.objects.open().exists(), seconds=60, what=f"the end after {place}")
        assert Operation.objects.latest("created_at").state == "done", place
        return made

    return ask


def held(lab) -> dict[str, int]:
    return dict(Quota.objects.filter(tenant=lab).values_list("resource", "used"))


def test_killed_while_it_makes_a_network_or_an_address_there_is_one(killed_at, as_bob, cloud, public, outside, lab):
    def network(key):
        return actions.create_network(as_bob, cloud=cloud, name="n", subnet=SUBNET, external=public, key=key)

    def address(key):
        return actions.allocate(as_bob, cloud=cloud, external=public, key=key)

    def group(key):
        return actions.create_group(as_bob, cloud=cloud, name="g", description="", key=key)

    killed_at("network.create.done", network)
    killed_at("floating-ip.allocate.done", address)
    killed_at("security-group.create.done", group)
    assert [remote.name for remote in outside.networks() if remote.is_own] == ["n"]
    assert [len(outside.routers()), len(outside.floating_ips()), len(outside.security_groups())] == [1, 1, 2]
    models = (Router, FloatingIp, SecurityGroup)
    assert [model.objects.filter(tenant=lab).exclude(remote_id="").count() for model in models] == [1, 1, 2]
    used = {name: held(lab)[name] for name in ("networks", "routers", "floating_ips", "security_groups")}
    assert used == {"networks": 1, "routers": 1, "floating_ips": 1, "security_groups": 2}
    assert drift(lab) == {}


def test_killed_while_it_removes_a_network_nothing_is_left(killed_at, as_bob, cloud, public, outside, lab):
    def network(key):
        return actions.create_network(as_bob, cloud=cloud, name="n", subnet=SUBNET, external=public, key=key)

    made = killed_at("network.create.create.after", network)
    killed_at("network.delete.delete.after", lambda _key: actions.delete_network(as_bob, made.pk))
    assert not [remote for remote in outside.networks() if remote.is_own]
    assert not outside.routers()
    assert not Network.objects.filter(tenant=lab, is_own=True).exists()
    assert (held(lab)["networks"], held(lab)["routers"], drift(lab)) == (0, 0, {})

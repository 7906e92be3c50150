"""Networks, routers and floating IPs of one place."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from dashboard.clouds.interface import (
    CloudError,
    Conflict,
    Driver,
    Feature,
    NetworkChoice,
    Networks,
    NetworkSpec,
    NotFound,
    Refused,
    RemoteNetwork,
)

from .ground import NOWHERE, OnACloud, needs, unique


class OnANetwork(OnACloud):
    """Also gives `external_network_id`, of a network that leads out."""

    cidr = "10.77.0.0/24"
    address_on_it = "10.77.0.77"

    @pytest.fixture
    def external_network_id(self, driver: Driver) -> str:
        assert driver.networks is not None
        return next(network.id for network in driver.networks.networks() if network.is_external)

    @pytest.fixture
    def networks(self, driver: Driver) -> Networks:
        self.require(driver, Feature.NETWORK_EDIT)
        assert driver.networks is not None
        return driver.networks

    @pytest.fixture
    def after(self, networks: Networks) -> Iterator[ExitStack]:
        """What is pushed onto it is removed after the test, the last first."""
        with ExitStack() as stack:
            yield stack

    @pytest.fixture
    def network_spec(self) -> NetworkSpec:
        return NetworkSpec(mark=str(uuid.uuid4()), name=unique("net"), cidr=self.cidr)

    @pytest.fixture
    def network(self, networks: Networks, network_spec: NetworkSpec, after: ExitStack) -> RemoteNetwork:
        """One without a way out."""
        made = networks.create_network(network_spec)
        after.callback(networks.delete_network, made.id)
        return made

    @pytest.fixture
    def open_network(
        self, networks: Networks, network_spec: NetworkSpec, after: ExitStack, external_network_id: str
    ) -> RemoteNetwork:
        """One with a router to the outside."""
        made = networks.create_network(replace(network_spec, external_network_id=external_network_id))
        after.callback(networks.delete_network, made.id)
        return made

    def on(self, network: RemoteNetwork, spec, *, fixed_address: str = ""):
        return replace(spec, networks=(NetworkChoice(network_id=network.id, fixed_address=fixed_address),))

    def port_of(self, networks: Networks, remote_id: str):
        return next(port for port in networks.ports() if port.instance_id == remote_id)


class NetworksContract(OnANetwork):
    # --- networks

    def test_a_network_is_what_was_asked_for(self, networks, network, network_spec):
        assert (network.name, network.is_own, network.is_external) == (network_spec.name, True, False)
        (subnet,) = network.subnets
        assert (subnet.cidr, subnet.has_dhcp, subnet.network_id) == (self.cidr, True, network.id)
        assert subnet.gateway
        assert subnet.pools
        assert network.id in {listed.id for listed in networks.networks()}

    def test_the_same_mark_again_finds_the_same_network(self, networks, network, network_spec):
        assert networks.create_network(network_spec).id == network.id
        assert [listed.name for listed in networks.networks()].count(network_spec.name) == 1

    def test_a_network_with_a_way_out_has_a_router(self, networks, open_network, external_network_id):
        (router,) = [r for r in networks.routers() if open_network.subnets[0].id in r.subnet_ids]
        assert router.external_network_id == external_network_id
        networks.delete_network(open_network.id)
        assert router.id not in {left.id for left in networks.routers()}

    def test_a_deleted_network_is_gone_and_once_more_is_no_error(self, networks, network):
        networks.delete_network(network.id)
        networks.delete_network(network.id)
        assert network.id not in {left.id for left in networks.networks()}

    def test_a_network_in_use_is_not_deleted(self, networks, network, launch, spec):
        launch(self.on(network, spec))
        with pytest.raises(Conflict):
            networks.delete_network(network.id)

    def test_a_network_of_others_is_not_deleted(self, networks, external_network_id):
        with pytest.raises((Refused, Conflict)):
            networks.delete_network(external_network_id)
        assert external_network_id in {network.id for network in networks.networks()}

    def test_a_range_that_cannot_be_is_refused(self, networks, network_spec, after):
        with pytest.raises(Refused):
            networks.create_network(replace(network_spec, cidr="10.77.0.0/99"))
        for left in networks.networks():  # a cloud may have made the network before it looked at the subnet
            if left.name == network_spec.name:
                after.callback(networks.delete_network, left.id)

    # --- instances on them

    def test_an_instance_has_a_port_on_the_network_that_was_chosen(self, networks, network, launch, spec):
        remote = launch(self.on(network, spec))
        port = self.port_of(networks, remote.id)
        ((subnet_id, address),) = port.addresses
        assert (port.network_id, subnet_id) == (network.id, network.subnets[0].id)
        assert remote.addresses == (address,)
        assert port.mac

    @needs(Feature.FIXED_ADDRESS)
    def test_its_address_can_be_chosen(self, driver, network, launch, spec):
        remote = launch(self.on(network, spec, fixed_address=self.address_on_it))
        assert remote.addresses == (self.address_on_it,)

    @needs(Feature.FIXED_ADDRESS)
    def test_an_address_that_is_taken_is_refused(self, driver, network, launch, spec):
        launch(self.on(network, spec, fixed_address=self.address_on_it))
        second = replace(self.on(network, spec, fixed_address=self.address_on_it), instance_id=str(uuid.uuid4()))
        with pytest.raises((Refused, Conflict)):
            driver.compute.create(second)
        assert self.count(driver, second) == 0

    @needs(Feature.NETWORKS)
    def test_a_network_that_is_not_there_is_refused(self, driver, spec):
        with pytest.raises((Refused, NotFound)):
            driver.compute.create(replace(spec, networks=(NetworkChoice(network_id=NOWHERE),)))
        assert self.count(driver, spec) == 0

    def test_its_port_goes_with_it(self, driver, networks, network, launch, spec):
        remote = launch(self.on(network, spec))
        driver.compute.delete(remote.id)
        self.eventually(lambda: remote.id not in {port.instance_id for port in networks.ports()})

    # --- routers

    @pytest.fixture
    def router(self, networks, after, external_network_id):
        mark, name = str(uuid.uuid4()), unique("router")
        made = networks.create_router(mark=mark, name=name, external_network_id=external_network_id)
        assert networks.create_router(mark=mark, name=name, external_network_id=external_network_id).id == made.id
        after.callback(networks.delete_router, made.id)
        return made

    def test_a_router_is_connected_and_disconnected_and_once_more_is_no_error(self, networks, network, router):
        subnet_id = network.subnets[0].id
        for _twice in range(2):
            networks.connect_router(router.id, subnet_id=subnet_id)
        assert self.router_now(networks, router).subnet_ids == (subnet_id,)
        for _twice in range(2):
            networks.disconnect_router(router.id, subnet_id=subnet_id)
        assert self.router_now(networks, router).subnet_ids == ()

    def test_a_router_is_deleted_with_its_interfaces(self, networks, network, router):
        networks.connect_router(router.id, subnet_id=network.subnets[0].id)
        networks.delete_router(router.id)
        networks.delete_router(router.id)
        assert router.id not in {left.id for left in networks.routers()}

    def test_a_subnet_that_is_not_there_cannot_be_connected(self, networks, router):
        with pytest.raises(NotFound):
            networks.connect_router(router.id, subnet_id=NOWHERE)

    def router_now(self, networks, router):
        return next(other for other in networks.routers() if other.id == router.id)

    # --- floating IPs

    @pytest.fixture
    def floating_ip(self, driver, networks, after, external_network_id):
        self.require(driver, Feature.FLOATING_IPS)
        mark = str(uuid.uuid4())
        made = networks.allocate(mark=mark, network_id=external_network_id)
        after.callback(networks.release, made.id)
        assert made.mark == mark
        assert networks.allocate(mark=mark, network_id=external_network_id).id == made.id
        return made

    def test_a_floating_ip_comes_to_an_instance_and_goes(
        self, driver, networks, open_network, launch, spec, floating_ip
    ):
        remote = launch(self.on(open_network, spec))
        port = self.port_of(networks, remote.id)
        for _twice in range(2):
            associated = networks.associate(floating_ip.id, port_id=port.id)
        assert (associated.port_id, associated.fixed_address) == (port.id, port.addresses[0][1])
        self.eventually(lambda: floating_ip.address in driver.compute.get(remote.id).addresses)
        for _twice in range(2):
            networks.disassociate(floating_ip.id)
        assert self.floating_now(networks, floating_ip).port_id == ""

    def test_a_floating_ip_that_was_released_is_gone_and_once_more_is_no_error(self, networks, floating_ip):
        networks.release(floating_ip.id)
        networks.release(floating_ip.id)
        assert floating_ip.id not in {left.id for left in networks.floating_ips()}

    def test_where_no_router_leads_out_there_is_no_floating_ip(self, networks, network, launch, spec, floating_ip):
        port = self.port_of(networks, launch(self.on(network, spec)).id)
        with pytest.raises((NotFound, Conflict, Refused)):
            networks.associate(floating_ip.id, port_id=port.id)
        assert self.floating_now(networks, floating_ip).port_id == ""

    def test_a_port_that_is_not_there_gets_none(self, networks, floating_ip):
        with pytest.raises(NotFound):
            networks.associate(floating_ip.id, port_id=NOWHERE)

    def test_a_network_inside_gives_none(self, networks, network):
        with pytest.raises(CloudError):
            networks.allocate(mark=str(uuid.uuid4()), network_id=network.id)

    def floating_now(self, networks, floating_ip):
        return next(other for other in networks.floating_ips() if other.id == floating_ip.id)

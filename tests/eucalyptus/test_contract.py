"""The contract, asked of our driver against the dialect server: both releases, with and without VPC, strict.

Instances are launched from an image with a root volume, since only such can be stopped.
"""

from __future__ import annotations

from contextlib import ExitStack, closing

import pytest

from dashboard.clouds.interface import Feature, Refused, RuleSpec
from dashboard.clouds.registry import connect
from tests.clouds.contract import (
    AccessContract,
    CreateTokenContract,
    LifecycleContract,
    NetworksContract,
    PlacesContract,
    PlacingContract,
    QuotasContract,
    SecurityContract,
)
from tests.clouds.contract.networks import OnANetwork
from tests.clouds.contract.security import RULES

from .drivers import settings_of

pytestmark = pytest.mark.slow

KIND = "m1.small"


class OnEucalyptus:
    strangers_are_ours = True
    enters_by = "token"

    @pytest.fixture
    def admin(self, cloud):
        with closing(connect("eucalyptus", settings_of(cloud, enters_by=self.enters_by))) as driver:
            yield driver

    @pytest.fixture
    def image_id(self, cloud):
        snapshot = next(iter(cloud.snapshots))
        return cloud.add_image("tiny", root="ebs", size_gib=1, snapshot=snapshot).id

    @pytest.fixture
    def size(self, cloud):
        kind = cloud.types[KIND]
        sizes = {"vcpus": kind.vcpus, "ram_mib": kind.memory_mib, "disk_gib": kind.disk_gib}
        return {**sizes, "flavor_id": KIND}

    @pytest.fixture
    def stranger(self, cloud, place, driver, image_id):
        return cloud.outside.add_instances(1, place.id, type=KIND, image=image_id)[0]

    @pytest.fixture
    def connect_place(self, cloud):
        with ExitStack() as stack:

            def open_(granted):
                return stack.enter_context(closing(connect("eucalyptus", {**settings_of(cloud), **granted})))

            yield open_

    @pytest.fixture
    def driver(self, admin, place, connect_place):
        return connect_place(admin.places.grant(place.id, label="contract").settings)


class TestInstances(OnEucalyptus, CreateTokenContract):
    def test_it_says_what_it_is(self, driver, cloud):
        """How big the whole cloud is, only an administrator may know."""
        assert driver.check().version == f"Eucalyptus {cloud.release}"

    def test_an_administrator_is_told_how_big_the_cloud_is(self, admin):
        facts = admin.check()
        assert (facts.vcpus, facts.ram_mib) >= (1, 1)


class TestLifecycle(OnEucalyptus, LifecycleContract):
    pass


class TestPlacing(OnEucalyptus, PlacingContract):
    pass


class TestPlaces(OnEucalyptus, PlacesContract):
    @pytest.fixture
    def remove_place(self, admin):
        return admin.places.remove


class TestPlacesByKey(TestPlaces):
    """The second way: a stored key of a user of ours in each account."""

    enters_by = "key"

    @pytest.fixture
    def connect_place(self, cloud):
        """Without the administrator's key: a stored one needs no other."""
        alone = {"access_key": "", "secret_key": ""}
        with ExitStack() as stack:
            yield lambda granted: stack.enter_context(
                closing(connect("eucalyptus", {**settings_of(cloud), **alone, **granted}))
            )


class TestAccess(OnEucalyptus, AccessContract):
    missing_place_id = "999999999999"

    @pytest.fixture
    def remove_place(self, admin):
        return admin.places.remove


class TestQuotas(OnEucalyptus, QuotasContract):
    others = {"ram_mib": 4096, "disk_gib": 20, "floating_ips": 2}


class OnAGivenNetwork(OnEucalyptus):
    """Neither EDGE nor this driver makes one. With VPC it is a subnet of the account's default VPC."""

    @pytest.fixture
    def networks(self, driver):
        return driver.networks

    @pytest.fixture
    def network(self, networks, after, cloud, driver):
        if cloud.mode == "vpc":
            where = {"VpcId": networks.groups.vpc_id(), "CidrBlock": self.cidr, "AvailabilityZone": "zone-a"}
            made = driver.ec2.call("create_subnet", **where)["Subnet"]["SubnetId"]
            return next(network for network in networks.networks() if network.id == made)
        return next(network for network in networks.networks() if not network.is_external)


class TestAddresses(OnAGivenNetwork, OnANetwork):
    """Those tests of the networks' contract that need no network of one's own."""

    cidr = "172.31.128.0/20"
    address_on_it = "172.31.128.77"

    @pytest.fixture
    def open_network(self, network):
        return network

    floating_ip = NetworksContract.floating_ip
    floating_now = NetworksContract.floating_now
    test_it_comes_and_goes = NetworksContract.test_a_floating_ip_comes_to_an_instance_and_goes
    test_released = NetworksContract.test_a_floating_ip_that_was_released_is_gone_and_once_more_is_no_error
    test_no_port = NetworksContract.test_a_port_that_is_not_there_gets_none
    test_a_network_inside = NetworksContract.test_a_network_inside_gives_none
    test_its_port_goes_with_it = NetworksContract.test_its_port_goes_with_it
    test_its_address_can_be_chosen = NetworksContract.test_its_address_can_be_chosen
    test_a_taken_address = NetworksContract.test_an_address_that_is_taken_is_refused
    test_no_network = NetworksContract.test_a_network_that_is_not_there_is_refused

    def test_an_instance_has_a_port_there(self, networks, network, launch, spec):
        remote = launch(self.on(network, spec))
        port = self.port_of(networks, remote.id)
        assert port.network_id == network.id
        assert port.addresses[0][1] == remote.addresses[0]


class TestSecurityGroups(OnAGivenNetwork, SecurityContract):
    cidr = "172.31.128.0/20"

    @pytest.mark.parametrize("rule", [rule for rule in RULES if rule.family == "IPv4"])
    def test_a_rule_comes_back_as_it_was_and_the_same_again_is_the_first(self, driver, networks, group, rule):
        if rule.direction == "egress" and Feature.RULES_EGRESS not in driver.features:
            with pytest.raises(Refused):
                networks.add_rule(group.id, rule)
        else:
            super().test_a_rule_comes_back_as_it_was_and_the_same_again_is_the_first(networks, group, rule)

    def test_it_declares_the_kinds_of_rules_that_its_networks_have(self, driver, cloud):
        declared = {Feature.RULES_EGRESS, Feature.RULES_ANY_PROTOCOL, Feature.RULES_IPV6} & driver.features
        assert declared == ({Feature.RULES_EGRESS, Feature.RULES_ANY_PROTOCOL} if cloud.mode == "vpc" else set())

    def test_a_rule_can_name_a_group(self, networks, group, cloud):
        """In EDGE it names a protocol too."""
        if cloud.mode == "vpc":
            super().test_a_rule_can_name_a_group(networks, group)
            return
        with pytest.raises(Refused):
            networks.add_rule(group.id, RuleSpec(direction="ingress", group_id=group.id))
        made = networks.add_rule(group.id, RuleSpec(direction="ingress", protocol="tcp", group_id=group.id))
        assert made in self.group_now(networks, group).rules

    @pytest.mark.parametrize("rule", [rule for rule in RULES if rule.family == "IPv6"])
    def test_there_is_no_ipv6(self, networks, group, rule):
        with pytest.raises(Refused):
            networks.add_rule(group.id, rule)

    def test_a_port_has_exactly_the_groups_that_were_set_last(self, networks, network, launch, spec, group, cloud):
        """In EDGE an instance keeps those that it was launched with; with VPC it is in one at least."""
        remote = launch(self.on(network, spec))
        port = self.port_of(networks, remote.id)
        for group_ids in [[group.id], []]:
            if cloud.mode == "vpc" and group_ids:
                networks.set_security_groups(port.id, group_ids=group_ids)
            else:
                with pytest.raises(Refused):
                    networks.set_security_groups(port.id, group_ids=group_ids)
        kept = {group.id} if cloud.mode == "vpc" else set(port.security_group_ids)
        assert set(self.port_of(networks, remote.id).security_group_ids) == kept

"""Networks of a project in a real Neutron; `admin` is a Session of the lab's administrator."""

from __future__ import annotations

import secrets
from contextlib import closing

import pytest

from dashboard.clouds.drivers.openstack.networks import OpenStackNetworks
from dashboard.clouds.drivers.openstack.neutron import Neutron
from dashboard.clouds.drivers.openstack.session import Session
from dashboard.clouds.interface import Conflict, NetworkSpec, NotFound, Reason, Refused, RuleSpec, Unavailable

from . import own_project
from .projects import settings_of
from .proxy import LostAnswer, Status

pytestmark = pytest.mark.openstack


@pytest.fixture(scope="module")
def place(admin, admin_cloud):
    """One project for all of these tests."""
    with own_project.fresh(admin_cloud, auth_url=admin.settings["auth_url"]) as project:
        yield project


@pytest.fixture(scope="module")
def session(place):
    with closing(Session(settings_of(place))) as session:
        yield session


@pytest.fixture(scope="module")
def networks(session):
    return OpenStackNetworks(session)


@pytest.fixture(scope="module")
def outside(networks):
    """The id of a network that leads out."""
    return next(network.id for network in networks.networks() if network.is_external)


def mark():
    return secrets.token_hex(8)


@pytest.fixture
def spec():
    return NetworkSpec(mark=mark(), name="office", cidr="10.20.0.0/24", dns=("192.0.2.53",))


@pytest.fixture
def network(networks, spec):
    network = networks.create_network(spec)
    yield network
    networks.delete_network(network.id)


@pytest.fixture
def routed(networks, spec, outside):
    routed = NetworkSpec(mark=spec.mark, name="office", cidr=spec.cidr, external_network_id=outside)
    network = networks.create_network(routed)
    yield network
    networks.delete_network(network.id)


@pytest.fixture
def port(session, network):
    answer = session.post("network", "/ports", json={"port": {"network_id": network.id}})
    yield answer["port"]["id"]
    session.delete("network", f"/ports/{answer['port']['id']}")


@pytest.fixture
def group(networks):
    group = networks.create_security_group(mark=mark(), name="web", description="What browsers need")
    yield group
    networks.delete_security_group(group.id)


@pytest.fixture
def proxied(place, proxy):
    """The networks through a proxy that can spoil any call, and the proxy."""
    with closing(Session(settings_of(place, auth_url=proxy.auth_url))) as session:
        yield OpenStackNetworks(session), proxy


class TestNetworks:
    def test_a_network_is_made_with_its_subnet(self, networks, network):
        (subnet,) = network.subnets
        assert (network.name, network.is_own, network.is_external) == ("office", True, False)
        assert (subnet.cidr, subnet.gateway, subnet.has_dhcp) == ("10.20.0.0/24", "10.20.0.1", True)
        assert (subnet.dns, subnet.pools) == (("192.0.2.53",), (("10.20.0.2", "10.20.0.254"),))
        assert network in networks.networks()

    def test_a_router_leads_out_of_it(self, networks, routed, outside):
        (router,) = networks.routers()
        assert (router.external_network_id, router.subnet_ids) == (outside, (routed.subnets[0].id,))
        assert router.external_addresses

    def test_the_same_mark_twice_is_one_network(self, networks, network, spec):
        assert networks.create_network(spec) == network
        assert [found.name for found in networks.networks()].count("office") == 1

    def test_the_gateway_can_be_chosen(self, networks):
        network = networks.create_network(
            NetworkSpec(mark=mark(), name="end", cidr="10.21.0.0/24", gateway="10.21.0.254", has_dhcp=False)
        )
        networks.delete_network(network.id)
        assert (network.subnets[0].gateway, network.subnets[0].has_dhcp) == ("10.21.0.254", False)

    def test_a_network_of_ipv6_is_made(self, networks):
        network = networks.create_network(NetworkSpec(mark=mark(), name="six", cidr="2001:db8::/64"))
        networks.delete_network(network.id)
        assert (network.subnets[0].cidr, network.subnets[0].has_dhcp) == ("2001:db8::/64", True)
        assert network.subnets[0].gateway.startswith("2001:db8::")

    def test_a_network_goes_with_its_router(self, networks, spec, outside):
        network = networks.create_network(
            NetworkSpec(mark=spec.mark, name="gone", cidr=spec.cidr, external_network_id=outside)
        )
        networks.delete_network(network.id)
        networks.delete_network(network.id)
        assert networks.routers() == ()
        assert network.id not in [left.id for left in networks.networks()]

    def test_a_network_in_use_says_by_what(self, networks, network, port):
        with pytest.raises(Conflict, match=r"a free port \(1\)"):
            networks.delete_network(network.id)
        assert network in networks.networks()

    def test_a_router_of_somebody_else_keeps_its_network(self, networks, network):
        router = networks.create_router(mark=mark(), name="theirs")
        networks.connect_router(router.id, subnet_id=network.subnets[0].id)
        with pytest.raises(Conflict, match="network:router_interface"):
            networks.delete_network(network.id)
        networks.delete_router(router.id)
        networks.delete_router(router.id)

    @pytest.mark.parametrize("cidr", ["10.20.0.0", "10.20.0.0/33", "here", "10.20.0.1/24"])
    def test_a_range_that_is_none_is_refused_and_leaves_nothing(self, networks, cidr):
        before = networks.networks()
        with pytest.raises(Refused) as raised:
            networks.create_network(NetworkSpec(mark=mark(), name="odd", cidr=cidr))
        assert raised.value.reason is Reason.INVALID
        assert networks.networks() == before

    def test_a_network_whose_way_out_is_missing_leaves_nothing(self, networks):
        before = networks.networks()
        missing = NetworkSpec(
            mark=mark(), name="odd", cidr="10.22.0.0/24", external_network_id="00000000-0000-4000-8000-000000000000"
        )
        with pytest.raises((NotFound, Refused)):
            networks.create_network(missing)
        assert (networks.networks(), networks.routers()) == (before, ())

    def test_a_router_is_connected_and_disconnected_twice_without_harm(self, networks, network):
        router = networks.create_router(mark=mark(), name="hub")
        subnet_id = network.subnets[0].id
        networks.connect_router(router.id, subnet_id=subnet_id)
        networks.connect_router(router.id, subnet_id=subnet_id)
        assert networks.routers()[0].subnet_ids == (subnet_id,)
        networks.disconnect_router(router.id, subnet_id=subnet_id)
        networks.disconnect_router(router.id, subnet_id=subnet_id)
        assert networks.routers()[0].subnet_ids == ()
        networks.delete_router(router.id)

    def test_a_network_of_the_project_next_door_is_neither_seen_nor_changed(self, admin, network, project):
        with closing(Session(settings_of(project))) as session:
            stranger = OpenStackNetworks(session)
            assert network.id not in [seen.id for seen in stranger.networks()]
            stranger.delete_network(network.id)
        assert Neutron(admin).get("networks", network.id)


LOST = [("/networks$", 1), ("/subnets$", 1), ("/routers$", 1), ("/routers/.*/add_router_interface", 1)]


class TestLostAnswers:
    @pytest.mark.parametrize(("path", "nth"), LOST)
    def test_a_lost_answer_never_doubles_a_network(self, proxied, spec, outside, path, nth):
        networks, proxy = proxied
        wanted = NetworkSpec(mark=spec.mark, name=spec.mark, cidr=spec.cidr, external_network_id=outside)
        proxy.inject(LostAnswer(), service="network", method="PUT" if "interface" in path else "POST", path=path)
        with pytest.raises(Unavailable):
            networks.create_network(wanted)
        network = networks.create_network(wanted)
        assert [found.name for found in networks.networks()].count(spec.mark) == 1
        routers = [router for router in networks.routers() if router.name == spec.mark]
        assert [router.subnet_ids for router in routers] == [(network.subnets[0].id,)]
        networks.delete_network(network.id)

    def test_a_lost_answer_never_doubles_a_floating_ip(self, proxied, outside):
        networks, proxy = proxied
        proxy.inject(LostAnswer(), service="network", method="POST", path="/floatingips")
        ours = mark()
        with pytest.raises(Unavailable):
            networks.allocate(mark=ours, network_id=outside)
        assert [networks.allocate(mark=ours, network_id=outside)] == list(networks.floating_ips())
        networks.release(networks.floating_ips()[0].id)

    def test_a_lost_answer_never_doubles_a_security_group(self, proxied):
        networks, proxy = proxied
        proxy.inject(LostAnswer(), service="network", method="POST", path="/security-groups")
        ours = mark()
        with pytest.raises(Unavailable):
            networks.create_security_group(mark=ours, name="lost")
        group = networks.create_security_group(mark=ours, name="lost")
        assert [found.id for found in networks.security_groups() if found.name == "lost"] == [group.id]
        networks.delete_security_group(group.id)

    def test_a_network_that_was_half_deleted_is_deleted_by_the_next_call(self, proxied, spec, outside):
        networks, proxy = proxied
        network = networks.create_network(
            NetworkSpec(mark=spec.mark, name="half", cidr=spec.cidr, external_network_id=outside)
        )
        proxy.inject(Status(503), service="network", method="DELETE", path="/networks/")
        with pytest.raises(Unavailable):
            networks.delete_network(network.id)
        networks.delete_network(network.id)
        assert "half" not in [left.name for left in networks.networks()]


class TestLists:
    def test_each_list_is_one_call_and_none_says_tenant_id(self, proxied):
        networks, proxy = proxied
        networks.ports()
        proxy.forget()
        for ask in (networks.ports, networks.security_groups, networks.floating_ips):
            ask()
        calls = [call for call in proxy.calls() if call.service == "network"]
        assert len(calls) == 3
        assert all("project_id=" in call.path and "tenant_id" not in call.path for call in calls)

    def test_a_list_in_pages_is_read_to_its_end(self, session, network):
        made = [{"network_id": network.id, "name": f"p{number}"} for number in range(7)]
        answer = session.post("network", "/ports", json={"ports": made})
        ids = {port["id"] for port in answer["ports"]}
        try:
            assert ids <= {port["id"] for port in Neutron(session).own("ports", limit=2)}
        finally:
            for port_id in ids:
                session.delete("network", f"/ports/{port_id}")


class TestSecurityGroups:
    def test_a_group_keeps_its_words_to_itself(self, networks, group):
        assert (group.name, group.description) == ("web", "What browsers need")
        assert group in networks.security_groups()
        assert all(rule.direction == "egress" for rule in group.rules)

    def test_the_default_group_stays(self, networks):
        (default,) = [group for group in networks.security_groups() if group.name == "default"]
        with pytest.raises(Conflict):
            networks.delete_security_group(default.id)

    @pytest.mark.parametrize(
        "rule",
        [
            RuleSpec(direction="ingress", protocol="tcp", port_min=22, port_max=22, cidr="192.0.2.0/24"),
            RuleSpec(direction="ingress", protocol="udp", port_min=1, port_max=1024, description="low ones"),
            RuleSpec(direction="ingress", protocol="icmp"),
            RuleSpec(direction="ingress"),
            RuleSpec(direction="egress", family="IPv6", protocol="tcp", cidr="2001:db8::/32"),
        ],
    )
    def test_a_rule_comes_back_as_it_was_given(self, networks, group, rule):
        made = networks.add_rule(group.id, rule)
        for name in ("direction", "family", "protocol", "port_min", "port_max", "cidr", "group_id", "description"):
            assert getattr(made, name) == getattr(rule, name)
        assert made in next(found for found in networks.security_groups() if found.id == group.id).rules

    def test_the_same_rule_twice_is_one(self, networks, group):
        rule = RuleSpec(direction="ingress", protocol="tcp", port_min=80, port_max=80)
        assert networks.add_rule(group.id, rule) == networks.add_rule(group.id, rule)

    def test_all_within_the_group_may_talk(self, networks, group):
        rule = networks.add_rule(group.id, RuleSpec(direction="ingress", group_id=group.id))
        assert (rule.group_id, rule.cidr) == (group.id, "")

    def test_a_rule_is_removed_twice_without_harm(self, networks, group):
        rule = networks.add_rule(group.id, RuleSpec(direction="ingress", protocol="tcp", port_min=1, port_max=2))
        networks.remove_rule(rule.id)
        networks.remove_rule(rule.id)
        assert rule.id not in [left.id for found in networks.security_groups() for left in found.rules]

    def test_a_rule_that_makes_no_sense_is_refused(self, networks, group):
        with pytest.raises(Refused):
            networks.add_rule(group.id, RuleSpec(direction="ingress", protocol="tcp", port_min=90, port_max=80))

    def test_a_port_has_exactly_the_groups_that_were_said(self, networks, group, port):
        networks.set_security_groups(port, group_ids=[group.id])
        (seen,) = [found for found in networks.ports() if found.id == port]
        assert seen.security_group_ids == (group.id,)
        networks.set_security_groups(port, group_ids=[])

    def test_a_group_in_use_stays(self, networks, group, port):
        networks.set_security_groups(port, group_ids=[group.id])
        with pytest.raises(Conflict):
            networks.delete_security_group(group.id)
        networks.set_security_groups(port, group_ids=[])


class TestFloatingIps:
    @pytest.fixture
    def floating_ip(self, networks, outside):
        floating_ip = networks.allocate(mark=mark(), network_id=outside)
        yield floating_ip
        networks.release(floating_ip.id)

    @pytest.fixture
    def routed_port(self, session, routed):
        answer = session.post("network", "/ports", json={"port": {"network_id": routed.id}})["port"]
        yield answer
        session.delete("network", f"/ports/{answer['id']}")

    def test_one_is_allocated_with_our_mark(self, networks, outside):
        ours = mark()
        floating_ip = networks.allocate(mark=ours, network_id=outside)
        assert (floating_ip.mark, floating_ip.network_id, floating_ip.port_id) == (ours, outside, "")
        assert networks.allocate(mark=ours, network_id=outside) == floating_ip
        networks.release(floating_ip.id)
        networks.release(floating_ip.id)
        assert networks.floating_ips() == ()

    def test_one_leads_to_a_port_and_away_again(self, networks, floating_ip, routed_port):
        led = networks.associate(floating_ip.id, port_id=routed_port["id"])
        assert (led.port_id, led.fixed_address) == (routed_port["id"], routed_port["fixed_ips"][0]["ip_address"])
        assert networks.associate(floating_ip.id, port_id=routed_port["id"]).port_id == routed_port["id"]
        networks.disassociate(floating_ip.id)
        networks.disassociate(floating_ip.id)
        assert [found.port_id for found in networks.floating_ips()] == [""]

    def test_a_port_that_no_router_reaches_is_refused(self, networks, floating_ip, port):
        with pytest.raises(Refused) as raised:
            networks.associate(floating_ip.id, port_id=port)
        assert raised.value.reason is Reason.INVALID

    def test_one_that_is_gone_is_not_found(self, networks, port):
        with pytest.raises(NotFound):
            networks.associate("00000000-0000-4000-8000-000000000000", port_id=port)

    def test_used_up_addresses_are_want_of_capacity(self, networks, tiny_outside):
        networks.allocate(mark=mark(), network_id=tiny_outside)
        with pytest.raises(Refused) as raised:
            networks.allocate(mark=mark(), network_id=tiny_outside)
        assert raised.value.reason is Reason.CAPACITY
        for floating_ip in networks.floating_ips():
            networks.release(floating_ip.id)

    @pytest.fixture
    def tiny_outside(self, admin):
        """An external network with one address to give; the other one of the two is its gateway's."""
        fields = {"name": "tiny-outside", "router:external": True}
        network = admin.post("network", "/networks", json={"network": fields})["network"]["id"]
        subnet = {"network_id": network, "cidr": "198.51.100.0/30", "ip_version": 4, "enable_dhcp": False}
        admin.post("network", "/subnets", json={"subnet": subnet})
        yield network
        admin.delete("network", f"/networks/{network}")


def test_a_quota_that_is_full_is_told(admin, place, networks):
    admin.put("network", f"/quotas/{place.id}", json={"quota": {"network": 0}})
    try:
        with pytest.raises(Refused) as raised:
            networks.create_network(NetworkSpec(mark=mark(), name="many", cidr="10.30.0.0/24"))
    finally:
        admin.delete("network", f"/quotas/{place.id}")
    assert raised.value.reason is Reason.QUOTA

"""What a libvirt host says about its networks, and a guest that is plugged into one. On libvirt's own test driver."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from dashboard.clouds.drivers.libvirt import storage
from dashboard.clouds.drivers.libvirt.domain_xml import Hardware, build, parse
from dashboard.clouds.drivers.libvirt.driver import features_of
from dashboard.clouds.drivers.libvirt.networks import to_leases, to_network
from dashboard.clouds.interface import Feature, LaunchSpec, NetworkChoice, NetworkSpec, Reason, Refused
from dashboard.clouds.registry import connect

TWO_FAMILIES = """
<network>
  <name>lab</name><uuid>dd8fe884-6c02-601e-7551-cca97df1c5df</uuid><mtu size='9000'/>
  <ip address='10.1.0.1' prefix='16'><dhcp><range start='10.1.0.10' end='10.1.0.20'/></dhcp></ip>
  <ip family='ipv6' address='2001:db8::1' prefix='64'/>
</network>"""


@pytest.fixture
def driver():
    driver = connect("libvirt", {"uri": "test:///default", "pool": "/default-pool", "images": "/images"})
    driver.hypervisor.run(
        lambda connection: storage.make_file(storage.pool_of(connection, "/images"), name="d.qcow2", size_bytes=1 << 20)
    )
    yield driver
    driver.close()


@pytest.fixture
def default(driver):
    (network,) = driver.networks.networks()
    return network


def spec_on(*choices):
    return LaunchSpec(
        instance_id=str(uuid.uuid4()), tenant_id="lab", operation_id="op-1", name="web-1", image_id="d.qcow2",
        vcpus=1, ram_mib=64, disk_gib=1, networks=choices,
    )  # fmt: skip


def test_a_network_is_told_with_its_range(default):
    (subnet,) = default.subnets
    assert (default.name, default.status, default.is_shared, default.is_own) == ("default", "ACTIVE", True, False)
    assert (subnet.cidr, subnet.gateway, subnet.has_dhcp) == ("192.168.122.0/24", "192.168.122.1", True)
    assert subnet.pools == (("192.168.122.2", "192.168.122.254"),)


def test_a_network_can_have_two_families_and_be_down():
    network = to_network(TWO_FAMILIES, is_active=False)
    assert (network.status, network.mtu) == ("DOWN", 9000)
    assert [(subnet.cidr, subnet.has_dhcp) for subnet in network.subnets] == [
        ("10.1.0.0/16", True), ("2001:db8::/64", False)
    ]  # fmt: skip
    assert len({subnet.id for subnet in network.subnets}) == 2


def test_leases_are_told_with_the_subnet_that_they_are_of():
    network = to_network(TWO_FAMILIES, is_active=True)
    given = [{"mac": "52:54:00:00:00:01", "ipaddr": "10.1.0.11"}, {"mac": "52:54:00:00:00:01", "ipaddr": "2001:db8::9"}]
    first, second = network.subnets
    assert to_leases(given, subnets=network.subnets) == {
        "52:54:00:00:00:01": ((first.id, "10.1.0.11"), (second.id, "2001:db8::9"))
    }


def test_a_guest_is_plugged_into_the_network_that_was_chosen(driver, default):
    remote = driver.compute.create(spec_on(NetworkChoice(network_id=default.id)))
    (port,) = [port for port in driver.networks.ports() if port.instance_id == remote.id]
    assert port.network_id == default.id
    assert port.mac
    driver.compute.delete(remote.id)
    assert remote.id not in {port.instance_id for port in driver.networks.ports()}


def test_without_a_choice_a_guest_has_user_mode_and_no_port(driver):
    remote = driver.compute.create(spec_on())
    assert remote.id not in {port.instance_id for port in driver.networks.ports()}
    driver.compute.delete(remote.id)


@pytest.mark.parametrize(
    "choice",
    [
        NetworkChoice(network_id=str(uuid.uuid4())),
        NetworkChoice(network_id="no uuid"),
        NetworkChoice(network_id="dd8fe884-6c02-601e-7551-cca97df1c5df", fixed_address="192.168.122.7"),
    ],
)
def test_a_network_or_an_address_that_cannot_be_had_is_refused_and_nothing_is_left(driver, choice):
    spec = spec_on(choice)
    with pytest.raises(Refused):
        driver.compute.create(spec)
    assert driver.compute.find(spec.instance_id) is None


def test_a_domain_names_each_network_once():
    hardware = Hardware(
        kind="kvm", uuid="u", domain_name="n", disk="/d", seed="/s", console_log="/l", networks=("a", "b")
    )
    cards = parse(build(spec_on(), hardware, created_at=datetime.now(UTC))).findall("devices/interface")
    assert [(card.get("type"), card.find("source").get("network")) for card in cards] == [
        ("network", "a"), ("network", "b")
    ]  # fmt: skip


def test_nothing_is_changed_from_here(driver, default):
    for ask in (
        lambda: driver.networks.create_network(NetworkSpec(mark="m", name="n", cidr="10.0.0.0/24")),
        lambda: driver.networks.delete_network(default.id),
    ):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.reason is Reason.POLICY
    assert driver.networks.networks() == (default,)


@pytest.mark.parametrize(
    ("uri", "has_networks"),
    [("qemu:///system", True), ("qemu+ssh://root@kvm1/system", True), ("qemu:///session?socket=/x", False)],
)
def test_only_a_system_wide_libvirt_declares_networks(uri, has_networks):
    assert (Feature.NETWORKS in features_of(uri)) is has_networks
    driver = connect("libvirt", {"uri": uri, "pool": "/p", "images": "/i"})
    assert (driver.networks is not None) is has_networks

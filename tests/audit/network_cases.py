"""What is changed of networks, as cases of test_every_change.py."""

from dashboard.clouds.interface import NetworkSpec
from dashboard.networks import actions as networking
from dashboard.networks.models import Subnet
from dashboard.networks.rules import said as rule_said
from tests.instances.conftest import look

from .world import Case


def making(name, verb, **data):
    def case(world):
        asked = {"cloud": world.cloud.pk, "name": "new", "key": "k"} | data
        return Case(f"networks:{name}", [(verb, "new")], ["lab"], asked)

    return case


def allocate(world):
    data = {"cloud": world.cloud.pk, "external": world.public.pk, "key": "k"}
    return Case("networks:allocate", [("floating-ip.allocate", "–")], ["lab"], data)


def on_network(name, verb, thing, said, **data):
    def case(world):
        row = getattr(world, thing)
        return Case(f"networks:{name}", [(verb, said or str(row))], ["lab", row.pk], data)

    return case


def connect_router(world):
    assert world.router
    networks = world.cloud.driver_for(world.lab.pk).networks
    networks.create_network(NetworkSpec(mark="m", name="second", cidr="10.8.0.0/24"))
    look(world.cloud)
    subnet = Subnet.objects.get(network__name="second")
    entries = [("router.connect", str(world.router))]
    return Case("networks:connect-router", entries, ["lab", world.router.pk], {"subnet": subnet.pk})


def disconnect_router(world):
    entries = [("router.disconnect", str(world.router))]
    data = {"subnet": world.router.subnet_ids[0]}
    return Case("networks:disconnect-router", entries, ["lab", world.router.pk], data)


def add_rule(world):
    data = {"direction": "ingress", "family": "IPv4", "protocol": "tcp", "ports": "22"}
    said = "default: Lets in TCP port 22 (SSH) from anybody, over IPv4."
    return Case("networks:add-rule", [("security-group.add-rule", said)], ["lab", world.group.pk], data)


def remove_rule(world):
    rule = world.group.rules.first()
    entries = [("security-group.remove-rule", f"default: {rule_said(rule)}")]
    return Case("networks:remove-rule", entries, ["lab", world.group.pk, rule.pk])


def delete_group(world):
    group = networking.create_group(world.bob, cloud=world.cloud, name="mine", description="", key="g")
    world.work()
    return Case("networks:delete-group", [("security-group.delete", "mine")], ["lab", group.pk])


def associate(world):
    entries = [("floating-ip.associate", str(world.address))]
    return Case("networks:associate", entries, ["lab", world.address.pk], {"port": world.port.pk})


def disassociate(world):
    networking.associate(world.bob, world.address.pk, port=world.port)
    world.work()
    return Case("networks:disassociate", [("floating-ip.disassociate", str(world.address))], ["lab", world.address.pk])


CASES = {
    "networks:create": making("create", "network.create", cidr="10.5.0.0/24", has_dhcp="on"),
    "networks:delete": on_network("delete", "network.delete", "network", "own"),
    "networks:create-router": making("create-router", "router.create"),
    "networks:connect-router": connect_router,
    "networks:disconnect-router": disconnect_router,
    "networks:delete-router": on_network("delete-router", "router.delete", "router", ""),
    "networks:create-group": making("create-group", "security-group.create"),
    "networks:add-rule": add_rule,
    "networks:remove-rule": remove_rule,
    "networks:delete-group": delete_group,
    "networks:allocate": allocate,
    "networks:associate": associate,
    "networks:disassociate": disassociate,
    "networks:release": on_network("release", "floating-ip.release", "address", ""),
}

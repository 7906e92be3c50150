"""What people put around an instance: tags, a security group with a rule, a floating IP."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from dashboard.clouds.interface import (
    Driver,
    Feature,
    Networks,
    NotFound,
    RemoteFloatingIp,
    RemotePort,
    RemoteSecurityGroup,
    RuleSpec,
)

from .left import Left, Thing
from .reading import offered
from .results import NotPossible, Result, Told, Verdict, Wrong, attempt
from .waiting import looks

NAME = "skydeck-check"
RULE = RuleSpec(direction="ingress", protocol="tcp", port_min=22, port_max=22, cidr="192.0.2.0/24")
"""Lets nobody in: the range is there for examples only (RFC 5737)."""
NO_WAY_OUT = "no router leads from its network to the outside"


def around(driver: Driver, remote_id: str, *, left: Left, within_s: float) -> Iterator[Result]:
    """Of an instance that runs. What is made is noted in `left`, for whoever removes it."""
    yield attempt("tag it", lambda: tagged(driver, remote_id))
    group = GroupTrial(driver, left)
    made = attempt("make a security group", group.make)
    yield made
    if made.verdict is Verdict.PASS:
        yield attempt("add a rule to it", group.add_rule)
    address = AddressTrial(driver, left, remote_id, within_s)
    taken = attempt("take a floating IP", address.take)
    yield taken
    if taken.verdict is Verdict.PASS:
        given = attempt("give it to the instance", address.give)
        yield given
        if given.verdict is Verdict.PASS:
            yield attempt("take it from the instance", address.take_back)


def tagged(driver: Driver, remote_id: str) -> Told:
    lifecycle = offered(driver, Feature.TAGS, driver.lifecycle)
    for wanted in ((NAME,), ()):
        lifecycle.set_tags(remote_id, tags=wanted)
        if (there := driver.compute.get(remote_id).tags) != wanted:
            raise Wrong(f"asked for {wanted!r}, it has {there!r}")
    return "and untagged"


@dataclass
class GroupTrial:
    driver: Driver
    left: Left
    mark: str = field(default_factory=lambda: str(uuid.uuid4()))
    group_id: str = ""

    @property
    def networks(self) -> Networks:
        found: Networks = offered(self.driver, Feature.SECURITY_GROUPS, self.driver.networks)
        return found

    @property
    def name(self) -> str:
        return f"{NAME}-{self.mark[:8]}"

    def make(self) -> Told:
        networks = self.networks
        thing = self.left.note("remove the security group", Thing("security group", self.name, self._remove))
        self.group_id = networks.create_security_group(mark=self.mark, name=self.name).id
        thing.id = f"{self.group_id} ({self.name})"
        return self.group_id

    def add_rule(self) -> Told:
        rule = self.networks.add_rule(self.group_id, RULE)
        group = self._found()
        if group is None or rule.id not in [one.id for one in group.rules]:
            raise Wrong("the group, or its rule, is not in the list")
        return "1 rule" if len(group.rules) == 1 else f"{len(group.rules)} rules"

    def _found(self) -> RemoteSecurityGroup | None:
        return next((one for one in self.networks.security_groups() if one.mark == self.mark), None)

    def _remove(self) -> Told:
        """By its mark: the answer that told its id may have been lost."""
        if group := self._found():
            self.networks.delete_security_group(group.id)
        if group := self._found():
            raise Wrong(f"{group.id} is still there: remove it by hand")
        return "nothing of it is left"


@dataclass
class AddressTrial:
    driver: Driver
    left: Left
    remote_id: str
    within_s: float
    mark: str = field(default_factory=lambda: str(uuid.uuid4()))
    before: frozenset[str] = frozenset()
    id: str = ""

    @property
    def networks(self) -> Networks:
        found: Networks = offered(self.driver, Feature.FLOATING_IPS, self.driver.networks)
        return found

    def take(self) -> Told:
        networks = self.networks
        outside = self._outside()
        self.before = frozenset(one.id for one in networks.floating_ips())
        thing = self.left.note("release the floating IP", Thing("floating IP", "of unknown address", self._release))
        address = networks.allocate(mark=self.mark, network_id=outside)
        self.id = address.id
        thing.id = f"{address.id} ({address.address})"
        return address.address

    def _outside(self) -> str:
        """Of several networks that lead out, the one to which a router leads from the instance's."""
        port = self._port()
        subnets = {subnet for subnet, _address in port.addresses}
        ways = {r.external_network_id for r in self.networks.routers() if subnets & set(r.subnet_ids)}
        outer = [network.id for network in self.networks.networks() if network.is_external]
        if not outer:
            raise NotPossible("this cloud has no network that leads outside")
        return next((one for one in outer if one in ways), outer[0])

    def _port(self) -> RemotePort:
        for port in self.networks.ports():
            if port.instance_id == self.remote_id and port.addresses:
                return port
        raise Wrong("the instance has no port with an address")

    def give(self) -> Told:
        port = self._port()
        try:
            self.networks.associate(self.id, port_id=port.id)
        except NotFound:
            if Feature.NETWORK_EDIT not in self.driver.features:  # no routers, which could be missing
                raise
            raise NotPossible(NO_WAY_OUT) from None
        return f"{self._is_at(port.id).address} leads to {port.addresses[0][1]}"

    def take_back(self) -> Told:
        self.networks.disassociate(self.id)
        return f"{self._is_at('').address} is free"

    def _is_at(self, port_id: str) -> RemoteFloatingIp:
        for _ in looks(self.within_s):
            for one in self.networks.floating_ips():
                if one.id == self.id and one.port_id == port_id:
                    return one
        raise Wrong(f"not within {self.within_s:.0f} s")

    def _release(self) -> Told:
        """By its mark. Of one that carries none, since the answer was lost, only a person can say whose it is."""
        mine = [one for one in self.networks.floating_ips() if self.mark == one.mark or self.id == one.id]
        for one in mine:
            self.networks.release(one.id)
        there = self.networks.floating_ips()
        if still := [one.address for one in there if one.id in {mine_one.id for mine_one in mine}]:
            raise Wrong(f"{still[0]} is still there: release it by hand")
        new = [one.address for one in there if one.id not in self.before and not one.mark and not one.port_id]
        if new and not mine:
            raise Wrong(f"perhaps one of {', '.join(new)}, which came meanwhile: release what nobody uses")
        return "nothing of it is left"

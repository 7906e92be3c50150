"""Security groups: who may talk to whom."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from dashboard.clouds.interface import Conflict, Feature, NotFound, Refused, RuleSpec

from .ground import NOWHERE, needs, unique
from .networks import OnANetwork

SSH = RuleSpec(direction="ingress", protocol="tcp", port_min=22, port_max=22, cidr="192.0.2.0/24")
RULES = [
    SSH,
    RuleSpec(direction="ingress", protocol="tcp", port_min=8000, port_max=8080),
    RuleSpec(direction="egress", protocol="udp", port_min=53, port_max=53, cidr="0.0.0.0/0"),
    RuleSpec(direction="ingress", protocol="icmp"),
    RuleSpec(direction="ingress", family="IPv6", protocol="tcp", port_min=22, port_max=22, cidr="2001:db8::/32"),
]
WRONG = [
    replace(SSH, port_min=80),
    replace(SSH, cidr="2001:db8::/32"),
    replace(SSH, cidr="no cidr"),
    replace(SSH, direction="sideways"),
    replace(SSH, protocol=""),
]


class SecurityContract(OnANetwork):
    @pytest.fixture
    def group(self, driver, networks, after):
        self.require(driver, Feature.SECURITY_GROUPS)
        mark, name = str(uuid.uuid4()), unique("group")
        made = networks.create_security_group(mark=mark, name=name, description="naïve <b>")
        after.callback(networks.delete_security_group, made.id)
        assert networks.create_security_group(mark=mark, name=name).id == made.id
        return made

    def test_a_group_is_what_was_asked_for(self, networks, group):
        now = self.group_now(networks, group)
        assert (now.name, now.description) == (group.name, "naïve <b>")
        assert {rule.direction for rule in now.rules} <= {"egress"}

    @pytest.mark.parametrize("rule", RULES)
    def test_a_rule_comes_back_as_it_was_and_the_same_again_is_the_first(self, networks, group, rule):
        made = networks.add_rule(group.id, rule)
        assert networks.add_rule(group.id, rule).id == made.id
        (listed,) = [other for other in self.group_now(networks, group).rules if other.id == made.id]
        for field in ("direction", "family", "protocol", "port_min", "port_max"):
            assert getattr(listed, field) == getattr(rule, field)
        assert listed.cidr in (rule.cidr, rule.cidr or "0.0.0.0/0")

    def test_a_rule_can_name_a_group(self, networks, group):
        made = networks.add_rule(group.id, RuleSpec(direction="ingress", group_id=group.id))
        assert (made.group_id, made.protocol, made.cidr) == (group.id, "", "")

    @pytest.mark.parametrize("rule", WRONG)
    def test_a_rule_that_cannot_be_is_refused(self, networks, group, rule):
        with pytest.raises(Refused):
            networks.add_rule(group.id, rule)

    def test_a_removed_rule_is_gone_and_once_more_is_no_error(self, networks, group):
        rule = networks.add_rule(group.id, SSH)
        networks.remove_rule(rule.id)
        networks.remove_rule(rule.id)
        assert rule.id not in {left.id for left in self.group_now(networks, group).rules}

    @needs(Feature.SECURITY_GROUPS)
    def test_a_group_that_is_not_there_takes_no_rule(self, driver, networks):
        with pytest.raises(NotFound):
            networks.add_rule(NOWHERE, SSH)

    def test_a_deleted_group_is_gone_and_once_more_is_no_error(self, networks, group):
        networks.delete_security_group(group.id)
        networks.delete_security_group(group.id)
        assert group.id not in {left.id for left in networks.security_groups()}

    def test_a_port_has_exactly_the_groups_that_were_set_last(self, networks, network, launch, spec, group):
        remote = launch(self.on(network, spec))
        port = self.port_of(networks, remote.id)
        networks.set_security_groups(port.id, group_ids=[group.id])
        assert self.port_of(networks, remote.id).security_group_ids == (group.id,)
        networks.set_security_groups(port.id, group_ids=[])
        assert self.port_of(networks, remote.id).security_group_ids == ()

    def test_an_instance_is_launched_into_a_group_which_then_cannot_be_deleted(
        self, networks, network, launch, spec, group
    ):
        remote = launch(replace(self.on(network, spec), security_group_ids=(group.id,)))
        assert self.port_of(networks, remote.id).security_group_ids == (group.id,)
        with pytest.raises(Conflict):
            networks.delete_security_group(group.id)

    def test_without_a_group_it_is_in_the_places_own_one(self, networks, network, launch, spec):
        remote = launch(self.on(network, spec))
        (group_id,) = self.port_of(networks, remote.id).security_group_ids
        (name,) = [group.name for group in networks.security_groups() if group.id == group_id]
        assert name == "default"

    def group_now(self, networks, group):
        return next(other for other in networks.security_groups() if other.id == group.id)

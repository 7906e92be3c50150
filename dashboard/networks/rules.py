"""The rules of security groups: rows of what is there, and what each opens in plain words."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard.clouds.interface import RemoteRule, RuleSpec

from .models import Rule, SecurityGroup

INGRESS, EGRESS = "ingress", "egress"
ICMP = ("icmp", "ipv6-icmp", "icmpv6", "1", "58")
KNOWN_PORTS = {
    22: "SSH",
    25: "SMTP",
    53: "DNS",
    80: "HTTP",
    443: "HTTPS",
    3306: "MySQL",
    3389: "RDP",
    5432: "PostgreSQL",
}
DELICATE = {22: "SSH", 3389: "RDP"}
"""What whole networks are searched for day and night."""


def write_rules(seen: Mapping[SecurityGroup, Iterable[RemoteRule]]) -> bool:
    """Make the rules of these groups what is seen; whether anything changed. A rule never changes: it is there or not.

    What is still being added is left alone. One query when all is the same.
    """
    there = Rule.objects.filter(group__in=seen).exclude(remote_id="")
    known = dict(there.values_list("remote_id", "pk"))
    new = []
    for group, rules in seen.items():
        new += [row_of(rule, group) for rule in rules if known.pop(rule.id, None) is None]
    if known:
        Rule.objects.filter(pk__in=known.values()).delete()
    Rule.objects.bulk_create(new, batch_size=500)
    return bool(known or new)


def row_of(rule: RemoteRule, group: SecurityGroup) -> Rule:
    return Rule(
        group=group,
        remote_id=rule.id,
        direction=rule.direction,
        family=rule.family,
        protocol=rule.protocol,
        port_min=rule.port_min,
        port_max=rule.port_max,
        cidr=rule.cidr,
        peer_group_id=rule.group_id,
        description=rule.description[:255],
    )


def row_of_spec(spec: RuleSpec, group: SecurityGroup) -> Rule:
    return Rule(
        group=group,
        direction=spec.direction,
        family=spec.family,
        protocol=spec.protocol,
        port_min=spec.port_min,
        port_max=spec.port_max,
        cidr=spec.cidr,
        peer_group_id=spec.group_id,
        description=spec.description[:255],
    )


def spec_of(rule: Rule) -> RuleSpec:
    return RuleSpec(
        direction=rule.direction,
        family=rule.family,
        protocol=rule.protocol,
        port_min=rule.port_min,
        port_max=rule.port_max,
        cidr=rule.cidr,
        group_id=rule.peer_group_id,
        description=rule.description,
    )


def same_rule(group: SecurityGroup, spec: RuleSpec) -> bool:
    """Whether the group has it already; the description makes no difference."""
    everybody = {"", "0.0.0.0/0", "::/0"}
    cidrs = everybody if spec.cidr in everybody else {spec.cidr}
    same = group.rules.filter(direction=spec.direction, family=spec.family, protocol=spec.protocol, cidr__in=cidrs)
    return same.filter(port_min=spec.port_min, port_max=spec.port_max, peer_group_id=spec.group_id).exists()


# --- in words ---------------------------------------------------------------------


def is_for_all(rule: Rule) -> bool:
    """Whether the other side may be anybody."""
    if rule.peer_group_id:
        return False
    try:
        return not rule.cidr or ipaddress.ip_network(rule.cidr, strict=False).prefixlen == 0
    except ValueError:
        return False


def traffic(rule: Rule) -> str:
    """What the rule is about: `TCP port 22 (SSH)`."""
    name = rule.protocol.upper()
    if not rule.protocol:
        return _("everything")
    if rule.protocol in ICMP:
        if rule.port_min or rule.port_max:
            return _("ICMP of type %(type)s") % {"type": rule.port_min}
        return _("ping and all other ICMP")
    if not rule.port_min and not rule.port_max:
        return _("all %(protocol)s") % {"protocol": name}
    if rule.port_min == rule.port_max:
        known = f" ({KNOWN_PORTS[rule.port_min]})" if rule.port_min in KNOWN_PORTS else ""
        return _("%(protocol)s port %(port)s") % {"protocol": name, "port": rule.port_min} + known
    return _("%(protocol)s ports %(first)s to %(last)s") % {
        "protocol": name,
        "first": rule.port_min,
        "last": rule.port_max,
    }


def other_side(rule: Rule, groups: Mapping[str, str]) -> str:
    """`groups` are the names of security groups by the cloud's ids."""
    if rule.peer_group_id:
        if rule.peer_group_id == rule.group.remote_id:
            return _("members of this group")
        name = groups.get(rule.peer_group_id)
        return _("members of the group %(name)s") % {"name": name} if name else _("members of another group")
    if is_for_all(rule):
        return _("anybody")
    return rule.cidr


def said(rule: Rule, groups: Mapping[str, str] | None = None) -> str:
    """The whole rule as one sentence."""
    words = {"traffic": traffic(rule), "who": other_side(rule, groups or {}), "family": rule.family}
    if rule.direction == INGRESS:
        return _("Lets in %(traffic)s from %(who)s, over %(family)s.") % words
    return _("Lets out %(traffic)s to %(who)s, over %(family)s.") % words


def warning(rule: Rule) -> str:
    """What is dangerous about it; empty when nothing is."""
    if rule.direction != INGRESS or not is_for_all(rule):
        return ""
    if not rule.protocol:
        return _("Open to everybody: every port of every instance in this group can be reached from anywhere.")
    if rule.protocol not in ("tcp", "6"):
        return ""
    open_ports = [name for port, name in DELICATE.items() if covers(rule, port)]
    if not open_ports:
        return ""
    return _(
        "%(names)s is open to everybody, and is tried by strangers within minutes. Narrow it to your addresses."
    ) % {"names": _(" and ").join(open_ports)}


def covers(rule: Rule, port: int) -> bool:
    everything = not rule.port_min and not rule.port_max
    return everything or rule.port_min <= port <= rule.port_max


# --- templates ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A rule that many want: what the form is filled with. `within` makes the group itself the other side."""

    label: str
    direction: str = INGRESS
    protocol: str = ""
    ports: str = ""
    within: bool = False


def templates() -> dict[str, Template]:
    return {
        "ssh": Template(label="SSH", protocol="tcp", ports="22"),
        "rdp": Template(label="RDP", protocol="tcp", ports="3389"),
        "http": Template(label="HTTP", protocol="tcp", ports="80"),
        "https": Template(label="HTTPS", protocol="tcp", ports="443"),
        "ping": Template(label=_("Ping"), protocol="icmp"),
        "within": Template(label=_("All within the group"), within=True),
        "out": Template(label=_("All outgoing"), direction=EGRESS),
    }

"""The rules of security groups: rows of what is there, in the words of the person who reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dashboard.clouds.interface import RemoteRule

from .models import Rule, SecurityGroup


def write_rules(seen: Mapping[SecurityGroup, Iterable[RemoteRule]]) -> bool:
    """Make the rules of these groups what is seen; whether anything changed. A rule never changes: it is there or not.

    One query when all is the same.
    """
    known = dict(Rule.objects.filter(group__in=seen).values_list("remote_id", "pk"))
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

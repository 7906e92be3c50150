"""Which kinds of rules a cloud has: one answer for the form, the templates and the action."""

from __future__ import annotations

import ipaddress

from django.utils.translation import gettext as _

from dashboard.clouds.interface import Feature, RuleSpec
from dashboard.clouds.models import Cloud

from .rules import EGRESS, Template


def why_no_egress(cloud: Cloud) -> str:
    """This, as those below, empty where the cloud has such rules."""
    if cloud.can(Feature.RULES_EGRESS):
        return ""
    return _("The cloud %(cloud)s has no rules for what gets out: everything does.") % {"cloud": cloud.name}


def all_gets_out(cloud: Cloud) -> str:
    """Where nothing holds it back."""
    if cloud.can(Feature.RULES_EGRESS):
        return ""
    return _("All outgoing traffic is allowed: the cloud %(cloud)s has no rules for it.") % {"cloud": cloud.name}


def why_no_ipv6(cloud: Cloud) -> str:
    return "" if cloud.can(Feature.RULES_IPV6) else _("The cloud %(cloud)s has no IPv6.") % {"cloud": cloud.name}


def why_no_any_protocol(cloud: Cloud) -> str:
    if cloud.can(Feature.RULES_ANY_PROTOCOL):
        return ""
    return _("On the cloud %(cloud)s each rule is for one protocol: choose TCP, UDP or ICMP.") % {"cloud": cloud.name}


def why_not_rule(cloud: Cloud, spec: RuleSpec) -> str:
    """Why the cloud can have no such rule; empty when it can."""
    return (
        (why_no_egress(cloud) if spec.direction == EGRESS else "")
        or (why_no_ipv6(cloud) if spec.family == "IPv6" or is_ipv6(spec.cidr) else "")
        or (why_no_any_protocol(cloud) if not spec.protocol else "")
    )


def why_not_template(cloud: Cloud, template: Template) -> str:
    return (why_no_egress(cloud) if template.direction == EGRESS else "") or (
        why_no_any_protocol(cloud) if not template.protocol else ""
    )


def is_ipv6(cidr: str) -> bool:
    return bool(cidr) and ipaddress.ip_network(cidr).version == 6

"""What an entry of the catalogue is: words, and the signs by which it is recognised."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

LONGEST_VALUE = 100


@dataclass(frozen=True, slots=True)
class Sign:
    """How a cloud's answer is told from others: by its text, a regular expression whose named groups become values.

    `source` is the service (`nova`, `neutron`, ..., `libvirt`), empty for any; `status` the HTTP status, 0 for any.
    What a cloud wrote on an instance (Nova's `fault`) has no status, so that only signs without one know it.
    """

    text: str = ""
    source: str = ""
    status: int = 0

    def read(self, text: str, *, source: str, status: int) -> dict[str, str] | None:
        """The values, when it matches."""
        if (self.source and self.source != source) or (self.status and self.status != status):
            return None
        found = re.search(self.text, text, re.IGNORECASE)
        return None if found is None else {name: tame(value) for name, value in found.groupdict(default="").items()}


def tame(value: str) -> str:
    """A piece of a cloud's text that users may see: short, on one line, nothing that cannot be printed."""
    return "".join(c if c.isprintable() else " " for c in value).strip()[:LONGEST_VALUE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Cause, affected resource and next action, in words.

    `facts` are sentences with values in them, such as `%(limit)s`; one whose values are not all known is left out.
    """

    cause: Text
    affects: Text
    action: Text
    facts: tuple[Text, ...] = ()
    signs: tuple[Sign, ...] = ()

    def told(self, values: Mapping[str, str]) -> Failure:
        """The same with the values in the words."""
        words = {name: VALUE_WORDS.get(value, value) for name, value in values.items() if value}
        facts = [sentence for fact in self.facts if (sentence := filled(fact, words))]
        return replace(self, cause=" ".join([str(self.cause), *facts]), facts=())


def filled(fact: Text, words: Mapping[str, Text]) -> str:
    try:
        return str(fact) % words
    except KeyError:
        return ""


VALUE_WORDS: Mapping[str, Text] = {
    "instances": _("instances"),
    "vcpus": _("vCPUs"),
    "ram_mib": _("MiB of memory"),
    "disk_gib": _("GiB of disk"),
    "key_pairs": _("key pairs"),
    "server_groups": _("server groups"),
    "server_group_members": _("instances in one server group"),
    "metadata": _("metadata entries"),
    "volumes": _("volumes"),
    "volume_gib": _("GiB of volumes"),
    "snapshots": _("volume snapshots"),
    "backups": _("backups"),
    "networks": _("networks"),
    "subnets": _("subnets"),
    "routers": _("routers"),
    "ports": _("ports"),
    "security_groups": _("security groups"),
    "security_group_rules": _("security group rules"),
    "floating_ips": _("floating IPs"),
}
"""What values are called that are names of ours."""

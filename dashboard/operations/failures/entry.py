"""What an entry of the catalogue is: words, and the signs by which it is recognised."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.ui.templatetags.ui import amount, vcpus

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
    """Cause, affected resource and next action, in words, each perhaps with `%(place)s`: what the cloud calls a place.

    `facts` are sentences with values in them, such as `%(limit)s`; one whose values are not all known is left out.
    """

    cause: Text
    action: Text
    affects: Text = ""
    """Empty where it is not known."""
    facts: tuple[Text, ...] = ()
    signs: tuple[Sign, ...] = ()
    is_quota: bool = False
    """A limit of the cloud is reached: the page says whom to ask, and leads administrators to the limits there."""
    is_unexplained: bool = False
    """Only the cloud's own words tell more: administrators are led to them (templatetags/failures.py)."""

    def told(self, values: Mapping[str, str]) -> Failure:
        """The same with the values in the words."""
        words = {"place": VALUE_WORDS["project"], **in_words(values)}
        facts = [sentence for fact in self.facts if (sentence := filled(fact, words))]
        return replace(
            self,
            cause=" ".join([placed(self.cause, words), *facts]),
            affects=placed(self.affects, words),
            action=placed(self.action, words),
            facts=(),
        )


def in_words(values: Mapping[str, str]) -> dict[str, Text]:
    """Numbers with their units, and `of_what`: the resource as it stands behind its number."""
    resource = values.get("resource", "")
    words = {name: in_word(name, value, resource) for name, value in values.items() if value}
    return {**words, "of_what": OF_WHAT.get(resource, words["resource"])} if resource else words


def in_word(name: str, value: str, resource: str) -> Text:
    if name == "vcpus" and value.isdecimal():
        return vcpus(int(value))
    if value.isdecimal() and (name in COUNTED or name.endswith(("_mib", "_gib"))):
        return amount(int(value), resource if name in COUNTED else name)
    return VALUE_WORDS.get(value, value)


def placed(text: Text, words: Mapping[str, Text]) -> str:
    return str(text).replace("%(place)s", str(words["place"]))


def filled(fact: Text, words: Mapping[str, Text]) -> str:
    try:
        return str(fact) % words
    except KeyError:
        return ""


COUNTED = frozenset({"limit", "used", "wanted", "ours"})
"""Values that are numbers of the failure's `resource`, or of nothing that has a unit."""

OF_WHAT: Mapping[str, Text] = {"ram_mib": _("of memory"), "disk_gib": _("of disk"), "volume_gib": _("of volumes")}

VALUE_WORDS: Mapping[str, Text] = {
    "instances": _("instances"),
    "vcpus": _("vCPUs"),
    "ram_mib": _("memory"),
    "disk_gib": _("disk"),
    "key_pairs": _("key pairs"),
    "server_groups": _("server groups"),
    "server_group_members": _("instances in one server group"),
    "metadata": _("metadata entries"),
    "volumes": _("volumes"),
    "volume_gib": _("volume space"),
    "snapshots": _("volume snapshots"),
    "backups": _("backups"),
    "networks": _("networks"),
    "subnets": _("subnets"),
    "routers": _("routers"),
    "ports": _("ports"),
    "security_groups": _("security groups"),
    "security_group_rules": _("security group rules"),
    "floating_ips": _("floating IPs"),
    "project": _("project"),
    "account": _("account"),
}
"""What values are called that are names of ours."""

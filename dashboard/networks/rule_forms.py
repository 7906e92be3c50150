"""The rule editor: one rule, said in fields, checked at the field that is wrong."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.clouds.forms import mark_wrong
from dashboard.clouds.interface import RuleSpec
from dashboard.clouds.models import Cloud
from dashboard.ui.names import check_name

from .forms import parse_range
from .models import Rule, SecurityGroup
from .rule_kinds import is_ipv6, why_no_any_protocol, why_no_egress, why_no_ipv6, why_not_template
from .rules import EGRESS, INGRESS, same_rule, templates, warning

PORTS = re.compile(r"(?P<first>\d{1,5})(?:\s*[-:]\s*(?P<last>\d{1,5}))?")
LAST_PORT = 65535
WITH_PORTS = ("tcp", "udp")


class RuleForm(forms.Form):
    direction = forms.ChoiceField(
        label=gettext_lazy("Direction"),
        choices=[(INGRESS, gettext_lazy("Into the instances")), (EGRESS, gettext_lazy("Out of the instances"))],
    )
    family = forms.ChoiceField(label=gettext_lazy("Addresses"), choices=[("IPv4", "IPv4"), ("IPv6", "IPv6")])
    protocol = forms.ChoiceField(
        label=gettext_lazy("Protocol"),
        required=False,
        choices=[("", gettext_lazy("Any")), ("tcp", "TCP"), ("udp", "UDP"), ("icmp", "ICMP")],
    )
    ports = forms.CharField(
        label=gettext_lazy("Ports"),
        required=False,
        max_length=32,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("One, such as 22, or a range, such as 8000-8080; empty: all."),
    )
    cidr = forms.CharField(
        label=gettext_lazy("Other side: address range"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Such as 192.0.2.0/24, or one address; empty: anybody, or the group that is chosen."),
    )
    group = forms.ChoiceField(label=gettext_lazy("Other side: group"), required=False)
    description = forms.CharField(
        label=gettext_lazy("Description"), required=False, max_length=255, validators=[check_name]
    )

    def __init__(self, *args: Any, of: SecurityGroup, groups: Mapping[str, str], **kwargs: Any) -> None:
        """`groups` are the names of the tenant's groups on that cloud, by the cloud's ids."""
        super().__init__(*args, **kwargs)
        self.of = of
        self.offer(of.cloud)
        own = [(of.remote_id, _("Members of this group"))] if of.remote_id else []
        others = [(id_, _("Members of %(name)s") % {"name": name}) for id_, name in groups.items()]
        choices = [("", _("None")), *own, *(choice for choice in others if choice[0] != of.remote_id)]
        self.fields["group"].choices = choices  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)

    def offer(self, cloud: Cloud) -> None:
        """Only what the cloud has; of the rest a hint says why, and whoever sends it reads that too."""
        self.leave_out("direction", EGRESS, why_no_egress(cloud))
        self.leave_out("family", "IPv6", why_no_ipv6(cloud))
        self.leave_out("protocol", "", why := why_no_any_protocol(cloud))
        self.fields["protocol"].required = bool(why)

    def leave_out(self, name: str, choice: str, why: str) -> None:
        if not why:
            return
        field: Any = self.fields[name]
        field.choices = [(value, label) for value, label in field.choices if value != choice]
        field.help_text = why
        field.error_messages |= {"invalid_choice": why, "required": why}

    @staticmethod
    def filled(template: str, *, of: SecurityGroup) -> dict[str, str]:
        """The initial values for one of the templates; none for a word that is not one, or none on this cloud."""
        chosen = templates().get(template)
        if chosen is None or why_not_template(of.cloud, chosen):
            return {}
        return {
            "direction": chosen.direction,
            "protocol": chosen.protocol,
            "ports": chosen.ports,
            "group": of.remote_id if chosen.within else "",
        }

    @property
    def caution(self) -> str:
        """What is dangerous about the rule that a template filled in, before it is added."""
        if self.is_bound or not self.initial:
            return ""
        port = int(self.initial.get("ports") or 0)
        fields = {name: self.initial[name] for name in ("direction", "protocol")}
        return warning(Rule(**fields, port_min=port, port_max=port, peer_group_id=self.initial["group"]))

    def full_clean(self) -> None:
        super().full_clean()
        mark_wrong(self)

    def clean_ports(self) -> tuple[int, int]:
        """First and last; 0, 0 is all."""
        text = self.cleaned_data["ports"].strip()
        if not text:
            return 0, 0
        found = PORTS.fullmatch(text)
        if not found:
            raise forms.ValidationError(_("Type one port, such as 22, or a range, such as 8000-8080."))
        first, last = int(found["first"]), int(found["last"] or found["first"])
        if not (1 <= first <= LAST_PORT and 1 <= last <= LAST_PORT):
            raise forms.ValidationError(_("Ports go from 1 to 65535."))
        if first > last:
            raise forms.ValidationError(
                _("The range is backwards. Did you mean %(last)s-%(first)s?") % {"first": first, "last": last}
            )
        return first, last

    def clean_cidr(self) -> str:
        text: str = self.cleaned_data["cidr"].strip()
        cidr = str(parse_range(text)) if text else ""
        if is_ipv6(cidr) and (why := why_no_ipv6(self.of.cloud)):
            raise forms.ValidationError(_("%(why)s Type a range of IPv4 addresses.") % {"why": why})
        return cidr

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self.check_ports(cleaned)
        self.check_other_side(cleaned)
        if not self.errors and same_rule(self.of, self.spec):
            self.add_error(None, _("The group has this rule already."))
        return cleaned

    def check_ports(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("ports", (0, 0)) == (0, 0) or "protocol" not in cleaned:
            return
        if cleaned["protocol"] == "icmp":
            self.add_error("ports", _("ICMP has no ports. Leave this empty."))
        elif cleaned["protocol"] not in WITH_PORTS:
            self.add_error("protocol", _("Ports belong to TCP or UDP. Choose one of them, or leave the ports empty."))

    def check_other_side(self, cleaned: dict[str, Any]) -> None:
        cidr = cleaned.get("cidr")
        if not cidr:
            return
        if cleaned.get("group"):
            self.add_error("group", _("Either an address range or a group, not both. Empty one of them."))
        family = f"IPv{ipaddress.ip_network(cidr).version}"
        if cleaned.get("family") and family != cleaned["family"]:
            self.add_error("family", _("%(cidr)s is %(family)s. Choose that.") % {"cidr": cidr, "family": family})

    @property
    def spec(self) -> RuleSpec:
        cleaned = self.cleaned_data
        first, last = cleaned["ports"]
        is_icmp6 = cleaned["protocol"] == "icmp" and cleaned["family"] == "IPv6"
        return RuleSpec(
            direction=cleaned["direction"],
            family=cleaned["family"],
            protocol="ipv6-icmp" if is_icmp6 else cleaned["protocol"],
            port_min=first,
            port_max=last,
            cidr=cleaned["cidr"],
            group_id=cleaned["group"],
            description=cleaned["description"],
        )

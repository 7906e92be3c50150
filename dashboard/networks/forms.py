"""The forms of networks, routers and floating IPs: what they accept, and what they say when they do not."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.clouds.forms import mark_wrong
from dashboard.clouds.models import Cloud
from dashboard.tenancy.models import Tenant
from dashboard.ui.names import check_name

from .models import Network, Subnet
from .plugs import Plug

Range = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_range(text: str) -> Range:
    """An address range such as 10.0.0.0/24. Raises ValidationError with what to type instead."""
    text = text.strip()
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        pass
    try:
        meant = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise forms.ValidationError(_("This is no address range. It looks like 10.0.0.0/24 or fd00:1::/64.")) from error
    raise forms.ValidationError(
        _("%(text)s is an address inside of a range. Did you mean %(meant)s?") % {"text": text, "meant": meant}
    )


def parse_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError as error:
        raise forms.ValidationError(_("%(text)s is no IP address.") % {"text": text.strip()}) from error


class CloudForm(forms.Form):
    """Makes something on one of the tenant's clouds; these are offered when there are several."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    """Made with the empty form and sent back: two clicks are one request."""
    cloud = forms.ModelChoiceField(Cloud.objects.none(), label=gettext_lazy("Cloud"), empty_label=None)

    def __init__(self, *args: Any, clouds: Sequence[Cloud], cloud: Cloud, tenant: Tenant, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).update(key=uuid.uuid4().hex, cloud=cloud)
        super().__init__(*args, **kwargs)
        self.chosen_cloud, self.tenant = cloud, tenant
        self.fields["cloud"].queryset = Cloud.objects.filter(pk__in=[c.pk for c in clouds])  # type: ignore[attr-defined]
        for field in self.fields.values():  # a browser would cut what is too long without a word; we say it
            field.widget.attrs.pop("maxlength", None)

    def full_clean(self) -> None:
        super().full_clean()
        mark_wrong(self)

    def offer_external(self, name: str) -> None:
        """Networks that lead out, in the field of that name; the only one is chosen."""
        there = Network.objects.for_tenant(self.tenant).filter(cloud=self.chosen_cloud, is_external=True)
        offered = there.exclude(remote_id="")
        self.fields[name].queryset = offered  # type: ignore[attr-defined]
        if len(only := offered[:2]) == 1:
            self.initial.setdefault(name, only[0].pk)


def name_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Name"),
        max_length=255,
        validators=[check_name],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Give it a name.")},
    )


class NetworkForm(CloudForm):
    name = name_field()
    cidr = forms.CharField(
        label=gettext_lazy("Address range"),
        max_length=64,
        initial="10.0.0.0/24",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Of its subnet, such as 10.0.0.0/24: room for 253 instances."),
        error_messages={"required": gettext_lazy("Give the subnet a range, such as 10.0.0.0/24.")},
    )
    external = forms.ModelChoiceField(
        Network.objects.none(),
        label=gettext_lazy("Way to the outside"),
        required=False,
        empty_label=gettext_lazy("None: only the instances in it reach each other"),
        help_text=gettext_lazy("A router is made that leads there. Floating IPs need one."),
    )
    gateway = forms.CharField(
        label=gettext_lazy("Gateway"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("An address of the range; empty: the first one."),
    )
    dns = forms.CharField(
        label=gettext_lazy("Name servers"),
        required=False,
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Their addresses, with commas between them; empty: the cloud's own."),
    )
    has_dhcp = forms.BooleanField(
        label=gettext_lazy("Give instances their addresses by DHCP"), required=False, initial=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_external("external")

    def clean_cidr(self) -> str:
        found = parse_range(self.cleaned_data["cidr"])
        if found.num_addresses < 4:
            raise forms.ValidationError(_("This range has no room: take at least a /30, or a /126 with IPv6."))
        if found.prefixlen == 0:
            raise forms.ValidationError(_("These are all addresses that there are; take a part of them."))
        return str(found)

    def clean_dns(self) -> list[str]:
        return [parse_address(part) for part in self.cleaned_data["dns"].replace(",", " ").split()]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("gateway") and cleaned.get("cidr"):
            try:
                cleaned["gateway"] = self.gateway_in(cleaned["cidr"], cleaned["gateway"])
            except forms.ValidationError as error:
                self.add_error("gateway", error)
        return cleaned

    def gateway_in(self, cidr: str, text: str) -> str:
        address, inside = parse_address(text), ipaddress.ip_network(cidr)
        if ipaddress.ip_address(address) not in inside:
            raise forms.ValidationError(_("%(address)s is not in %(range)s.") % {"address": address, "range": cidr})
        return address

    @property
    def subnet(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("cidr", "gateway", "has_dhcp", "dns")}


class RouterForm(CloudForm):
    name = name_field()
    external = forms.ModelChoiceField(
        Network.objects.none(),
        label=gettext_lazy("Way to the outside"),
        required=False,
        empty_label=gettext_lazy("None: it only connects networks"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_external("external")


class GroupForm(CloudForm):
    name = name_field()
    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        max_length=200,
        validators=[check_name],
        help_text=gettext_lazy("What it is for."),
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name == "default":
            raise forms.ValidationError(_("Each tenant has a group of this name already. Choose another name."))
        return name


class AllocateForm(CloudForm):
    external = forms.ModelChoiceField(
        Network.objects.none(),
        label=gettext_lazy("Network that it comes from"),
        empty_label=None,
        error_messages={
            "required": gettext_lazy("Choose a network that leads out."),
            "invalid_choice": gettext_lazy("This network does not exist any more. Choose another one."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_external("external")


class ConnectForm(forms.Form):
    """A subnet of the tenant for a router."""

    subnet = forms.ModelChoiceField(
        Subnet.objects.none(),
        label=gettext_lazy("Subnet"),
        empty_label=gettext_lazy("Choose a subnet"),
        error_messages={
            "required": gettext_lazy("Choose a subnet."),
            "invalid_choice": gettext_lazy("This subnet does not exist any more. Choose another one."),
        },
    )

    def __init__(self, *args: Any, subnets: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["subnet"]
        field.queryset = subnets  # type: ignore[attr-defined]
        field.label_from_instance = lambda subnet: f"{subnet.network} · {subnet.cidr}"  # type: ignore[attr-defined]

    def full_clean(self) -> None:
        super().full_clean()
        mark_wrong(self)


class AssociateForm(forms.Form):
    """A port of an instance for a floating IP."""

    port = forms.ChoiceField(
        label=gettext_lazy("Instance"),
        error_messages={
            "required": gettext_lazy("Choose an instance."),
            "invalid_choice": gettext_lazy("This instance is not plugged in any more. Choose another one."),
        },
    )

    def __init__(self, *args: Any, plugs: Sequence[Plug], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ports = {str(plug.port.pk): plug.port for plug in plugs}
        offered = [(str(plug.port.pk), f"{plug.name} · {', '.join(plug.addresses)}") for plug in plugs]
        self.fields["port"].choices = [("", _("Choose an instance")), *offered]  # type: ignore[attr-defined]

    def full_clean(self) -> None:
        super().full_clean()
        mark_wrong(self)

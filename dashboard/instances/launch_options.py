"""What a launch may ask for beside image, flavor and name. Only what the chosen cloud declares is offered."""

from __future__ import annotations

import ipaddress
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.clouds.interface import Feature
from dashboard.clouds.models import Cloud
from dashboard.networks.choices import choices_of, zone_of
from dashboard.networks.models import Network, Port
from dashboard.tenancy.models import Tenant
from dashboard.ui.names import check_name

from .marked import MarkedForm
from .notes import tags_of
from .placing import choice_of
from .prediction.wanted import LARGEST_VOLUME_GIB

NEEDS: dict[str, Feature] = {
    "networks": Feature.NETWORKS,
    "security_groups": Feature.SECURITY_GROUPS,
    "floating_network": Feature.FLOATING_IPS,
    "boot_volume_gib": Feature.BOOT_VOLUME,
    "root_disk_gib": Feature.ROOT_DISK,
    "zone": Feature.ZONES,
    "server_group": Feature.SERVER_GROUPS,
    "group_name": Feature.SERVER_GROUPS,
    "group_policy": Feature.SERVER_GROUPS,
    "tags": Feature.TAGS,
}
POLICIES: tuple[tuple[str, str | Promise], ...] = (
    ("soft-anti-affinity", gettext_lazy("Apart, where possible")),
    ("anti-affinity", gettext_lazy("Apart, or not at all")),
    ("soft-affinity", gettext_lazy("Together, where possible")),
    ("affinity", gettext_lazy("Together, or not at all")),
)
NEW = "new"


class LaunchOptions(MarkedForm):
    networks = forms.MultipleChoiceField(
        label=gettext_lazy("Networks"), required=False, widget=forms.CheckboxSelectMultiple
    )
    security_groups = forms.MultipleChoiceField(
        label=gettext_lazy("Security groups"), required=False, widget=forms.CheckboxSelectMultiple
    )
    floating_network = forms.ChoiceField(
        label=gettext_lazy("Floating IP"),
        required=False,
        help_text=gettext_lazy("An address at which it is reached from outside. It stays yours when it is deleted."),
    )
    boot_volume_gib = forms.IntegerField(
        label=gettext_lazy("Boot from a new volume of so many GiB"),
        required=False,
        min_value=1,
        max_value=LARGEST_VOLUME_GIB,
        help_text=gettext_lazy("Empty: its disk has the flavor's size. A volume is deleted with the instance."),
    )
    root_disk_gib = forms.IntegerField(
        label=gettext_lazy("Root disk, in GiB"),
        required=False,
        min_value=1,
        max_value=LARGEST_VOLUME_GIB,
        help_text=gettext_lazy("Of an image with a root volume. Empty: the flavor's size, or the image's if larger."),
    )
    zone = forms.ChoiceField(label=gettext_lazy("Availability zone"), required=False)
    server_group = forms.ChoiceField(
        label=gettext_lazy("Server group"),
        required=False,
        help_text=gettext_lazy("Instances that are to be on the same host, or never on the same."),
    )
    group_name = forms.CharField(
        label=gettext_lazy("Name of the new server group"), required=False, max_length=255, validators=[check_name]
    )
    group_policy = forms.ChoiceField(label=gettext_lazy("Its instances are kept"), required=False, choices=POLICIES)
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("With a comma between them; 60 characters each at most."),
    )

    def __init__(self, *args: Any, cloud: Cloud, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen_cloud = cloud
        self.tenant = tenant
        self.choices = choices_of(tenant, cloud)
        self.placing = choice_of(tenant, cloud)
        self.offer_networks()
        self.offer_places()
        self.leave_out()

    def offer_networks(self) -> None:
        by_id = [(str(network.pk), str(network)) for network in self.choices.networks]
        groups = [(str(group.pk), str(group)) for group in self.choices.security_groups]
        outside = [(str(network.pk), str(network)) for network in self.choices.external_networks]
        self.fields["networks"].choices = by_id  # type: ignore[attr-defined]
        self.fields["security_groups"].choices = groups  # type: ignore[attr-defined]
        self.fields["floating_network"].choices = [  # type: ignore[attr-defined]
            ("", _("None")),
            *((pk, _("A new one from %(network)s") % {"network": name}) for pk, name in outside),
        ]
        self.initial.setdefault("networks", self.usual_networks())
        self.initial.setdefault("security_groups", [pk for pk, name in groups if name == "default"])
        if self.chosen_cloud.can(Feature.FIXED_ADDRESS):
            for network in self.choices.networks:
                self.fields[address_name(network)] = forms.GenericIPAddressField(
                    label=_("Address on %(network)s") % {"network": network},
                    required=False,
                    widget=forms.TextInput(
                        attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "decimal"}
                    ),
                    error_messages={"invalid": _("This is not an IP address.")},
                )

    def usual_networks(self) -> list[str]:
        """None where the cloud chooses; else the first of the tenant's own."""
        networks = self.choices.networks
        if self.is_network_left_to_cloud:
            return []
        own = [network for network in networks if network.is_own]
        return [str(network.pk) for network in (own or networks)[:1]]

    @property
    def is_network_left_to_cloud(self) -> bool:
        """Where none is chosen: of one network many clouds take that one, of several only those with a default."""
        several = len(self.choices.networks) > 1
        return self.chosen_cloud.can(Feature.NETWORK_DEFAULT if several else Feature.NETWORK_AUTO)

    def offer_places(self) -> None:
        self.fields["zone"].choices = [  # type: ignore[attr-defined]
            ("", _("Let the cloud choose")),
            *((zone, zone) for zone in self.placing.zones),
        ]
        words = dict(POLICIES)
        known = [(g["id"], f"{g['name']} ({words.get(g['policy'], g['policy'])})") for g in self.placing.groups]
        self.fields["server_group"].choices = [  # type: ignore[attr-defined]
            ("", _("None")),
            *known,
            (NEW, _("Make a new one")),
        ]

    def leave_out(self) -> None:
        """What the cloud does not declare, and what offers no choice."""
        for name, feature in NEEDS.items():
            if not self.chosen_cloud.can(feature):
                del self.fields[name]
        for name, offered in (
            ("networks", self.choices.networks),
            ("security_groups", self.choices.security_groups),
            ("floating_network", self.choices.external_networks),
            ("zone", self.placing.zones),
        ):
            if not offered:
                self.fields.pop(name, None)

    @property
    def chosen_networks(self) -> list[Network]:
        """As the form stands, sent or not."""
        chosen = [str(pk) for pk in self["networks"].value() or []] if "networks" in self.fields else []
        return [network for network in self.choices.networks if str(network.pk) in chosen]

    # --- for the template ----------------------------------------------------------

    @property
    def network_rows(self) -> list[dict[str, Any]]:
        """Each network with its box, and the field for an address on it where the cloud takes one."""
        chosen = self.chosen_networks
        return [
            {
                "network": network,
                "ranges": ", ".join(subnet.cidr for subnet in network.subnets.all()),
                "is_chosen": network in chosen,
                "address": self[address_name(network)] if address_name(network) in self.fields else None,
            }
            for network in self.choices.networks
        ]

    @property
    def has_options(self) -> bool:
        return any(name in self.fields for name in NEEDS)

    @property
    def is_unfolded(self) -> bool:
        """Something in the folded part is wrong, or was chosen before the form came back."""
        names = [name for name in self.fields if name in NEEDS or name.startswith("address_")]
        typed = ("floating_network", "boot_volume_gib", "root_disk_gib", "zone", "server_group", "tags")
        is_wrong = any((self.is_bound and self[name].errors) or name in self.notes for name in names)
        return is_wrong or any(map(self.initial.get, typed))

    # --- what was typed --------------------------------------------------------------

    def clean_tags(self) -> list[str]:
        return tags_of(self.cleaned_data["tags"], cloud=self.chosen_cloud)

    def clean_networks(self) -> list[Network]:
        chosen = [network for network in self.choices.networks if str(network.pk) in self.cleaned_data["networks"]]
        if chosen or self.is_network_left_to_cloud:
            return chosen
        if len(self.choices.networks) > 1:
            raise forms.ValidationError(_("Choose a network; there are several, and the cloud does not choose."))
        raise forms.ValidationError(_("Choose a network; this cloud does not choose by itself."))

    def clean_security_groups(self) -> list[str]:
        wanted = self.cleaned_data["security_groups"]
        return [group.remote_id for group in self.choices.security_groups if str(group.pk) in wanted]

    def clean_floating_network(self) -> Network | None:
        wanted = self.cleaned_data["floating_network"]
        return next((network for network in self.choices.external_networks if str(network.pk) == wanted), None)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for network in self.choices.networks:
            if address := cleaned.get(address_name(network)):
                self.check_address(network, address)
        if cleaned.get("server_group") == NEW and not cleaned.get("group_name") and "group_name" not in self.errors:
            self.add_error("group_name", _("Give the new server group a name."))
        return cleaned

    def check_address(self, network: Network, address: str) -> None:
        """As far as our rows know; only the cloud decides."""
        if network not in self.cleaned_data.get("networks", []):
            problem = _("Choose this network too, or leave the address empty.")
        else:
            problem = problem_with(network, address, tenant=self.tenant)
        if problem:
            self.add_error(address_name(network), problem)

    def asked(self) -> dict[str, Any]:
        """For actions.launch; see options.py. What was not asked for is left out."""
        cleaned = self.cleaned_data
        networks = [
            {"id": network.remote_id, "address": cleaned.get(address_name(network)) or ""}
            for network in cleaned.get("networks", [])
        ]
        asked: dict[str, Any] = {"networks": networks}
        for name in ("security_groups", "zone", "boot_volume_gib", "root_disk_gib", "tags"):
            asked[name] = cleaned.get(name)
        asked["zone"] = asked["zone"] or zone_of(cleaned.get("networks", []))
        if cleaned.get("server_group") == NEW:
            asked["new_group"] = {"name": cleaned["group_name"], "policy": cleaned["group_policy"] or POLICIES[0][0]}
        else:
            asked["server_group"] = cleaned.get("server_group")
        return {name: value for name, value in asked.items() if value}


def address_name(network: Network) -> str:
    return f"address_{network.pk.hex}"


def problem_with(network: Network, address: str, *, tenant: Tenant) -> str:
    """Why no instance can have this address on the network, as far as we know; else empty."""
    wanted = ipaddress.ip_address(address)
    ranges = {subnet: ipaddress.ip_network(subnet.cidr, strict=False) for subnet in network.subnets.all()}
    subnet = next((subnet for subnet, cidr in ranges.items() if wanted in cidr), None)
    if subnet is None:
        return _("It is not in %(ranges)s.") % {"ranges": ", ".join(str(cidr) for cidr in ranges.values())}
    cidr = ranges[subnet]
    is_edge = cidr.num_addresses > 2 and wanted.version == 4 and wanted in {cidr[0], cidr[-1]}
    if is_edge or address == subnet.gateway:
        return _("This address belongs to the network itself.")
    taken = Port.objects.for_tenant(tenant).filter(cloud=network.cloud_id, network_id=network.remote_id)
    if any(used == str(wanted) for pairs in taken.values_list("addresses", flat=True) for _subnet, used in pairs):
        return _("This address is taken.")
    return ""

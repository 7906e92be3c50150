"""A launch form that is filled in: from an instance (“launch more like this”) or from a saved template.

What is not there any more is left empty and named at its field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from dashboard.clouds.secrets import Unreadable, unseal_text
from dashboard.networks.models import Network, Port, SecurityGroup
from dashboard.tenancy.models import Tenant

from .flavors import OfferedFlavorField, is_retired
from .forms import LaunchForm
from .models import Instance, LaunchTemplate
from .notes import tags_text

Labels = dict[str, dict[str, str]]
"""What the chosen things were called: `{"image": {"<id>": "Debian 11"}}`."""
LONGEST_NAME = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefill:
    """`values` are the initial ones of the form. `unreadable`: there are user data, and they cannot be read."""

    cloud_id: UUID | None
    cloud_name: str
    values: dict[str, Any]
    labels: Labels = field(default_factory=dict)
    unreadable: bool = False

    @property
    def query(self) -> QueryDict:
        """As if the form had been sent with them."""
        query = QueryDict(mutable=True)
        for name, value in self.values.items():
            query.setlist(name, [str(one) for one in value] if isinstance(value, list) else [str(value)])
        query["cloud"] = str(self.cloud_id or "")
        return query


def unsealed(sealed: str) -> tuple[dict[str, str], bool]:
    """For `values`, and whether it is unreadable."""
    try:
        text = unseal_text(sealed)
    except Unreadable:
        return {}, True
    return ({"user_data": text} if text else {}), False


# --- from an instance ------------------------------------------------------------------


def like(instance: Instance) -> Prefill:
    asked = instance.asked
    image, flavor, key_pair = instance.image, instance.flavor, instance.key_pair
    networks, network_labels = networks_of(instance)
    groups, group_labels = choices(SecurityGroup, instance, asked.get("security_groups", []))
    outside, outside_labels = choices(
        Network, instance, [asked["floating_network"]] if asked.get("floating_network") else []
    )
    user_data, unreadable = unsealed(instance.user_data)
    values: dict[str, Any] = {
        "name": next_name(instance.tenant, instance.name),
        "image": str(instance.image_id or "gone"),
        "flavor": str(instance.flavor_id or "gone"),
        "key_pair": str(key_pair.pk) if key_pair else "",
        "public_key": "" if key_pair else instance.public_key,
        "networks": networks,
        "security_groups": groups,
        "floating_network": outside[0] if outside else "",
        "boot_volume_gib": asked.get("boot_volume_gib") or "",
        "root_disk_gib": asked.get("root_disk_gib") or "",
        "zone": chosen_zone(instance),
        "server_group": asked.get("server_group") or "",
        "tags": tags_text(list(instance.tags or asked.get("tags", []))),
        "description": instance.description,
        **user_data,
    }
    labels: Labels = {
        "image": {values["image"]: image.name if image else ""},
        "flavor": {values["flavor"]: flavor.name if flavor else ""},
        "key_pair": {values["key_pair"]: key_pair.name if key_pair else ""},
        "networks": network_labels,
        "security_groups": group_labels,
        "floating_network": outside_labels,
        "zone": {values["zone"]: values["zone"]},
        "server_group": {values["server_group"]: values["server_group"]},
    }
    kept = {name: value for name, value in values.items() if value or name in {"networks", "security_groups"}}
    if not networks and not network_labels:
        del kept["networks"]  # it was never asked: the form's own choice
    return Prefill(
        cloud_id=instance.cloud_id, cloud_name=instance.cloud.name, values=kept, labels=labels, unreadable=unreadable
    )


def networks_of(instance: Instance) -> tuple[list[str], dict[str, str]]:
    """Those that were asked for; of an instance that was not launched here, those that it is plugged into."""
    remote_ids = [network["id"] for network in instance.asked.get("networks", ())]
    if not remote_ids and instance.remote_id:
        ports = Port.objects.for_tenant(instance.tenant).filter(cloud=instance.cloud, instance_id=instance.remote_id)
        remote_ids = list(dict.fromkeys(ports.values_list("network_id", flat=True)))
    return choices(Network, instance, remote_ids)


def chosen_zone(instance: Instance) -> str:
    """Empty for the one in which its networks lie: another network brings another one."""
    zone, chosen = instance.asked.get("zone") or "", [network["id"] for network in instance.asked.get("networks", ())]
    there = Network.objects.for_tenant(instance.tenant).filter(cloud=instance.cloud, remote_id__in=chosen)
    return "" if zone and there.filter(zone=zone).exists() else zone


def choices(
    model: type[Network] | type[SecurityGroup], instance: Instance, remote_ids: list[str]
) -> tuple[list[str], dict[str, str]]:
    """The form's values of what the cloud calls `remote_ids`, with their names. What is gone stands for itself."""
    rows = model.objects.for_tenant(instance.tenant).filter(cloud=instance.cloud, remote_id__in=remote_ids)
    known = {row.remote_id: row for row in rows}
    found = {str(known[i].pk) if i in known else i: str(known[i]) if i in known else i for i in remote_ids}
    return list(found), found


def next_name(tenant: Tenant, name: str) -> str:
    """web-1 is followed by web-2, or by the next number that no instance has; web by web-2."""
    found = re.fullmatch(r"(.*?)(\d{1,9})", name, re.DOTALL)
    stem, number = (found[1], found[2]) if found else (name, "1")
    begin = stem[: LONGEST_NAME - 10] + ("" if found else "-")
    there = Instance.objects.for_tenant(tenant).present().filter(name__startswith=begin).order_by()
    taken = set(there.values_list("name", flat=True))
    following = int(number) + 1
    while (candidate := f"{begin}{str(following).zfill(len(number))}") in taken:
        following += 1
    return candidate


# --- from a template --------------------------------------------------------------------


def of_template(template: LaunchTemplate) -> Prefill:
    user_data, unreadable = unsealed(template.user_data)
    return Prefill(
        cloud_id=template.cloud_id,
        cloud_name=template.cloud_name,
        values=dict(template.values) | user_data,
        labels=dict(template.labels),
        unreadable=unreadable,
    )


# --- into the form ----------------------------------------------------------------------


def filled(prefill: Prefill, **offered: Any) -> LaunchForm:
    """The form with these values. What is not offered any more is left out and told in `form.notes`."""
    form = LaunchForm(**offered, initial=dict(prefill.values))
    if prefill.cloud_id != form.chosen_cloud.pk:
        form.remarks.append(
            _("The cloud %(name)s cannot be launched on; this is what %(other)s has.")
            % {"name": prefill.cloud_name or "–", "other": form.chosen_cloud.name}
        )
    if prefill.unreadable:
        form.remarks.append(_("Its user data cannot be read: the key that they were sealed with is gone."))
    for name, labels in prefill.labels.items():
        leave_out_gone(form, name, labels)
    form.mark_wrong_fields()
    return form


def leave_out_gone(form: LaunchForm, name: str, labels: Mapping[str, str]) -> None:
    value = form.initial.get(name)
    wanted = value if isinstance(value, list) else [value] if value else []
    gone = [one for one in wanted if not is_offered(form.fields.get(name), one)]
    if not gone:
        return
    names = ", ".join(filter(None, (labels.get(one, "") for one in gone)))
    if name not in form.fields:
        form.remarks.append(_("%(cloud)s does not offer: %(names)s.") % {"cloud": form.chosen_cloud, "names": names})
        return
    form.initial[name] = [one for one in wanted if one not in gone] if isinstance(value, list) else ""
    form.notes[name] = why_gone(form.fields[name], gone=gone, names=names)


def why_gone(choice: forms.Field, *, gone: list[str], names: str) -> str:
    if isinstance(choice, OfferedFlavorField) and is_retired(gone[0]):
        return _("An administrator retired the flavor “%(name)s”; choose another.") % {"name": names}
    if names:
        return _("%(what)s “%(name)s” does not exist any more; choose another.") % {"what": choice.label, "name": names}
    return _("What it had does not exist any more; choose another.")


def is_offered(choice: forms.Field | None, value: str) -> bool:
    if isinstance(choice, forms.ModelChoiceField):
        assert choice.queryset is not None
        try:
            return bool(choice.queryset.filter(pk=value).exists())
        except (ValidationError, ValueError):
            return False
    if isinstance(choice, forms.ChoiceField):
        return choice.valid_value(value)
    return False

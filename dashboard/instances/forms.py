"""The launch form: what it accepts, and what it says when it does not."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.clouds.models import Cloud
from dashboard.images.models import Image
from dashboard.tenancy.models import Tenant
from dashboard.ui.names import check_name

from . import naming
from .flavors import OfferedFlavorField
from .launch_options import NEW, POLICIES
from .launch_user_data import LaunchUserData
from .models import Flavor
from .naming import Named, Naming
from .prediction import Wanted, problems
from .prediction.wanted import LARGEST_VOLUME_GIB

Value = TypeVar("Value")
MOST_AT_ONCE = 50
HIGHEST_FIRST = 999999
COUNT_WRONG = gettext_lazy("Type a whole number from 1 to 50.")


class CloudField(forms.ModelChoiceField):
    def label_from_instance(self, cloud: Cloud) -> str:
        return _("%(cloud)s (in maintenance)") % {"cloud": cloud} if cloud.is_in_maintenance else str(cloud)


class LaunchForm(LaunchUserData):
    """Choices are of one cloud; the tenant's clouds are offered when there are several."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    """Made with the empty form and sent back: two clicks are one request."""
    cloud = CloudField(Cloud.objects.none(), label=gettext_lazy("Cloud"), empty_label=None)
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=255,
        validators=[check_name],
        error_messages={"required": gettext_lazy("Give the instance a name.")},
    )
    count = forms.IntegerField(
        label=gettext_lazy("How many"),
        required=False,
        min_value=1,
        max_value=MOST_AT_ONCE,
        initial=1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), COUNT_WRONG),
    )
    first = forms.IntegerField(
        label=gettext_lazy("First number"),
        required=False,
        min_value=0,
        max_value=HIGHEST_FIRST,
        initial=1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), gettext_lazy("Type a whole number from 0 to 999999.")
        ),
    )
    image = forms.ModelChoiceField(
        Image.objects.none(),
        label=gettext_lazy("Image"),
        empty_label=gettext_lazy("Choose an image"),
        error_messages={
            "required": gettext_lazy("Choose an image."),
            "invalid_choice": gettext_lazy("This image does not exist any more. Choose another one."),
        },
    )
    flavor = OfferedFlavorField(
        Flavor.objects.none(),
        label=gettext_lazy("Flavor"),
        empty_label=gettext_lazy("Choose a flavor"),
        error_messages={
            "required": gettext_lazy("Choose a flavor."),
            "invalid_choice": gettext_lazy("This flavor does not exist any more. Choose another one."),
        },
    )

    def __init__(self, *args: Any, clouds: list[Cloud], cloud: Cloud, tenant: Tenant, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).update(key=uuid.uuid4().hex, cloud=cloud)
        super().__init__(*args, cloud=cloud, tenant=tenant, **kwargs)
        self.clouds = clouds
        self.fields["cloud"].queryset = Cloud.objects.filter(pk__in=[c.pk for c in clouds])  # type: ignore[attr-defined]
        images, flavors = Image.objects.usable().for_tenant(tenant), Flavor.objects.usable().for_tenant(tenant)
        self.fields["image"].queryset = images.filter(cloud=cloud)  # type: ignore[attr-defined]
        self.fields["flavor"].queryset = flavors.filter(cloud=cloud)  # type: ignore[attr-defined]
        self.images, self.flavors = list(images.filter(cloud=cloud)), list(flavors.filter(cloud=cloud))
        # a browser would cut what is too long without a word; we say it
        self.fields["name"].widget.attrs.pop("maxlength", None)
        self.choose_the_only()
        self.mark_wrong_fields()

    def choose_the_only(self) -> None:
        """Nobody needs to choose from one."""
        for name, offered in (("image", self.images), ("flavor", self.flavors)):
            if len(offered) == 1:
                self.initial.setdefault(name, offered[0].pk)

    def clean_name(self) -> str:
        if problem := naming.problem_with(self.cleaned_data["name"]):
            raise forms.ValidationError(problem)
        return str(self.cleaned_data["name"])

    def clean_count(self) -> int:
        return self.cleaned_data["count"] or 1

    def clean_first(self) -> int:
        return 1 if self.cleaned_data["first"] is None else self.cleaned_data["first"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self.check_names()
        self.check_count()
        is_size_wrong = {"boot_volume_gib", "root_disk_gib"} & set(self.errors)
        for problem in () if is_size_wrong else problems(self.considered(self.data)):
            if problem.field not in self.errors:
                self.add_error(problem.field, problem.text)
        return cleaned

    def check_names(self) -> None:
        try:
            self.named = naming.names_for(self.tenant, self.naming)
        except naming.TooLong as error:
            self.add_error("name", str(error))

    def check_count(self) -> None:
        """An address is one instance's alone."""
        addresses = [name for name in self.fields if name.startswith("address_") and self.cleaned_data.get(name)]
        for name in addresses if self.naming.count > 1 else []:
            self.add_error(name, _("Only one instance can have this address; leave it empty to launch several."))

    @property
    def naming(self) -> Naming:
        """What to call them, as far as it was typed well."""
        cleaned = self.cleaned_data
        first = cleaned.get("first")
        return Naming(
            pattern=cleaned.get("name", ""), count=cleaned.get("count") or 1, first=1 if first is None else first
        )

    def wanted(self) -> dict[str, Any]:
        """For actions.launch and launch_many, beside the name; only after `is_valid`."""
        plain = ("key", "cloud", "image", "flavor")
        return {
            **{name: self.cleaned_data[name] for name in plain},
            **self.key_settings,
            "user_data": self.cleaned_data.get("user_data", ""),
            "asked": self.asked(),
            "floating_network": self.cleaned_data.get("floating_network"),
        }

    def considered(self, values: Mapping[str, Any]) -> Wanted:
        """What was typed so far, as far as it can be understood; what was not typed is as the form begins."""
        typed = {**self.initial, **{name: values[name] for name in values}}
        policy, group = self.group_of(typed)
        return Wanted(
            tenant=self.tenant,
            cloud=self.chosen_cloud,
            count=whole(typed.get("count"), most=MOST_AT_ONCE) or 1,
            image=next((image for image in self.images if str(image.pk) == str(typed.get("image"))), None),
            flavor=next((flavor for flavor in self.flavors if str(flavor.pk) == str(typed.get("flavor"))), None),
            boot_volume_gib=self.offered("boot_volume_gib", whole(typed.get("boot_volume_gib"), LARGEST_VOLUME_GIB), 0),
            root_disk_gib=self.offered("root_disk_gib", whole(typed.get("root_disk_gib"), LARGEST_VOLUME_GIB), 0),
            has_floating_ip=self.offered("floating_network", bool(typed.get("floating_network")), False),
            zone=self.offered("zone", str(typed.get("zone") or ""), ""),
            networks=self.chosen_networks,
            policy=policy,
            server_group=group,
        )

    def as_sent(self) -> LaunchForm:
        """A form that is only shown, as if it were sent as it stands."""
        data = QueryDict(mutable=True)
        for name in self.fields:
            value = self[name].value()
            several = value if isinstance(value, list | tuple) else [] if value is None else [value]
            data.setlist(name, [str(one) for one in several])
        return LaunchForm(data, clouds=self.clouds, cloud=self.chosen_cloud, tenant=self.tenant)

    def untouched(self) -> LaunchForm:
        """The form as it begins."""
        return LaunchForm(clouds=self.clouds, cloud=self.chosen_cloud, tenant=self.tenant)

    @property
    def names_found(self) -> Named | None:
        """What they would be called, of a form that was sent; None where the name is wrong."""
        return None if "name" in self.errors else self.named

    def offered(self, name: str, value: Value, otherwise: Value) -> Value:
        return value if name in self.fields else otherwise

    def group_of(self, typed: Mapping[str, Any]) -> tuple[str, str]:
        """The policy of the server group and its id, which a new one has not yet."""
        chosen = typed.get("server_group") if "server_group" in self.fields else ""
        if chosen == NEW:
            return str(typed.get("group_policy") or POLICIES[0][0]), ""
        return next(((g["policy"], g["id"]) for g in self.placing.groups if g["id"] == chosen), ("", ""))


def whole(value: Any, most: int) -> int:
    """A number from 1 to `most` as it was typed; 0 for anything else."""
    text = str(value or "").strip()
    number = int(text) if text.isdecimal() and len(text) <= 9 else 0
    return number if number <= most else 0

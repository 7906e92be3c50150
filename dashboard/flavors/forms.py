"""The form of a flavor: a name and three numbers, and beside each what it was."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.instances.models import Flavor
from dashboard.quotas.forms import MarkedForm
from dashboard.quotas.limits import digits_of
from dashboard.quotas.plans import key_of
from dashboard.ui.names import check_name

from .actions import FIELDS, Wanted

MIB_OF_TIB = 1024 * 1024


class NumberField(forms.CharField):
    """A whole number in words that say what is wrong: browsers drop what a number field cannot show."""

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        marks = {"autocomplete": "off", "spellcheck": "false", "inputmode": "numeric", "size": "12"}
        super().__init__(widget=forms.TextInput(attrs=marks), **kwargs)
        self.least, self.most = least, most

    def clean(self, value: Any) -> Any:
        typed = digits_of(str(value or ""))
        if re.fullmatch(r"0*[0-9]{1,9}", typed) and self.least <= int(typed[-9:]) <= self.most:
            return int(typed[-9:])
        least, most = (number_format(number, force_grouping=True) for number in (self.least, self.most))
        said = {"least": least, "most": most, "typed": typed[:40]}
        if not typed:
            raise ValidationError(_("Type a whole number from %(least)s to %(most)s.") % said, code="required")
        raise ValidationError(_("“%(typed)s” will not do: type a whole number from %(least)s to %(most)s.") % said)


class FlavorForm(MarkedForm):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=64,
        validators=[check_name],
        error_messages={"required": gettext_lazy("Give the flavor a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "auto"}),
    )
    vcpus = NumberField(label=gettext_lazy("vCPUs"), least=1, most=256)
    ram_mib = NumberField(label=gettext_lazy("Memory (MiB)"), least=64, most=4 * MIB_OF_TIB)
    disk_gib = NumberField(label=gettext_lazy("Disk (GiB)"), least=1, most=65536)

    def __init__(self, data: Any = None, *, flavor: Flavor | None = None) -> None:
        self.flavor = flavor
        super().__init__(data, initial={name: getattr(flavor, name) for name in FIELDS} if flavor else None)
        self.fields["name"].widget.attrs.pop("maxlength", None)  # what is too long is said, not cut off
        self.mark_wrong()

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not key_of(name):
            raise ValidationError(_("Give the flavor a name."))
        return name

    @property
    def wanted(self) -> Wanted:
        """For the actions; only after `is_valid`."""
        typed = self.cleaned_data
        return Wanted(name=typed["name"], vcpus=typed["vcpus"], ram_mib=typed["ram_mib"], disk_gib=typed["disk_gib"])

    @property
    def was(self) -> dict[str, Any]:
        """As the page showed it. What it does not say is taken to be as it is."""
        assert self.flavor is not None
        shown: dict[str, Any] = {name: getattr(self.flavor, name) for name in FIELDS}
        for name in FIELDS:
            said = self.data.get(f"was-{name}") if self.is_bound else None
            if said is not None:
                shown[name] = said if name == "name" else int(said) if re.fullmatch(r"[0-9]{1,9}", said) else None
        return shown

    @property
    def hidden(self) -> list[tuple[str, Any]]:
        """What the next answer is compared with: `(name, value)`."""
        return [(f"was-{name}", value) for name, value in self.was.items()] if self.flavor else []

    def refuse(self, now: Flavor) -> None:
        """Say both values at each field; sent once more, the one that was typed counts."""
        told = _(
            "Somebody else changed it from %(shown)s to %(now)s since you opened this page. "
            "Save again to make it %(wanted)s."
        )
        data: Any = self.data
        data, shown, wanted = data.copy(), self.was, dict(self.wanted)
        for name in FIELDS:
            is_now = getattr(now, name)
            data[f"was-{name}"] = str(is_now)
            if is_now not in (shown[name], wanted[name]):
                self.add_error(name, told % {"shown": shown[name], "now": is_now, "wanted": wanted[name]})
        self.data = data
        self.mark_wrong()

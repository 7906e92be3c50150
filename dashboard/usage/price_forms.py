"""A list of prices, typed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.ui.names import check_line

from .actions import PRICES
from .ranges import DayField

NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
TWO_WAYS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
"""`1,000` is a thousand to some, and one to others."""
MOST = Decimal(10) ** 8
PLACES = 6
LABELS = {
    "instance_hour": gettext_lazy("An instance, an hour"),
    "vcpu_hour": gettext_lazy("A vCPU, an hour"),
    "ram_gib_hour": gettext_lazy("A GiB of memory, an hour"),
    "disk_gib_hour": gettext_lazy("A GiB of disk, an hour"),
}


class PriceField(forms.CharField):
    def clean(self, value: Any) -> Decimal:
        typed = str(value or "").strip()
        if not typed:
            raise ValidationError(_("Type a price, or 0 where it costs nothing."))
        if typed.startswith(("-", "−")):
            raise ValidationError(_("A price cannot be less than 0."))
        if TWO_WAYS.fullmatch(typed):
            told = _("“%(typed)s” can be read in two ways. Type %(large)s or %(small)s.")
            both = {"large": typed.replace(",", ""), "small": typed.replace(",", ".")}
            raise ValidationError(told % {"typed": typed, **both})
        if not NUMBER.fullmatch(typed):
            told = _("“%(typed)s” is no price. Type a number such as 0.05.")
            raise ValidationError(told % {"typed": typed[:40]})
        whole, _point, part = typed.replace(",", ".").partition(".")
        if len(part.rstrip("0")) > PLACES:
            raise ValidationError(_("At most %(places)s digits after the point.") % {"places": PLACES})
        if len(whole.lstrip("0")) > len(str(MOST)) - 1:
            raise ValidationError(_("This is too much. At most %(most)s.") % {"most": MOST - 1})
        return Decimal(f"{whole}.{part.rstrip('0') or 0}")


def check_currency(word: str) -> None:
    """Raises ValidationError for what is neither a word nor a sign of money: files of others might reckon with it."""
    kinds = [unicodedata.category(letter) for letter in word]
    if not all(kind[0] in "LM" or kind == "Sc" or letter in " ." for kind, letter in zip(kinds, word, strict=True)):
        raise ValidationError(_("A currency is letters, or a sign such as €."))


class PriceListForm(forms.Form):
    valid_from = DayField(label=gettext_lazy("From"))
    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        max_length=16,
        validators=[check_line, check_currency],
        help_text=gettext_lazy("A word that stands beside amounts, such as EUR. Nothing is converted."),
        error_messages={"required": gettext_lazy("Type a currency, such as EUR.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, data: Any = None, *, today: date, before: Any = None) -> None:
        """`before`: the list whose prices it begins with, where there is one."""
        initial = {"valid_from": today, "currency": before.currency if before else ""}
        super().__init__(data, initial=initial)
        for name in PRICES:
            marks = {"autocomplete": "off", "inputmode": "decimal", "spellcheck": "false"}
            shown = f"{getattr(before, name).normalize():f}" if before else None
            self.fields[name] = PriceField(label=LABELS[name], initial=shown, widget=forms.TextInput(attrs=marks))

    def mark_wrong(self) -> None:
        """Screen readers find the message of a wrong field, the keyboard begins there."""
        wrong = [field.name for field in self.visible_fields() if self.is_bound and field.errors]
        for name in wrong:
            marks = {"aria-invalid": "true", "aria-describedby": f"{name}-error", "autofocus": name == wrong[0]}
            self.fields[name].widget.attrs.update(marks)

    @property
    def prices(self) -> dict[str, Decimal]:
        return {name: self.cleaned_data[name] for name in PRICES}

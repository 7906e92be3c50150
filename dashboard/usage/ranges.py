"""Which days are asked for: a name for those that are asked for often, or two dates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .reading import Days

MOST_DAYS = 400
NAMED: dict[str, str | Promise] = {
    "this-month": gettext_lazy("This month"),
    "last-month": gettext_lazy("Last month"),
    "30-days": gettext_lazy("Last 30 days"),
}


def named(name: str, *, today: date) -> Days:
    month = today.replace(day=1)
    if name == "last-month":
        last = month - timedelta(days=1)
        return Days(last.replace(day=1), last)
    return Days(today - timedelta(days=29), today) if name == "30-days" else Days(month, today)


class DayField(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        said = {name: gettext_lazy("Type a date such as 2026-11-30.") for name in ("required", "invalid")}
        widget = forms.DateInput(attrs={"type": "date", "autocomplete": "off"}, format="%Y-%m-%d")
        super().__init__(input_formats=["%Y-%m-%d"], widget=widget, error_messages=said, **kwargs)


class RangeForm(forms.Form):
    first = DayField(label=gettext_lazy("From"))
    last = DayField(label=gettext_lazy("To"))

    def __init__(self, data: Any = None, *, today: date, initial: Days | None = None) -> None:
        self.today = today
        super().__init__(data, initial={"first": initial.first, "last": initial.last} if initial else None)
        for name in ("first", "last"):
            self.fields[name].widget.attrs["max"] = today.isoformat()
            if self.is_bound and name in self.errors:
                self.fields[name].widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"{name}-error"}

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if last and last > self.today:
            self.add_error("last", _("That day has not come yet. Today is %(day)s.") % {"day": self.today})
        elif first and last and first > last:
            self.add_error("first", _("This is after the last day, %(day)s.") % {"day": last})
        elif first and last and (last - first).days >= MOST_DAYS:
            told = _("These are %(days)s days. At most %(most)s can be looked at once.")
            self.add_error("first", told % {"days": (last - first).days + 1, "most": MOST_DAYS})
        return self.cleaned_data


class Asked:
    """`days` is None where what was typed makes no range; the form says why. `name` is empty for dates."""

    def __init__(self, query: QueryDict, *, today: date) -> None:
        name = query.get("range", "")
        self.name = name if name in NAMED else "" if "first" in query or "last" in query else "this-month"
        self.days: Days | None
        if self.name:
            self.days = named(self.name, today=today)
            self.form = RangeForm(today=today, initial=self.days)
            return
        self.form = RangeForm(query, today=today)
        is_right = self.form.is_valid()
        self.days = Days(self.form.cleaned_data["first"], self.form.cleaned_data["last"]) if is_right else None

    @property
    def query(self) -> str:
        """For links to the same days."""
        if self.name:
            return f"range={self.name}"
        return f"first={self.days.first}&last={self.days.last}" if self.days else ""

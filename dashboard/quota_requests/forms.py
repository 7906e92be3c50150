"""Asking, deciding, and the rules: what the forms accept, and what they say when they do not."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.quotas.actions import Change
from dashboard.quotas.forms import MarkedForm
from dashboard.quotas.limits import hint_of, in_its_unit, read_limit, show_limit, unit_of
from dashboard.quotas.models import Resource
from dashboard.quotas.usage import COMPUTE
from dashboard.ui.templatetags.ui import amount

from .actions import Grant, problem_of
from .ceilings import Ceilings
from .models import MOST_COMMENT, MOST_REASON, Rules, Wish
from .rules import MOST_DAYS, MOST_PERCENT
from .wanted import Limit, is_more, read_wish

TYPED = {"autocomplete": "off", "spellcheck": "false", "inputmode": "text", "size": "12"}


def text_field(label: Any, *, most: int, **kwargs: Any) -> forms.CharField:
    """Several lines; what is too long is said, not cut off."""
    told = _("That is too long: the most is %(most)s characters.") % {"most": most}
    return forms.CharField(
        label=label,
        validators=[lambda text: check_length(text, most=most, told=told)],
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        **kwargs,
    )


def check_length(text: str, *, most: int, told: str) -> None:
    if len(text) > most:
        raise ValidationError(told)


class WishField(forms.CharField):
    """How much of one limit is wanted: the new limit, or `+2`. Empty: not asked for."""

    def __init__(self, now: Limit) -> None:
        unit = unit_of(now.resource)
        what = f"{now.resource.label} ({unit})" if unit else now.resource.label
        label = _("%(what)s on %(cloud)s") % {"what": what, "cloud": now.cloud.name} if now.cloud else what
        widget = forms.TextInput(attrs=dict(TYPED))
        super().__init__(label=label, required=False, help_text=hint_of(now.resource), widget=widget)
        self.now = now

    def clean(self, value: Any) -> Any:
        typed = str(value or "")
        return read_wish(typed, self.now) if typed.strip() else ""


class AskForm(MarkedForm):
    """The tenant's limits, each with a field for more of it, and why."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    launch = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, limits: Sequence[Limit], **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("key", uuid.uuid4().hex)
        super().__init__(data, **kwargs)
        self.limits = [limit for limit in limits if limit.limit is not None]
        for limit in self.limits:
            self.fields[limit.name] = WishField(limit)
        self.fields["reason"] = text_field(
            _("Why it is needed"),
            most=MOST_REASON,
            error_messages={"required": _("Say what it is for: whoever decides reads it.")},
            help_text=_("Everybody in this tenant can read it."),
        )
        self.fields["with_launch"] = forms.BooleanField(
            required=False, initial=True, label=_("Start the launch by itself once this is approved")
        )
        self.mark_wrong()

    def clean_reason(self) -> str:
        return str(self.cleaned_data["reason"]).replace("\0", "").strip()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not any(limit.name in self.errors for limit in self.limits) and not self.wanted:
            self.add_error(None, _("Type at least one limit that you need, as a number such as 20, or as +2."))
        return cleaned

    @property
    def wanted(self) -> list[tuple[Limit, int | None]]:
        known = [(limit, self.cleaned_data.get(limit.name, "")) for limit in self.limits]
        return [(limit, value) for limit, value in known if value != ""]

    @property
    def lost_key(self) -> bool:
        return self.is_bound and bool(self.errors.get("key"))

    # --- for the template ----------------------------------------------------------

    def rows(self, limits: Sequence[Limit]) -> list[tuple[Any, Any]]:
        """Each field with what is used of the limit that is so now."""
        return [(self[limit.name], limit.usage) for limit in limits]

    @property
    def compute(self) -> list[tuple[Any, Any]]:
        return self.rows([limit for limit in self.limits if not limit.cloud and limit.resource in COMPUTE])

    @property
    def others(self) -> list[tuple[Any, Any]]:
        return self.rows([limit for limit in self.limits if not limit.cloud and limit.resource not in COMPUTE])

    @property
    def on_clouds(self) -> list[tuple[Any, Any]]:
        return self.rows([limit for limit in self.limits if limit.cloud])

    def is_filled(self, rows: Sequence[tuple[Any, Any]]) -> bool:
        return any(field.value() or field.errors for field, _usage in rows)

    @property
    def others_filled(self) -> bool:
        return self.is_filled(self.others)

    @property
    def on_clouds_filled(self) -> bool:
        return self.is_filled(self.on_clouds)


class DecideForm(MarkedForm):
    """What is given of each wish, beginning with all of it. `now` are the limits: `{wish's pk: limit}`."""

    def __init__(
        self,
        data: Any = None,
        *,
        wishes: Sequence[Wish],
        now: Mapping[int, int | None],
        ceilings: Ceilings | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.wishes, self.now, self.ceilings = list(wishes), now, ceilings
        for wish in self.wishes:
            unit = unit_of(wish.resource)
            what = f"{wish.kind.label} ({unit})" if unit else str(wish.kind.label)
            label = _("%(what)s on %(cloud)s") % {"what": what, "cloud": wish.cloud.name} if wish.cloud else what
            begins = wish.limit if is_more(wish.limit, now[wish.pk]) else now[wish.pk]
            self.fields[wish.name] = forms.CharField(
                label=label,
                help_text=hint_of(wish.resource),
                required=self.decision in {"", "approve"},
                initial=show_limit(begins, word=wish.word),
                error_messages={"required": _("Type a number, or “%(word)s”.") % {"word": wish.word}},
                widget=forms.TextInput(attrs=dict(TYPED)),
            )
        self.fields["comment"] = text_field(_("Comment"), most=MOST_COMMENT, required=False)
        self.mark_wrong()

    @property
    def decision(self) -> str:
        return str(self.data.get("decision", "")) if self.is_bound else ""

    def clean_comment(self) -> str:
        comment = str(self.cleaned_data["comment"]).replace("\0", "").strip()
        if self.decision == "deny" and not comment:
            raise ValidationError(_("Say why, so that whoever asked knows what to do."))
        return comment

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self.grants: list[Grant] = []
        if self.decision not in {"approve", "endorse", "deny"}:
            self.add_error(None, _("Approve, endorse or deny it."))
        if self.decision != "approve":
            return cleaned
        for wish in self.wishes:
            if wish.name not in self.errors:
                self.read(wish)
        if len(self.grants) == len(self.wishes) and not any(grant.is_given for grant in self.grants):
            self.add_error(None, _("Nothing of it would be more than it is now. Give more, or deny it."))
        return cleaned

    def read(self, wish: Wish) -> None:
        try:
            typed = in_its_unit(str(self.cleaned_data.get(wish.name, "")), wish.resource)
            limit = read_limit(typed, word=wish.word)
        except ValidationError as error:
            self.add_error(wish.name, error)
            return
        grant = Grant(wish=wish, was=self.shown(wish), limit=limit)
        if problem := problem_of(grant, ceilings=self.ceilings):
            self.add_error(wish.name, problem)
        else:
            self.grants.append(grant)

    def shown(self, wish: Wish) -> int | None:
        """The limit that the form showed: what somebody else changed since is seen."""
        try:
            return read_limit(self.data[f"was-{wish.pk}"], word=wish.word)
        except (KeyError, ValidationError):
            return self.now[wish.pk]

    def refuse(self, changes: Sequence[Change]) -> None:
        """Somebody else changed limits since: say it at each; sent once more, what is typed counts."""
        data: Any = self.data
        self.data = data = data.copy()
        for wish in self.wishes:
            for change in changes:
                if (change.cloud_id, change.resource) == (wish.cloud_id, wish.resource):
                    said = wish.word if change.was is None else amount(change.was, wish.resource)
                    told = _("Somebody else changed this limit to %(now)s since you opened the page. Decide again.")
                    self.add_error(wish.name, told % {"now": said})
                    data[f"was-{wish.pk}"] = show_limit(change.was, word=wish.word)
        self.mark_wrong()

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the next answer is compared with."""
        return [
            (f"was-{w.pk}", show_limit(self.shown(w) if self.is_bound else self.now[w.pk], word=w.word))
            for w in self.wishes
        ]

    @property
    def rows(self) -> list[tuple[Any, Wish, int | None]]:
        return [(self[wish.name], wish, self.now[wish.pk]) for wish in self.wishes]


class RulesForm(MarkedForm):
    """What is approved without an administrator."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    is_on = forms.BooleanField(required=False, label=gettext_lazy("Approve small requests by themselves"))
    percent = forms.IntegerField(
        label=gettext_lazy("At most so many % more than the limit is"), min_value=1, max_value=MOST_PERCENT
    )
    days = forms.IntegerField(
        label=gettext_lazy("Not twice for one limit of a tenant within so many days"), min_value=1, max_value=MOST_DAYS
    )
    resources = forms.MultipleChoiceField(
        label=gettext_lazy("Only of these"), required=False, widget=forms.CheckboxSelectMultiple
    )
    managers_percent = forms.IntegerField(
        label=gettext_lazy("Managers may approve up to so many % over their tenant's plan"),
        min_value=0,
        max_value=MOST_PERCENT,
        help_text=gettext_lazy("0: they only endorse, and administrators approve."),
    )

    def __init__(self, data: Any = None, *, rules: Rules) -> None:
        names = ("version", "is_on", "percent", "days", "resources", "managers_percent")
        super().__init__(data, initial={name: getattr(rules, name) for name in names})
        self.fields["resources"].choices = Resource.choices  # type: ignore[attr-defined]
        for name in ("percent", "days", "managers_percent"):
            field: Any = self.fields[name]
            wrong = _("Type a whole number from %(least)s to %(most)s.")
            said = wrong % {"least": field.min_value, "most": field.max_value}
            field.error_messages |= dict.fromkeys(("invalid", "required"), said)
            for check in field.validators:
                check.message = said
            field.widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": "6"})
        self.mark_wrong()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("is_on") and not cleaned.get("resources") and "resources" not in self.errors:
            self.add_error("resources", _("Choose at least one: else the rule approves nothing."))
        return cleaned

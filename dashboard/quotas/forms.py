"""Forms of limits: a text for each resource, that is a number or a word, and beside it what it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.ui.names import check_name
from dashboard.ui.templatetags.ui import amount

from .actions import Change
from .limits import UNLIMITED, hint_of, in_its_unit, read_limit, show_limit, unit_of
from .models import Plan, Resource
from .plans import key_of


class LimitField(forms.CharField):
    """`word` is what stands for no number: unlimited, or none of its own. Optional ones are left as they are."""

    def __init__(self, resource: Resource, *, word: str = UNLIMITED, **kwargs: Any) -> None:
        unit = unit_of(resource)
        label = f"{resource.label} ({unit})" if unit else resource.label
        marks = {"autocomplete": "off", "spellcheck": "false", "inputmode": "text", "size": "12"}
        super().__init__(label=label, widget=forms.TextInput(attrs=marks), help_text=hint_of(resource), **kwargs)
        self.resource, self.word = resource, word

    def clean(self, value: Any) -> Any:
        """An int, None for the word; an empty text where nothing was typed and need not be."""
        typed = in_its_unit(str(value or ""), self.resource)
        return "" if not self.required and not typed.strip() else read_limit(typed, word=self.word)


class MarkedForm(forms.Form):
    """Screen readers find the message of a wrong field, the keyboard begins there."""

    def mark_wrong(self) -> None:
        wrong = [field.name for field in self.visible_fields() if self.is_bound and field.errors]
        for name in wrong:
            marks = {"aria-invalid": "true", "aria-describedby": f"{name}-error", "autofocus": name == wrong[0]}
            self.fields[name].widget.attrs.update(marks)


class LimitsForm(MarkedForm):
    """Limits that are there, and what they were when the form was made: what somebody else changed since is seen."""

    def __init__(
        self, data: Any = None, *, now: Mapping[str, int | None], resources: Iterable[Resource], word: str = UNLIMITED
    ) -> None:
        super().__init__(data)
        self.now, self.word, self.resources = now, word, list(resources)
        for resource in self.resources:
            self.fields[resource.value] = LimitField(resource, word=word, initial=show_limit(now[resource], word=word))
        self.mark_wrong()

    @property
    def was(self) -> dict[str, int | None]:
        """As the form showed them. What it does not say is taken to be as it is."""
        shown = dict(self.now)
        for resource in self.resources:
            try:
                shown[resource] = read_limit(self.data[f"was-{resource.value}"], word=self.word)
            except (KeyError, ValidationError):
                continue
        return shown

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the next answer is compared with: `(name, value)`."""
        return [(f"was-{name}", show_limit(limit, word=self.word)) for name, limit in self.was.items()]

    def changes(self, *, tenant_id: Any, cloud_id: Any = None) -> list[Change]:
        was = self.was
        return [
            Change(
                tenant_id=tenant_id,
                cloud_id=cloud_id,
                resource=resource.value,
                was=was[resource],
                limit=self.cleaned_data[resource.value],
            )
            for resource in self.resources
        ]

    def refuse(self, changed: Sequence[Change]) -> None:
        """Say both values at each field; sent once more, the one that was typed counts."""
        data: Any = self.data
        self.data = data = data.copy()
        shown = self.was
        for change in changed:
            self.add_error(change.resource, meanwhile(change, shown=shown[change.resource], word=self.word))
            data[f"was-{change.resource}"] = show_limit(change.was, word=self.word)
        self.mark_wrong()


def meanwhile(change: Change, *, shown: int | None, word: str) -> str:
    told = _(
        "Somebody else changed it from %(shown)s to %(now)s since you opened this page. "
        "Save again to make it %(wanted)s."
    )
    said = {"shown": shown, "now": change.was, "wanted": change.limit}
    return told % {name: word if value is None else amount(value, change.resource) for name, value in said.items()}


def plan_choices() -> list[tuple[str, Any]]:
    return [("", _("No plan")), *((str(plan.pk), plan.name) for plan in Plan.objects.all())]


class BulkForm(MarkedForm):
    """What many tenants are to have: a plan, or single limits, or a plan but for some limits."""

    plan = forms.ChoiceField(label=gettext_lazy("Plan"), required=False)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["plan"].choices = plan_choices()  # type: ignore[attr-defined]
        for resource in Resource:
            self.fields[resource.value] = LimitField(resource, required=False)
        self.mark_wrong()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not cleaned.get("plan") and not self.typed:
            raise ValidationError(_("Choose a plan, or type at least one limit."))
        return cleaned

    @property
    def typed(self) -> dict[str, int | None]:
        known = {resource: self.cleaned_data.get(resource.value, "") for resource in Resource}
        return {resource.value: limit for resource, limit in known.items() if limit != ""}

    @property
    def chosen(self) -> Plan | None:
        return Plan.objects.filter(pk=self.cleaned_data["plan"]).first() if self.cleaned_data.get("plan") else None

    def limits(self, plan: Plan | None) -> dict[str, int | None]:
        of_plan = {resource.value: plan.limit_of(resource) for resource in Resource} if plan else {}
        return of_plan | self.typed


class PlanForm(MarkedForm):
    """A plan's name and limits. `version` is which of its states the form showed."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=64,
        validators=[check_name],
        error_messages={"required": gettext_lazy("Give the plan a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "auto"}),
    )
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, plan: Plan | None = None, **kwargs: Any) -> None:
        self.plan = plan
        kept = {"name": plan.name, "version": plan.version, "is_default": plan.is_default} if plan else {}
        super().__init__(data, initial=kept, **kwargs)
        self.fields["name"].widget.attrs.pop("maxlength", None)  # what is too long is said, not cut off
        for resource in Resource:
            limit = show_limit(plan.limit_of(resource)) if plan else ""
            self.fields[resource.value] = LimitField(resource, initial=limit)
        self.fields["is_default"] = forms.BooleanField(required=False, label=_("New tenants get this plan"))
        self.mark_wrong()

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not key_of(name):
            raise ValidationError(_("Give the plan a name."))
        return name

    @property
    def limits(self) -> dict[str, int | None]:
        return {resource.value: self.cleaned_data[resource.value] for resource in Resource}

    @property
    def limit_fields(self) -> list[Any]:
        return [self[resource.value] for resource in Resource]

    def refuse(self, now: Plan) -> None:
        """Another saved it since: say what it is now wherever that differs from what is typed here."""
        data: Any = self.data
        self.data = data = data.copy()
        for resource in Resource:
            limit = now.limit_of(resource)
            if limit != self.cleaned_data.get(resource.value):
                told = _("Somebody else saved this plan since you opened it: here it has %(now)s.")
                self.add_error(resource.value, told % {"now": amount(limit, resource)})
        if now.name != self.cleaned_data.get("name"):
            told = _("Somebody else saved this plan since you opened it: it is “%(now)s” now.")
            self.add_error("name", told % {"now": now.name})
        self.add_error(None, _("Somebody else saved this plan since you opened it. Save again to let yours count."))
        data["version"] = str(now.version)
        self.mark_wrong()

"""Forms of tenants."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.accounts.models import User
from dashboard.quotas.models import Plan
from dashboard.tenancy.models import Tenant
from dashboard.ui.names import check_line, check_name

from . import slugs

PLAIN = {"autocomplete": "off", "spellcheck": "false"}


def tidy(name: str) -> str:
    """As it is kept and compared: one way to write each accent, single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).split())


class MarkedForm(forms.Form):
    """Screen readers find the message and the hint of each field; the keyboard begins at the first wrong one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)  # what is too long is said, not cut off
        self.mark()

    def mark(self) -> None:
        wrong = [field.name for field in self.visible_fields() if self.is_bound and field.errors]
        for field in self.visible_fields():
            parts = [f"{field.name}-error"] if field.name in wrong else []
            parts += [f"{field.name}-hint"] if field.help_text else []
            marks = {"aria-describedby": " ".join(parts)} if parts else {}
            if field.name in wrong:
                marks |= {"aria-invalid": "true"} | ({"autofocus": ""} if field.name == wrong[0] else {})
            field.field.widget.attrs.update(marks)

    def refuse(self, field: str | None, sentence: str) -> None:
        self.add_error(field, sentence)
        self.mark()


class TenantForm(MarkedForm):
    """What a tenant is called."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=128,
        validators=[check_name],
        help_text=gettext_lazy("In any script, such as “Research” or “قسم الأبحاث”."),
        error_messages={"required": gettext_lazy("Give the tenant a name.")},
        widget=forms.TextInput(attrs={**PLAIN, "dir": "auto"}),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=500,
        required=False,
        validators=[check_line],
        widget=forms.TextInput(attrs={**PLAIN, "dir": "auto"}),
    )

    def clean_name(self) -> str:
        name = tidy(self.cleaned_data["name"])
        if not name:
            raise ValidationError(_("Give the tenant a name."))
        return name


def default_plan() -> str:
    return next((str(pk) for pk in Plan.objects.filter(is_default=True).values_list("pk", flat=True)), "")


def plan_choices() -> list[tuple[str, Any]]:
    """Without a default plan a tenant can also begin with the limits that Skydeck brings along."""
    choices: list[tuple[str, Any]] = [(str(plan.pk), plan.name) for plan in Plan.objects.all()]
    return choices if default_plan() else [("", _("The usual limits")), *choices]


class NewTenantForm(TenantForm):
    """A new tenant. A short name that is left empty is made from the name."""

    slug = forms.CharField(
        label=gettext_lazy("Short name"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "Stands in addresses, and cannot be changed later: letters a to z, digits, hyphens. "
            "Left empty, it is made from the name."
        ),
        widget=forms.TextInput(attrs={**PLAIN, "autocapitalize": "none", "data-short-name": "id_name"}),
    )
    plan = forms.ChoiceField(
        label=gettext_lazy("Plan"),
        required=False,
        choices=plan_choices,
        initial=default_plan,
        help_text=gettext_lazy("The limits that it begins with."),
    )
    manager = forms.CharField(
        label=gettext_lazy("First manager"),
        required=False,
        max_length=150,
        help_text=gettext_lazy("The username of somebody with an account. You can also add members later."),
        widget=forms.TextInput(attrs={**PLAIN, "autocapitalize": "none"}),
    )
    field_order = ("name", "slug", "description", "plan", "manager")

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).strip().lower()
        if slug:
            slugs.check(slug)
        return slug

    def clean_manager(self) -> User | None:
        username = str(self.cleaned_data["manager"]).strip()
        if not username:
            return None
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise ValidationError(_("Nobody with the username “%(name)s” can sign in here.") % {"name": username})
        return user

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("name") and cleaned.get("slug") == "":
            cleaned["slug"] = slugs.proposed(cleaned["name"])
        return cleaned

    @property
    def chosen(self) -> Plan | None:
        wanted = self.cleaned_data.get("plan")
        return Plan.objects.filter(pk=wanted).first() if wanted else None


class EditTenantForm(TenantForm):
    """`was-…` are what the form showed: whoever else changed it meanwhile is not overwritten unseen."""

    def __init__(self, data: Any = None, *, tenant: Tenant) -> None:
        super().__init__(data, initial={"name": tenant.name, "description": tenant.description})

    @property
    def was(self) -> dict[str, str]:
        shown = {name: self.data.get(f"was-{name}") for name in self.fields}
        return {name: str(self.initial[name]) if text is None else str(text) for name, text in shown.items()}

    @property
    def hidden(self) -> list[tuple[str, str]]:
        return [(f"was-{name}", text) for name, text in self.was.items()]

    def refuse_changed(self, now: Tenant) -> None:
        """Say what it is now wherever that differs from what is typed; saved once more, what is typed counts."""
        data: Any = self.data
        self.data = data = data.copy()
        for name in self.fields:
            if getattr(now, name) != self.was[name]:
                told = _("Somebody else changed it to “%(now)s” since you opened this page. Save again to replace it.")
                self.add_error(name, told % {"now": getattr(now, name)})
            data[f"was-{name}"] = getattr(now, name)
        self.mark()


class DisableForm(MarkedForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        validators=[check_line],
        help_text=gettext_lazy("Its members read this on every page of the tenant."),
        error_messages={"required": gettext_lazy("Say why: its members will ask.")},
        widget=forms.TextInput(attrs={**PLAIN, "dir": "auto"}),
    )


class DeleteForm(MarkedForm):
    """The tenant's name, or its short name where its script is not on the keyboard."""

    name = forms.CharField(
        label=gettext_lazy("Its name, or its short name, to confirm"),
        max_length=200,
        error_messages={"required": gettext_lazy("Type the tenant's name.")},
        widget=forms.TextInput(attrs={**PLAIN, "dir": "auto"}),
    )

    def __init__(self, data: Any = None, *, tenant: Tenant) -> None:
        self.tenant = tenant
        super().__init__(data)

    def clean_name(self) -> str:
        name = tidy(self.cleaned_data["name"])
        if name not in {tidy(self.tenant.name), self.tenant.slug}:
            raise ValidationError(_("Type the name exactly as it is shown: nothing was deleted."))
        return name

"""Tenants in forms: as a select where there are few, by their name where there may be a thousand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import Tenant

PROPOSED = 5


class TenantChoiceField(forms.ModelChoiceField):
    """A select in which those of the same name can be told apart."""

    def label_from_instance(self, obj: Any) -> str:
        tenant: Tenant = obj
        return tenant.told_apart


class TenantNameField(forms.CharField):
    """Any tenant of the installation, so for administrators only. Cleans to a Tenant, or to None where it is empty."""

    def __init__(self, **more: Any) -> None:
        typed = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        asked: dict[str, Any] = {
            "label": gettext_lazy("Tenant"),
            "max_length": 128,
            "help_text": gettext_lazy("Its short name, or its name where no other tenant has it."),
            "widget": forms.TextInput(attrs=typed | {"data-find-tenants": reverse_lazy("overview:switch")}),
        }
        super().__init__(**asked | more)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        return tenant_called(typed) if typed else None


def tenant_called(typed: str) -> Tenant:
    """By its short name, or by a name that only one has. Raises ValidationError with those that may be meant."""
    if tenant := Tenant.objects.filter(slug=typed).first():
        return tenant
    named = list(Tenant.objects.filter(name__iexact=typed).order_by("slug")[: PROPOSED + 1])
    if len(named) == 1:
        return named[0]
    if named:
        told = _("Several tenants are called “%(name)s”. Type the short name of one: %(those)s.")
        raise ValidationError(told % {"name": typed, "those": listed([tenant.slug for tenant in named])})
    alike = Tenant.objects.filter(Q(name__icontains=typed) | Q(slug__icontains=typed)).order_by("slug")
    those = listed([tenant.told_apart for tenant in alike[: PROPOSED + 1]])
    told = _("There is no tenant “%(name)s”, but: %(those)s.") if those else _("There is no tenant “%(name)s”.")
    raise ValidationError(told % {"name": typed, "those": those})


def listed(names: list[str]) -> str:
    return ", ".join([*names[:PROPOSED], *("…" for _more in names[PROPOSED:])])

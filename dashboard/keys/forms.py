"""What is typed to make an API key."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dashboard.accounts.models import User
from dashboard.tenancy.access import tenants_of
from dashboard.tenancy.fields import TenantChoiceField, TenantNameField, tenant_called
from dashboard.tenancy.models import Role, Tenant

from .actions import LONGEST_DAYS, require, roles_anywhere, roles_in
from .models import LONGEST_NAME

WHOLE = _("Its short name, or its name where no other tenant has it. Empty: the whole installation, as administrator.")


class KeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, help_text=_("What it is for. The audit trail says it with each use.")
    )
    tenant = TenantChoiceField(Tenant.objects.none(), label=_("Tenant"), empty_label=None)
    role = forms.TypedChoiceField(label=_("Role"), coerce=Role, help_text=_("The least that does is the best."))
    days = forms.IntegerField(
        label=_("Days until it expires"),
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=90,
        help_text=_("At most %(most)d.") % {"most": LONGEST_DAYS},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.tenants = [] if user.is_admin else tenants_of(user)
        if user.is_admin:  # all of the installation: too many for a select
            self.fields["tenant"] = TenantNameField(required=False, help_text=WHOLE)
        else:
            own: forms.ModelChoiceField = self.fields["tenant"]  # type: ignore[assignment]
            own.queryset = Tenant.objects.filter(pk__in=[one.pk for one in self.tenants])
        role: forms.TypedChoiceField = self.fields["role"]  # type: ignore[assignment]
        role.choices = [(one.value, one.label) for one in Role]  # `require` says which of them is too much
        role.widget.choices = [(one.value, one.label) for one in self.offered()]
        if user.is_admin or len(self.tenants) > 1:
            narrowing = {"hx-get": reverse("keys:create"), "hx-include": "#id_role", "hx-trigger": "load, change"}
            into = {"hx-target": "#id_role", "hx-select": "#id_role", "hx-swap": "outerHTML"}
            self.fields["tenant"].widget.attrs.update(narrowing | into)

    @property
    def is_possible(self) -> bool:
        """Whether there is anything that a key could act in."""
        return self.user.is_admin or bool(self.tenants)

    def offered(self) -> list[Role]:
        """Up to the person's own in the tenant that is chosen; before one is chosen, in whichever of theirs."""
        chosen = self["tenant"].value()
        if self.user.is_admin:
            return self.offered_to_administrator(chosen)
        if chosen is None and len(self.tenants) != 1:
            return roles_anywhere(self.user)
        there = {str(one.pk): one for one in self.tenants}
        tenant = self.tenants[0] if chosen is None else there.get(str(chosen))
        return roles_in(self.user, tenant=tenant)

    def offered_to_administrator(self, typed: str | None) -> list[Role]:
        try:
            tenant = tenant_called(typed) if typed else None
        except ValidationError:  # said at the field once it is sent
            return roles_anywhere(self.user)
        return roles_anywhere(self.user) if typed is None else roles_in(self.user, tenant=tenant)

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                require(self.user, tenant=fields["tenant"], role=fields["role"])
            except PermissionDenied as error:
                self.add_error("role", str(error))
        return fields

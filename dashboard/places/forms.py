"""What a tenant types to bring its own credential: the fields that the cloud's driver names."""

from __future__ import annotations

from typing import Any

from django import forms

from dashboard.clouds import registry
from dashboard.clouds.forms import field_of, mark_wrong
from dashboard.clouds.models import Cloud


class CredentialForm(forms.Form):
    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.described = registry.place_fields(cloud.kind)
        for field in self.described:
            self.fields[field.name] = field_of(field, stored=False)

    def full_clean(self) -> None:
        super().full_clean()
        mark_wrong(self)

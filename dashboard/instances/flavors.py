"""The sizes that a cloud offers: into rows, and into forms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy

from dashboard.clouds.interface import RemoteFlavor
from dashboard.clouds.listed import write
from dashboard.clouds.models import Cloud
from dashboard.tenancy.models import Tenant

from .models import Flavor, Instance

RETIRED = gettext_lazy("An administrator retired this flavor: nothing new gets it. Choose another one.")


def sync_flavors(cloud: Cloud, listed: Iterable[RemoteFlavor], *, tenant: Tenant | None) -> None:
    """The complete list, as one tenant sees it, or everybody. What is not in it any more is marked, never deleted.

    Of the public ones every tenant sees the same; those that are given to some are a row for each of them.
    """
    mine = Flavor.objects.filter(cloud=cloud)
    seen = ((None if remote.is_public else tenant, remote.name[:255], fields_of(remote)) for remote in listed)
    write(cloud, mine if tenant is None else mine.for_tenant(tenant), seen, by="name")


def fields_of(remote: RemoteFlavor) -> dict[str, Any]:
    return {
        "remote_id": remote.id,
        "vcpus": remote.vcpus,
        "ram_mib": remote.ram_mib,
        "disk_gib": remote.disk_gib,
        "extra_specs": dict(remote.extra_specs),
        "is_gone": False,
    }


def is_larger(flavor: Flavor, instance: Instance) -> bool:
    """Whether it has more of anything than the instance has now."""
    return any(getattr(flavor, part) > getattr(instance, part) for part in ("vcpus", "ram_mib", "disk_gib"))


def is_retired(pk: Any) -> bool:
    """Whether it is there and only not offered. False for what is no id."""
    try:
        return Flavor.objects.filter(pk=pk, is_gone=False, is_retired=True).exists()
    except (ValidationError, ValueError):
        return False


MOST_UNGROUPED = 20


class FlavorChoices(ModelChoiceIterator):
    """Many are grouped by their families, the first word of names such as `m1.small`, where there are families."""

    def __iter__(self) -> Iterator[Any]:
        choices = super().__iter__()
        if self.field.empty_label is not None:
            yield next(choices)
        yield from in_families(list(choices))


def in_families(choices: list[Any]) -> Iterator[Any]:
    """Those of no family come first; families by name, and in each the order that they had."""
    families: dict[str, list[Any]] = {}
    for choice in choices:
        family, dot, _size = choice[0].instance.name.partition(".")
        families.setdefault(family if dot else "", []).append(choice)
    alone = families.pop("", [])
    has_families = len(families) * 2 <= len(choices) - len(alone) and len(families) > 1
    if len(choices) <= MOST_UNGROUPED or not has_families:
        yield from choices
    else:
        yield from alone
        yield from sorted(families.items())


class OfferedFlavorField(forms.ModelChoiceField):
    """One of those that are offered; of one that was chosen before it was retired it says so."""

    iterator = FlavorChoices

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except ValidationError:
            if is_retired(value):
                raise ValidationError(RETIRED, code="retired") from None
            raise

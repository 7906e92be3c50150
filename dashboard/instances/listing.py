"""A page of instances as the list shows it, in a number of queries that does not depend on its length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Q

from dashboard.operations.failures import Failure, failure
from dashboard.operations.models import Operation
from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Role

from .models import Instance, InstanceQuerySet
from .verbs import CONSOLES, VERBS, Verb, status_word, why_not

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Button:
    """A verb or a console on a row. `why_not` is empty when it may be pressed, else the reason why it is grey."""

    name: str
    verb: Verb
    why_not: str


@dataclass(frozen=True, slots=True)
class Row:
    instance: Instance
    operation: Operation | None
    word: str
    role: Role

    @property
    def look(self) -> str:
        """The CSS class of the status: an operation is `busy`, else the status in lower case."""
        return "busy" if self.operation else self.instance.status.lower()

    @property
    def failure(self) -> Failure | None:
        """Why it is in ERROR, in words."""
        return failure(self.instance.failure) if self.instance.failure else None

    @property
    def waiting(self) -> Failure | None:
        """What the open operation waits for, when that is not the normal course."""
        return failure(self.operation.waiting_for) if self.operation and self.operation.waiting_for else None

    @property
    def verbs(self) -> list[Button]:
        return self._buttons(VERBS)

    @property
    def consoles(self) -> list[Button]:
        return self._buttons(CONSOLES)

    def _buttons(self, table: Mapping[str, Verb]) -> list[Button]:
        return [
            Button(name, verb, why_not(self.instance, name, role=self.role, operation=self.operation))
            for name, verb in table.items()
        ]


def rows_of(instances: Iterable[Instance], *, role: Role, operations: Iterable[Operation] | None = None) -> list[Row]:
    """Rows with their open operations: one query, or none when the operations are given."""
    instances = list(instances)
    if operations is None:
        operations = Operation.objects.open().filter(target_id__in=[instance.pk for instance in instances])
    under_way = {operation.target_id: operation for operation in operations if operation.is_open}
    rows = []
    for instance in instances:
        operation = under_way.get(instance.pk)
        rows.append(Row(instance, operation, status_word(instance, operation), role))
    return rows


class InstanceList:
    """One page: `?q=` filters by name, address, image or id; `?page=` counts from 1."""

    def __init__(self, actor: Actor, query: Mapping[str, str]) -> None:
        self.q = query.get("q", "").strip()[:200]
        everything = Instance.objects.for_tenant(actor.tenant).present().select_related("cloud", "image", "flavor")
        self.page: Page = Paginator(matching(everything, self.q), PER_PAGE).get_page(query.get("page"))
        self.rows = rows_of(self.page.object_list, role=actor.role)
        self.total = self.page.paginator.count


def matching(instances: InstanceQuerySet, q: str) -> InstanceQuerySet:
    if not q:
        return instances
    found = Q(name__icontains=q) | Q(image__name__icontains=q) | Q(addresses__icontains=q)
    if len(q) >= 8:
        found |= Q(remote_id__startswith=q)
    return instances.filter(found)

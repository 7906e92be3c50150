"""A page of instances as the list shows it, in a number of queries that does not depend on its length."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Q

from dashboard.operations.failures import Failure, failure
from dashboard.operations.models import Operation
from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Role

from .addresses import add_floating, found_by_floating
from .menu import groups_of
from .models import Instance, InstanceQuerySet
from .verbs import CONSOLES, VERBS, Text, Verb, status_word, why_not

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Button:
    """A verb or a console on a row. `why_not` is empty when it may be pressed, else the reason why it is grey.

    Of several with the same reason one after another only the last tells it, below them all.
    """

    name: str
    verb: Verb
    why_not: str
    tells: bool = True


@dataclass(frozen=True)
class Row:
    """`is_away`: what we show of it may be old, since its cloud, or the tenant's place there, does not answer."""

    instance: Instance
    operation: Operation | None
    word: str
    role: Role
    is_away: bool = False

    @property
    def look(self) -> str:
        """The CSS class of the status: what is under way is `busy`, else the status in lower case."""
        is_busy = self.operation or (self.instance.task and not self.instance.deleted_at)
        return "busy" if is_busy else self.instance.status.lower()

    @property
    def is_moving(self) -> bool:
        """Something happens to it by itself."""
        return self.look == "busy" and not self.waiting

    @property
    def is_to_confirm(self) -> bool:
        """It has a new size that somebody must confirm or undo."""
        return self.look == "resized" and not self.instance.deleted_at

    @property
    def failure(self) -> Failure | None:
        """Why it is in ERROR, in words."""
        return failure(self.instance.failure, self.instance.failure_values) if self.instance.failure else None

    @property
    def waiting(self) -> Failure | None:
        """What the open operation waits for, when that is not the normal course."""
        return failure(self.operation.waiting_for) if self.operation and self.operation.waiting_for else None

    @cached_property
    def groups(self) -> list[tuple[Text, list[Button]]]:
        """The menu: `(label, buttons)` of each group that has any."""
        return [(group.label, self._buttons(VERBS, group.names)) for group in groups_of(self.instance)]

    @property
    def verbs(self) -> list[Button]:
        """Those of the menu, without their groups."""
        return [button for _label, buttons in self.groups for button in buttons]

    @cached_property
    def consoles(self) -> list[Button]:
        return self._buttons(CONSOLES, CONSOLES)

    @property
    def menu_consoles(self) -> list[Button]:
        """Those that its cloud has at all."""
        return [one for one in self.consoles if one.verb.feature is None or self.instance.cloud.can(one.verb.feature)]

    def _buttons(self, table: Mapping[str, Verb], names: Iterable[str]) -> list[Button]:
        reasons = [(name, why_not(self.instance, name, role=self.role, operation=self.operation)) for name in names]
        following = [reason for _name, reason in reasons[1:]] + [""]
        return [
            Button(name, table[name], reason, tells=bool(reason) and reason != next_reason)
            for (name, reason), next_reason in zip(reasons, following, strict=True)
        ]


def rows_of(
    instances: Iterable[Instance],
    *,
    role: Role,
    away: Collection[UUID] = (),
    operations: Iterable[Operation] | None = None,
) -> list[Row]:
    """Rows with their floating IPs and open operations; the latter may be given. `away` are clouds' ids."""
    instances = list(instances)
    add_floating(instances)
    if operations is None:
        operations = Operation.objects.open().filter(target_id__in=[instance.pk for instance in instances])
    under_way = {operation.target_id: operation for operation in operations if operation.is_open}
    rows = []
    for instance in instances:
        operation = under_way.get(instance.pk)
        word = status_word(instance, operation)
        rows.append(Row(instance, operation, word, role, is_away=instance.cloud_id in away))
    return rows


ADDRESS = re.compile(r"[0-9a-fA-F.:]{2,45}")


class InstanceList:
    """One page: `?q=` filters by name, address, image, tag or id; `?page=` counts from 1."""

    def __init__(self, actor: Actor, query: Mapping[str, str], *, away: Collection[UUID] = ()) -> None:
        self.q = query.get("q", "").strip()[:200]
        # prefetched, not joined: fifty rows share a few clouds, images and flavors, each made once
        everything = Instance.objects.for_tenant(actor.tenant).present().prefetch_related("cloud", "image", "flavor")
        self.page: Page = Paginator(matching(everything, self.q), PER_PAGE).get_page(query.get("page"))
        self.rows = rows_of(self.page.object_list, role=actor.role, away=away)
        self.total = self.page.paginator.count


def matching(instances: InstanceQuerySet, q: str) -> InstanceQuerySet:
    if not q:
        return instances
    found = Q(name__icontains=q) | Q(image__name__icontains=q) | Q(addresses__icontains=q) | Q(tags__icontains=q)
    if len(q) >= 8:
        found |= Q(remote_id__startswith=q)
    if ADDRESS.fullmatch(q):
        found |= Q(remote_id__in=found_by_floating(q))
    return instances.filter(found)

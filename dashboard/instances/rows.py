"""Instances as lists and pages show them: the word of the status, the menu, why a verb is grey."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from dashboard.operations.failures import Failure, failure
from dashboard.operations.models import Operation
from dashboard.tenancy.models import Role

from .addresses import add_floating
from .allowed import under_way, why_no_launch, why_not
from .menu import groups_of, looks_of
from .models import Instance
from .verbs import VERBS, Text, Verb, consoles_of, status_word

WAYS_OUT = frozenset({"gone", "cancelled"})
"""Codes that say of a deleted instance how that came about, with nobody having deleted it."""


@dataclass(frozen=True, slots=True)
class Button:
    """A verb or a console on a row. `why_not` is empty when it may be pressed, else the reason why it is grey.

    Of several with the same reason one after another, or where all grey ones of a group have it, only the last tells
    it to the eye, below them all. Each has it as its title: who hears a button hears why it is grey.
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
    def is_being_removed(self) -> bool:
        """It was deleted, and the time in which it could be restored is over."""
        return self.instance.is_hidden and not self.instance.is_restorable

    @property
    def failure(self) -> Failure | None:
        """Why it is in ERROR, in words; of one that is deleted, how it went. What failed before is in its timeline."""
        code = self.instance.failure
        if not code or (self.instance.deleted_at and code not in WAYS_OUT):
            return None
        return failure(code, self.instance.failure_values)

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
    def why_all(self) -> str:
        """A reason that is told once, before all groups, where several of them would tell it.

        It is the only one of the menu, or that something is under way.
        """
        groups = [self.menu_consoles, *(buttons for _label, buttons in self.groups)]
        told = [{button.why_not for button in group} - {""} for group in groups]
        reasons = set().union(*told) | {self.why_no_more} - {""}
        if len(reasons) > 1 and self.operation:
            reasons &= {under_way(self.operation, age=False)}
        in_groups = sum(not reasons.isdisjoint(group) for group in told)
        return reasons.pop() if len(reasons) == 1 and in_groups > 1 else ""

    @property
    def why_no_more(self) -> str:
        """Why another one like it cannot be launched."""
        return why_no_launch(self.role)

    @cached_property
    def consoles(self) -> list[Button]:
        """For the row: those that its cloud has not are grey; where it has none, the one that shows the text."""
        table = consoles_of(self.instance.cloud)
        return self._buttons(table, table)

    @property
    def menu_consoles(self) -> list[Button]:
        """Those that its cloud has at all, and what else there is to look at."""
        table = {**consoles_of(self.instance.cloud), **looks_of(self.instance)}
        every = self._buttons(table, table)
        return [one for one in every if one.verb.feature is None or self.instance.cloud.can(one.verb.feature)]

    def _buttons(self, table: Mapping[str, Verb], names: Iterable[str]) -> list[Button]:
        reasons = [(name, why_not(self.instance, name, role=self.role, operation=self.operation)) for name in names]
        grey = [reason for _name, reason in reasons if reason]
        return [
            Button(name, table[name], reason, tells=bool(reason) and not is_told_later(reason, reasons[place:], grey))
            for place, (name, reason) in enumerate(reasons, start=1)
        ]


def is_told_later(reason: str, rest: Sequence[tuple[str, str]], grey: Collection[str]) -> bool:
    """Whether one of `rest`, those below in its group, says so for this one, too."""
    if len(set(grey)) == 1:
        return any(other for _name, other in rest)
    return bool(rest) and rest[0][1] == reason


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

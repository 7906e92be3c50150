"""What can be done about an operation, and why not: one answer for the button, the action and the test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.tenancy.looking import only_looking
from dashboard.tenancy.models import Role

from . import again, flow
from .flow import FLOWS
from .models import Operation, State
from .words import Text, step_label

RESUME, ROLL_BACK, WAIT_ON, CANCEL = "resume", "roll-back", "wait-on", "cancel"
LABELS: dict[str, Text] = {
    RESUME: gettext_lazy("Resume"),
    ROLL_BACK: gettext_lazy("Roll back"),
    WAIT_ON: gettext_lazy("Wait on"),
    CANCEL: gettext_lazy("Cancel"),
}
ICONS = {RESUME: "player-play", ROLL_BACK: "arrow-back-up", WAIT_ON: "clock", CANCEL: "x"}
ASKING = (ROLL_BACK, CANCEL)
"""They end or remove something: a page asks first."""


@dataclass(frozen=True, slots=True)
class Choice:
    name: str
    why_not: str

    @property
    def label(self) -> Text:
        return LABELS[self.name]

    @property
    def icon(self) -> str:
        return ICONS[self.name]

    @property
    def asks(self) -> bool:
        return self.name in ASKING


def choices(operation: Operation, *, role: Role) -> list[Choice]:
    """Of one that failed or is stuck; nothing else needs anybody."""
    names: tuple[str, ...] = (WAIT_ON, CANCEL) if operation.stuck else ()
    if operation.state == State.FAILED:
        names = (RESUME, ROLL_BACK)
    return [Choice(name, why_not(operation, name, role=role)) for name in names]


def newest_choices(operations: Sequence[Operation], *, role: Role) -> list[Choice]:
    """Of the newest of one thing's operations: what came before it is past."""
    return choices(operations[0], role=role) if operations else []


def why_not(operation: Operation, name: str, *, role: Role) -> str:
    """Why it is not possible now, in the user's words; empty when it is."""
    recovery = FLOWS[operation.kind].recovery
    if not role.includes(recovery.role):
        return only_looking(recovery.role)
    if name in (RESUME, ROLL_BACK):
        return why_not_mended(operation, name)
    if not operation.is_open:
        return _("It is over: nothing is under way.")
    if operation.error_code:
        return _("It failed and is removing what was half built; that must come to its end.")
    return why_not_cancelled(operation) if name == CANCEL else ""


def why_not_mended(operation: Operation, name: str) -> str:
    """Of resuming and rolling back."""
    recovery = FLOWS[operation.kind].recovery
    if operation.state != State.FAILED:
        return told_last(operation) or _("Only what failed can be resumed or rolled back.")
    later = newest_of(operation)
    if later is not None and later.rolls_back_id == operation.pk:
        return _("%(who)s rolled it back.") % {"who": later.requested_by_name}
    if later is not None:
        return _("Something else was done with it since: %(what)s.") % {"what": later.label}
    if name == ROLL_BACK:
        return str(recovery.why_not_roll_back(operation))
    if not again.step_to_resume(operation):
        return _("All of its steps are done; there is nothing to resume.")
    return str(recovery.why_not_resume(operation))


def newest_of(operation: Operation) -> Operation | None:
    """The newest operation on the same thing, where that is another one."""
    newest = Operation.objects.filter(target_id=operation.target_id).order_by("-created_at").first()
    return newest if newest is not None and newest.pk != operation.pk else None


def why_not_cancelled(operation: Operation) -> str:
    """Before the cloud was asked, always; afterwards only what can be rolled back."""
    recovery = FLOWS[operation.kind].recovery
    if not was_asked(operation):
        return str(recovery.why_not_cancel(operation))
    if recovery.also_open:
        return ""
    return _("The cloud was asked already, and that cannot be unasked. Wait on, or look at it again later.")


def was_asked(operation: Operation) -> bool:
    """Whether the cloud may have heard of it."""
    return operation.steps.filter(was_asked=True).exclude(name__in=ASK_NOTHING).exists()


ASK_NOTHING = ("let-go",)
"""Steps that only wait for us ourselves."""


def told_last(operation: Operation) -> str:
    """Who was faster, and when."""
    note = operation.told[-1] if operation.is_open and operation.told else None
    return note.said if note else ""


def would_undo(operation: Operation) -> list[Text]:
    """The steps of rolling it back, in their order, in words."""
    recovery = FLOWS[operation.kind].recovery
    if not recovery.roll_back:
        return []
    return [step_label(step.name) for step in flow.planned(recovery.roll_back, recovery.left(operation))]

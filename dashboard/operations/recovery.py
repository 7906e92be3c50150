"""What can be done about an operation that failed or hangs: each flow says it for its own kind.

resume      from the step that failed. Steps look before they create, so none of them is done twice.
roll back   another operation, whose steps take back what was done, the last one first
wait on     a later deadline
cancel      where the cloud was not asked yet nothing is left; else it is rolled back, where it can be
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Role

from .models import Operation

Text = str | Promise


class NotPossible(Exception):
    """It is not possible (any more); the message is the sentence for the user. `is_quota`: for want of quota."""

    def __init__(self, sentence: str, *, is_quota: bool = False) -> None:
        super().__init__(sentence)
        self.is_quota = is_quota


def allowed(operation: Operation) -> Text:
    return ""


def nothing_to_take_back(operation: Operation) -> Text:
    return _("There is nothing to take back: it makes nothing new.")


def nothing_more(operation: Operation) -> None:
    """The steps themselves are all."""


def nothing_to_take_again(operation: Operation, actor: Actor) -> None:
    """What it held it still holds."""


def no_arguments(operation: Operation) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """The defaults are those of a verb that only changes something which is there."""

    role: Role = Role.MEMBER
    """Who may."""
    why_not_resume: Callable[[Operation], Text] = allowed
    """A sentence, or nothing. Whatever holds for all kinds was asked before."""
    take_again: Callable[[Operation, Actor], None] = nothing_to_take_again
    """In the transaction that resumes it: rows and quota that its failure gave back. Raises NotPossible."""
    roll_back: str = ""
    """The kind that takes it back; empty: there is none."""
    also_open: bool = False
    """`roll_back` first waits for a worker that is inside a call: it can take back one that is under way."""
    why_not_roll_back: Callable[[Operation], Text] = nothing_to_take_back
    left: Callable[[Operation], Mapping[str, Any]] = no_arguments
    """The arguments of `roll_back`: what is left. A step that wants what is not left does not appear."""
    why_not_cancel: Callable[[Operation], Text] = allowed
    """A sentence, or nothing, for one that the cloud was not asked for."""
    forget: Callable[[Operation], None] = nothing_more
    """In the transaction that cancels it before the cloud was asked: rows and quota that it took."""

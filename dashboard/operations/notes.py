"""What people did about an operation after it was asked for: lines of its timeline, kept in the row.

    {"at": ISO time, "who": name, "what": "resumed" | "waited-on", "step": name, "code": ..., "values": {...}}

`step`, `code` and `values` say where and why it had failed when it was resumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from .failures import Failure, failure
from .words import Text, step_label

KEPT = 20
RESUMED = "resumed"
WAITED_ON = "waited-on"


@dataclass(frozen=True, slots=True)
class Note:
    at: datetime
    who: str
    what: str
    step: Text = ""
    failure: Failure | None = None

    @property
    def said(self) -> str:
        told = _("%(who)s resumed it.") if self.what == RESUMED else _("%(who)s let it wait on.")
        return told % {"who": self.who}


def noted(notes: list[dict[str, Any]], *, who: str, what: str, **more: Any) -> list[dict[str, Any]]:
    """The list with one more, which stays short however often somebody tries."""
    return [*notes, {"at": timezone.now().isoformat(), "who": who, "what": what, **more}][-KEPT:]


def read(notes: list[Mapping[str, Any]]) -> list[Note]:
    return [
        Note(
            at=datetime.fromisoformat(note["at"]),
            who=note["who"],
            what=note["what"],
            step=step_label(note.get("step", "")),
            failure=failure(note["code"], note.get("values")) if note.get("code") else None,
        )
        for note in notes
    ]

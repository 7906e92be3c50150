"""What is wrong with a text, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

Path = tuple[str | int, ...]
MOST = 10
"""So many are told at once."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """`line` and `column` count from 1; 0 where it is about the whole. `field` is such as `users[0].name`."""

    line: int
    column: int
    field: str
    text: str

    @property
    def where(self) -> str:
        if not self.line:
            return self.field
        place = _("line %(line)s, column %(column)s") % {"line": self.line, "column": self.column}
        return f"{place}, {self.field}" if self.field else place

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.where else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`problems` keep it from being sent, `warnings` do not. `kind` is a word for what it is."""

    kind: str
    problems: Sequence[Problem] = field(default_factory=tuple)
    warnings: Sequence[Problem] = field(default_factory=tuple)
    is_unfit: bool = False
    """It was not looked into: `kind` says why."""

    @property
    def first(self) -> list[Problem]:
        return sorted(self.problems)[:MOST]

    @property
    def first_warnings(self) -> list[Problem]:
        return sorted(self.warnings)[:MOST]

    @property
    def more(self) -> int:
        """How many problems are not told."""
        return max(0, len(self.problems) - MOST)


def name_of(path: Path) -> str:
    """`("users", 0, "name")` as `users[0].name`; long and odd keys are cut."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{shortened(part)}"
    return text.removeprefix(".")


def shortened(text: str, most: int = 40) -> str:
    plain = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"

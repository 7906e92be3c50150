"""What the doctor found about one part."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

UP = "python3 manage.py up"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `mend` is the command that puts it right, and empty when nothing is wrong."""

    part: str
    text: str
    mend: str = ""

    @property
    def is_wrong(self) -> bool:
        return bool(self.mend)

    def line(self, *, colour: bool) -> str:
        word = "wrong" if self.is_wrong else "ok"
        if colour:
            word = f"\033[{31 if self.is_wrong else 32}m{word}\033[0m" + " " * (5 - len(word))
        ending = f"  ->  {self.mend}" if self.is_wrong else ""
        return f"{word:<5}  {self.part:<16}  {self.text}{ending}"


def wants_colour() -> bool:
    """Only on a terminal, and not where NO_COLOR is set (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")

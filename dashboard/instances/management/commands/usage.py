"""`manage.py usage check`: prove that what is counted is what was."""

from __future__ import annotations

from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from dashboard.instances.counting_check import differing
from dashboard.usage.checking import differing_days, overlapping


class Command(BaseCommand):
    help = "Look through all usage. `check` names what overlaps, or differs from instances or sums; exit status 1 then."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["check"], help="compare spans with instances and with days")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        number = 0
        for number, told in enumerate(chain(overlapping(), differing(), differing_days()), start=1):  # noqa: B007
            self.stdout.write(told)
        self.stdout.write(f"{number} things differ." if number else "Nothing differs.")
        if number:
            raise SystemExit(1)

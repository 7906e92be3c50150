"""`manage.py audit verify`: prove that nobody changed the audit trail."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from dashboard.audit.register import amiss, listed, why_list_broken
from dashboard.audit.verify import Checked, chains, first_broken


class Command(BaseCommand):
    help = (
        "Look through the audit trail. `verify` names the first broken entry of each chain, and chains that are "
        "missing; exit status 1 then."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["verify"], help="follow every chain from its beginning to its head")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        since = listed()  # first: a chain may begin while they are looked at
        checked, broken, there = Checked(), 0, list(chains())
        for name in there:
            if found := first_broken(name, checked=checked):
                broken += 1
                self.stdout.write(f"Entry {found.number} of the chain {found.chain}: {found.why}.")
        for name, why in amiss(there, since=since):
            broken += 1
            self.stdout.write(f"The chain {name}: {why}.")
        if wrong := why_list_broken():
            broken += 1
            self.stdout.write(f"Line {wrong[0]} of the list of chains: {wrong[1]}.")
        said = f"{broken} of them broken" if broken else "none of them broken"
        self.stdout.write(f"{checked.entries} entries checked in {len(there)} chains, {said}.")
        if broken:
            raise SystemExit(1)

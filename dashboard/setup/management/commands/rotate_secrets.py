"""`manage.py rotate_secrets`: every stored secret under the first key of SKYDECK_FIELD_KEYS."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from dashboard.setup import rotation


class Command(BaseCommand):
    help = (
        "Seal every stored secret again under the first key of SKYDECK_FIELD_KEYS, and say which keys are still needed."
        " Can be stopped and run again at any time. Exit status 1 when a secret cannot be opened."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say which keys are still needed")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        unreadable = [] if check else self.rotate()
        used = rotation.in_use()
        for number, key in enumerate(settings.FIELD_KEYS, start=1):
            self.stdout.write(self.said_of(number, rotation.key_id(key), used))
        for one in unreadable:
            self.stderr.write(f"Cannot be opened with any key: {one}")
        if used["none"]:
            self.stderr.write(
                f"{used['none']} cannot be opened. Put the key with which they were sealed behind the others in"
                " SKYDECK_FIELD_KEYS and run this again; or type those secrets anew on their pages."
            )
            raise SystemExit(1)

    def rotate(self) -> list[str]:
        report = rotation.rotate()
        said = f"{report.rotated} secrets are sealed anew under the first key, {report.already} were already."
        self.stdout.write(said)
        return report.unreadable

    def said_of(self, number: int, key: str, used: dict[str, int]) -> str:
        if number == 1:
            return f"Key {number} ({key}): seals, and opens {used[key]}."
        if used[key]:
            return f"Key {number} ({key}): still needed, opens {used[key]}."
        return f"Key {number} ({key}): not needed any more; it may be removed from SKYDECK_FIELD_KEYS."

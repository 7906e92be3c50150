"""`manage.py test`: every check and every test, the same for people and for CI."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = (
        "Run every check and test; `test fast` runs the first cases of quick tests, `test openstack` what needs a real "
        "OpenStack. Exit status 1 when one fails."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("which", nargs="?", choices=["all", "fast", "openstack"], default="all")

    def handle(self, *args: Any, which: str, **options: Any) -> None:
        from tests import suite

        stages = {"all": suite.everything, "fast": suite.fast, "openstack": suite.only_openstack}
        raise SystemExit(stages[which]())

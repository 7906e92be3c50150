"""`manage.py bench`: how fast it is on a large installation, each figure beside its goal."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Measure a large installation on pretended clouds; see tests/bench. Exit status 1 when a goal is missed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database", choices=["both", "sqlite", "postgresql"], default="both")
        parser.add_argument("--seconds", default="20", help="how long each list and search is asked for")
        parser.add_argument("--parts", default="", help="some of pages,streams,viewers,relays,sync")

    def handle(self, *args: Any, database: str, seconds: str, parts: str, **options: Any) -> None:
        command = [sys.executable, "-m", "tests.bench", "--database", database, "--seconds", seconds]
        raise SystemExit(subprocess.run([*command, *(["--parts", parts] if parts else [])], check=False).returncode)

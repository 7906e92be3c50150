from __future__ import annotations

import subprocess
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.setup import environment, locks


class Command(BaseCommand):
    help = "Write the hashed lock files anew from pyproject.toml."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--upgrade", action="store_true", help="to the newest versions that fit")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            environment.install(environment.TEST)  # uv is among the test tools
            for path in locks.refresh(upgrade=options["upgrade"]):
                self.stdout.write(f"{path.name} written")
        except subprocess.CalledProcessError as error:
            raise CommandError(f"{error.cmd[2]} ended with {error.returncode}; what it said is above.") from error

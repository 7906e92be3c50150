from __future__ import annotations

import subprocess
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.setup import vendored


class Command(BaseCommand):
    help = "Fetch the browser files that vendor.toml names anew, with npm, and write their hashes into it."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", help="only these packages")

    def handle(self, *args: Any, **options: Any) -> None:
        packages = vendored.read()
        for number, package in enumerate(packages):
            if options["names"] and package.name not in options["names"]:
                continue
            try:
                packages[number] = vendored.fetch(package)
            except (vendored.WrongHash, subprocess.CalledProcessError) as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"{package.name} {package.version}: {len(packages[number].files)} files")
        vendored.write(packages)

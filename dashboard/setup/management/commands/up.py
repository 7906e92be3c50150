from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError
from django.db import connections

from dashboard.setup import cloud_choice, database, first_run, home, parts, static_files
from dashboard.setup.environment import ROOT
from dashboard.setup.home import CannotStart
from dashboard.setup.plan import Plan


class Command(BaseCommand):
    help = "Set up whatever is missing, then run Skydeck until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="install packages without asking")
        parser.add_argument(
            "--cloud",
            choices=cloud_choice.KINDS,
            help="libvirt: real virtual machines on this machine; fake: pretended ones. Default: as at the last start",
        )

    def handle(self, *args: Any, yes: bool, cloud: str | None, **options: Any) -> None:
        try:
            plan = prepare(cloud=cloud, assume_yes=yes)
        except CannotStart as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"The database does not do what it should: {error}") from error
        become_supervisor(plan)


def prepare(*, cloud: str | None, assume_yes: bool) -> Plan:
    """Everything that has to be there before the parts are started. Raises CannotStart."""
    home.take(settings.HOME)
    home.end_leftovers(settings.HOME)
    home.check_address(settings.BIND, port=settings.PORT)
    embedded = cloud_choice.choose(cloud, home=settings.HOME, assume_yes=assume_yes)
    os.umask(0o077)  # what is written from here on, by the parts too, is nobody else's to read
    database.migrate()
    static_files.collect()
    first_run.announce(first_run.register(embedded))  # last, so that nothing fails between making and saying it
    return parts.plan_for(embedded)


def become_supervisor(plan: Plan) -> NoReturn:
    """This process goes on as one without Django, in a tenth of the memory."""
    path = settings.HOME / "run/plan.json"
    plan.write(path)
    connections.close_all()
    os.chdir(ROOT)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "SKYDECK_NO_BOOTSTRAP": "1"}
    os.execve(sys.executable, [sys.executable, "-m", "dashboard.setup.supervisor", str(path)], environment)

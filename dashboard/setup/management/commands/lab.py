"""`manage.py lab`: a real, small OpenStack on this machine, for tests and for looking at."""

from __future__ import annotations

from argparse import ArgumentParser
from subprocess import CalledProcessError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.setup.system_packages import PackagesUnavailable


class Command(BaseCommand):
    help = (
        "A real, small OpenStack on 127.0.0.1, as root on Debian 12. It lives in SKYDECK_LAB_HOME "
        "(/var/tmp/skydeck-lab); its ports are the usual ones plus SKYDECK_LAB_PORT_BASE (20000)."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        starting = verbs.add_parser("up", help="install, start and seed whatever is missing: 3 to 5 minutes, 5 GB")
        starting.add_argument("--yes", action="store_true", help="install packages without asking")
        verbs.add_parser("down", help="end it; its data stays")
        verbs.add_parser("status", help="what runs, and where")
        seeding = verbs.add_parser("seed", help="make N more servers in demo1, on the fake hosts")
        seeding.add_argument("count", type=int, nargs="?", default=0, metavar="N")
        seeding.add_argument("--no-network", action="store_true", help="without ports: four times faster")
        seeding.add_argument("--delete", action="store_true", help="delete all that were made so")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        from tests.openstack.lab.place import LabFailed

        try:
            _do(verb, options)
        except (LabFailed, PackagesUnavailable) as error:
            raise CommandError(str(error)) from error
        except CalledProcessError as error:
            raise CommandError(f"`{' '.join(map(str, error.cmd))}` ended with {error.returncode}.") from error


def _do(verb: str, options: dict[str, Any]) -> None:
    from tests.openstack.lab import life, place

    lab = place.from_environment()
    if verb == "up":
        life.up(lab, assume_yes=options["yes"])
        life.say_where(lab)
    elif verb == "down":
        life.down(lab)
    elif verb == "status":
        life.status(lab)
    elif options["delete"]:
        life.unseed(lab)
    else:
        life.seed(lab, options["count"], with_network=not options["no_network"])

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError

from dashboard.setup import database, first_run, static_files
from dashboard.setup.home import CannotStart


class Command(BaseCommand):
    help = (
        "For production, where `up` does not run: bring the database and the static files up to date, "
        "and make the first tenant and administrator."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        try:
            database.migrate()
            static_files.collect()
            first_run.announce(first_run.register(None))
        except CannotStart as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"The database does not do what it should: {error}") from error

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from dashboard.setup.doctor import examine


class Command(BaseCommand):
    """Here for `manage.py help`. manage.py itself calls the doctor, before anything that may be broken."""

    help = "Say what is wrong with this installation, and which command mends it. Exit status 1 if anything is."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        raise SystemExit(examine.main(sys.argv))

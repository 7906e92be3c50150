"""`manage.py recount`: compare every quota counter with its ledger."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from dashboard.quotas.reservations import drift, recount
from dashboard.tenancy.models import Tenant


class Command(BaseCommand):
    help = "Print where a quota counter differs from its ledger, and mend it with --fix. Exit status 1 on drift."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fix", action="store_true", help="set the counters to what the ledger says")

    def handle(self, *args: Any, fix: bool, **options: Any) -> None:
        found = 0
        for tenant in Tenant.objects.all():
            for resource, (counter, ledger) in (recount(tenant) if fix else drift(tenant)).items():
                found += 1
                self.stdout.write(f"{tenant.slug}: {resource} says {counter}, the ledger {ledger}")
        self.stdout.write(f"{found} counters differed{', mended' if fix and found else ''}")
        if found and not fix:
            raise SystemExit(1)

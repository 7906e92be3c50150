"""`manage.py cloud`: look at the connected clouds and their secrets from a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from dashboard.accounts.models import User
from dashboard.clouds import secrets
from dashboard.clouds.findings import words_for
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.clouds.tasks import as_row, findings_of, keep_findings
from dashboard.operations import run
from dashboard.operations.models import Operation
from dashboard.places import actions
from dashboard.places.refusals import sentence
from dashboard.tenancy.access import find_administrator

LOOKS = 60
MARKS = {"ok": "ok  ", "warning": "warn", "bad": "BAD ", "skipped": "  - "}


class Command(BaseCommand):
    help = "List clouds, test a connection, replace credentials of tenants, or seal secrets under the newest key."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="every cloud with its health")
        check = verbs.add_parser(
            "check", help="test the connection, step by step; exit status 1 when something is wrong"
        )
        check.add_argument("name")
        rotate = verbs.add_parser("rotate", help="new credentials for tenants, and the end of the old ones")
        rotate.add_argument("name")
        rotate.add_argument("--tenant", default="", help="only that of this tenant, by its slug")
        verbs.add_parser("reseal", help="seal every stored secret under the first key of SKYDECK_FIELD_KEYS")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        verbs: dict[str, Callable[..., None]] = {
            "list": self.list,
            "check": self.check_connection,
            "rotate": self.rotate,
            "reseal": self.reseal,
        }
        verbs[verb](**{name: options[name] for name in ("name", "tenant") if name in options})

    def list(self) -> None:
        for cloud in Cloud.objects.all():
            state = "not in use yet" if cloud.is_draft else cloud.get_health_display()
            self.stdout.write(f"{cloud.name}  {cloud.kind}  {state}  tenants: {cloud.accounts.count()}")

    def check_connection(self, *, name: str) -> None:
        """As the page does it; the page shows the result too."""
        cloud, found, bad = self.find(name), [], 0
        for finding in findings_of(cloud):
            found.append(as_row(finding))
            words = words_for(finding.step, finding.code, finding.values)
            bad += finding.state == "bad"
            text = " ".join(str(part) for part in (words.cause, words.action) if part)
            self.stdout.write(f"{MARKS[finding.state]}  {words.title}{f': {text}' if text else ''}")
            if finding.state != "ok" and finding.detail:
                self.stdout.write(f"        the cloud said: {finding.detail}")
        keep_findings(cloud, found)
        if bad:
            sys.exit(1)

    def rotate(self, *, name: str, tenant: str) -> None:
        """Here and now, one after another; a worker that is running may be the one that does it."""
        cloud, failed = self.find(name), 0
        accounts = cloud.accounts.exclude(sealed="").select_related("tenant", "cloud")
        accounts = accounts.filter(tenant__slug=tenant) if tenant else accounts
        if not accounts:
            raise CommandError("No tenant has a credential there.")
        for account in accounts:
            failed += not self.rotate_one(account)
        if failed:
            sys.exit(1)

    def rotate_one(self, account: CloudAccount) -> bool:
        root = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        administrator = find_administrator(root) if root else None
        if administrator is None:
            raise CommandError("There is no administrator in whose name it could be done.")
        try:
            operation = actions.rotate(administrator.in_tenant(account.tenant), account)
        except actions.NotPossible as refusal:
            self.stdout.write(f"{account.tenant.slug}: {sentence(refusal)}")
            return False
        return self.follow(account, operation)

    def follow(self, account: CloudAccount, operation: Operation) -> bool:
        """A worker may have taken it first: then that one is waited for."""
        for _ in range(LOOKS):
            run.advance(operation.pk)
            operation.refresh_from_db()
            if not operation.is_open or operation.waiting:
                break
            time.sleep(1)
        said = operation.failure or operation.waiting
        words = f": {said.cause} {said.action}" if said else ""
        self.stdout.write(f"{account.tenant.slug}: {operation.get_state_display()}{words}")
        return not said

    @transaction.atomic
    def reseal(self) -> None:
        count, rows = 0, list[Cloud | CloudAccount]()
        rows += Cloud.objects.select_for_update()
        rows += CloudAccount.objects.select_for_update()
        for row in rows:
            fields = ["sealed"] if isinstance(row, Cloud) else ["sealed", "brought"]
            for field in fields:
                if sealed := getattr(row, field):
                    setattr(row, field, self.sealed_anew(sealed, row))
                    count += 1
            row.save(update_fields=fields)
        self.stdout.write(f"{count} secrets are sealed under the first key.")

    def sealed_anew(self, sealed: str, row: Cloud | CloudAccount) -> str:
        try:
            return secrets.reseal(sealed)
        except secrets.Unreadable as error:
            raise CommandError(f"{row}: {error} Nothing was changed.") from error

    def find(self, name: str) -> Cloud:
        try:
            return Cloud.objects.get(name=name)
        except Cloud.DoesNotExist as error:
            raise CommandError(f"There is no cloud named {name}. See: manage.py cloud list") from error

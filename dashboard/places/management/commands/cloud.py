"""`manage.py cloud`: look at the connected clouds, and replace credentials of tenants, from a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.accounts.models import User
from dashboard.clouds import registry
from dashboard.clouds.findings import words_for
from dashboard.clouds.interface import CloudFacts, Driver, Finding
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.clouds.tasks import as_row, findings_of, keep_findings
from dashboard.operations import run
from dashboard.operations.models import Operation
from dashboard.places import actions
from dashboard.places.acceptance import reading
from dashboard.places.acceptance.entering import PlaceTrial
from dashboard.places.acceptance.left import Left, Thing
from dashboard.places.acceptance.report import report as written
from dashboard.places.acceptance.results import NotPossible, Result, Verdict, attempt
from dashboard.places.acceptance.trial import Trial
from dashboard.places.refusals import sentence
from dashboard.tenancy.access import find_administrator

LOOKS = 60
MARKS = {"ok": "ok  ", "warning": "warn", "bad": "BAD ", "skipped": "  - "}


@dataclass
class Run:
    """One run of the list, as far as it came."""

    cloud: Cloud
    findings: Sequence[Finding]
    results: list[Result] = field(default_factory=list)
    facts: CloudFacts = field(default_factory=CloudFacts)
    lefts: list[Left] = field(default_factory=list)
    is_whole: bool = False

    def hear(self, facts: CloudFacts) -> None:
        self.facts = facts

    def made(self) -> Left:
        """For one part of the list, which removes what it notes there."""
        self.lefts.append(Left())
        return self.lefts[-1]

    @property
    def left(self) -> list[Thing]:
        return [thing for left in self.lefts for thing in left.all]

    @property
    def is_bad(self) -> bool:
        return any(finding.state == "bad" for finding in self.findings)

    def report(self) -> str:
        return written(
            self.cloud,
            facts=self.facts,
            findings=self.findings,
            results=self.results,
            left=[thing.what for thing in self.left],
            is_whole=self.is_whole,
        )


class Command(BaseCommand):
    help = "List clouds, test a connection, or replace credentials of tenants."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="every cloud with its health")
        check = verbs.add_parser(
            "check", help="try the connection and each list, step by step; exit status 1 when something is wrong"
        )
        check.add_argument("name")
        check.add_argument(
            "--launch",
            action="store_true",
            help="launch the smallest instance too, with all that people put around it, and remove it again",
        )
        check.add_argument("--tenant", default="", help="in whose place, by its slug; without: in that of the first")
        check.add_argument("--image", default="", help="launch from this image, by its name or id")
        check.add_argument("--flavor", default="", help="launch in this size, by its name or id")
        check.add_argument("--within", type=float, default=600.0, metavar="SECONDS", help="for each state; 600")
        check.add_argument(
            "--report", default="", metavar="FILE", help="write what came of it, without any name or key"
        )
        rotate = verbs.add_parser("rotate", help="new credentials for tenants, and the end of the old ones")
        rotate.add_argument("name")
        rotate.add_argument("--tenant", default="", help="only that of this tenant, by its slug")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        verbs: dict[str, Callable[..., None]] = {
            "list": self.list,
            "check": self.check_connection,
            "rotate": self.rotate,
        }
        known = ("name", "tenant", "launch", "image", "flavor", "within", "report")
        verbs[verb](**{name: options[name] for name in known if name in options})

    def list(self) -> None:
        for cloud in Cloud.objects.all():
            state = "not in use yet" if cloud.is_draft else cloud.get_health_display()
            self.stdout.write(f"{cloud.name}  {cloud.kind}  {state}  tenants: {cloud.accounts.count()}")

    def check_connection(
        self, *, name: str, tenant: str, launch: bool, image: str, flavor: str, within: float, report: str
    ) -> None:
        """The connection as the page tests it, and the page shows that too; then, where it is good, the list."""
        cloud = self.find(name)
        if report:
            writable(report)
        run, how = Run(cloud, self.diagnosed(cloud)), {"image": image, "flavor": flavor, "within_s": within}
        try:
            if not run.is_bad:
                # closed before anything is said of what is left: whatever stops this, it removes what it made
                with closing(self.listed(run, tenant, launch=launch, **how)) as steps:
                    for result in steps:
                        run.results.append(result)
                        self.show(result)
            run.is_whole = True
        finally:
            self.conclude(run, report)
        if run.is_bad or any(result.verdict is Verdict.FAIL for result in run.results):
            sys.exit(1)

    def conclude(self, run: Run, report: str) -> None:
        if not run.is_whole:
            self.stdout.write("Stopped before its end.")
        for thing in run.left:
            self.stdout.write(f"left there: {thing.what} {thing.id}: remove it by hand")
        if report:
            Path(report).write_text(run.report())
            self.stdout.write(f"{report} written")

    def diagnosed(self, cloud: Cloud) -> Sequence[Finding]:
        found = []
        for finding in findings_of(cloud):
            found.append(finding)
            words = words_for(finding.step, finding.code, finding.values)
            text = " ".join(str(part) for part in (words.cause, words.action) if part)
            self.stdout.write(f"{MARKS[finding.state]}  {words.title}{f': {text}' if text else ''}")
            if finding.state != "ok" and finding.detail:
                self.stdout.write(f"        the cloud said: {finding.detail}")
        keep_findings(cloud, [as_row(finding) for finding in found])
        return found

    def listed(self, run: Run, tenant: str, *, launch: bool, **how: Any) -> Generator[Result]:
        """With drivers of their own, so that nothing that is kept hides a mistake."""
        cloud = run.cloud
        with closing(registry.connect(cloud.kind, cloud.connection())) as driver:
            yield from reading.of_cloud(driver, tell=run.hear)
            if launch:
                yield from PlaceTrial(cloud, driver.places, driver.access, driver.features, run.made()).run()
            if not cloud.has_places:
                yield from self.in_place(run, driver, "", launch=launch, **how)
        if cloud.has_places:
            account = self.place_of(cloud, tenant)
            if account is None:
                yield attempt("enter a place", self.nobody_there)
                return
            with closing(registry.connect(cloud.kind, account.connection())) as driver:
                yield from self.in_place(run, driver, str(account.tenant_id), launch=launch, **how)

    def in_place(self, run: Run, driver: Driver, tenant_id: str, *, launch: bool, **how: Any) -> Iterator[Result]:
        yield from reading.of_place(driver)
        if launch:
            yield from Trial(run.cloud, driver, tenant_id or "check", run.made(), **how).run()

    def place_of(self, cloud: Cloud, tenant: str) -> CloudAccount | None:
        accounts = cloud.accounts.exclude(sealed="").select_related("tenant", "cloud").order_by("tenant__slug")
        account = accounts.filter(tenant__slug=tenant).first() if tenant else accounts.first()
        if tenant and account is None:
            raise CommandError(f"The tenant {tenant} has no place there.")
        return account

    def nobody_there(self) -> str:
        raise NotPossible("no tenant has a place there yet: make one on the page of the cloud")

    def show(self, result: Result) -> None:
        self.stdout.write(f"{result.verdict:<12}  {result.step}: {result.told}  ({result.took_s:.1f} s)")
        if result.calls:
            self.stdout.write(f"              calls: {' '.join(result.calls)}")

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
            self.stdout.write(f"{account.tenant.slug}: {sentence(refusal, cloud=account.cloud)}")
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

    def find(self, name: str) -> Cloud:
        try:
            return Cloud.objects.get(name=name)
        except Cloud.DoesNotExist as error:
            raise CommandError(f"There is no cloud named {name}. See: manage.py cloud list") from error


def writable(path: str) -> None:
    """Found out before a cloud is asked for anything."""
    try:
        Path(path).touch()
    except OSError as error:
        raise CommandError(f"The report cannot be written to {path}: {error.strerror}.") from error

"""What needs Django, which examine.py has set up before. Each may raise; examine.py makes a line of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from celery import current_app
from django.conf import settings
from django.db import connection

from dashboard.accounts.models import User
from dashboard.clouds.interface import CloudError
from dashboard.clouds.models import Cloud
from dashboard.mail.models import OutgoingMail
from dashboard.operations.models import Heartbeat

from .. import database as database_setup
from .. import home
from ..environment import ROOT
from .findings import UP, Finding

SILENT_AFTER = timedelta(seconds=30)
CLOCK_TOLERANCE = timedelta(seconds=5)


def database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding("Database", f"{connection.vendor} answers")


def migrations() -> Finding:
    missing = database_setup.missing_migrations()
    if missing:
        return Finding("Migrations", f"{len(missing)} are missing", "python3 manage.py migrate")
    return Finding("Migrations", "all there")


def clock() -> Finding:
    """Ours against the database's, and against the files of this checkout, which cannot be from the future."""
    now = datetime.now(UTC)
    written = datetime.fromtimestamp((ROOT / "requirements.lock").stat().st_mtime, UTC)
    apart = abs(_database_time() - now)
    if now < written or apart > CLOCK_TOLERANCE:
        text = f"{now:%Y-%m-%d %H:%M:%S} UTC, {apart.total_seconds():.0f} s from the database's"
        return Finding("Clock", text, "timedatectl set-ntp true")
    return Finding("Clock", f"{now:%Y-%m-%d %H:%M:%S} UTC, as the database's")


def broker() -> Finding:
    name = settings.BROKER_URL.partition(":")[0]
    with current_app.connection_for_write() as link:
        link.ensure_connection(max_retries=1, interval_start=0.1, timeout=3)
    return Finding("Broker", f"{name} answers")


def worker() -> Finding:
    """The heartbeat goes from the scheduler through the broker to a worker and into the database."""
    mend = "look into " + str(settings.HOME / "log/skydeck.log") if home.is_taken(settings.HOME) else UP
    beat = Heartbeat.objects.filter(name="worker").first()
    if beat is None:
        return Finding("Worker", "no heartbeat was ever seen", mend)
    age = datetime.now(UTC) - beat.at
    if age > SILENT_AFTER:
        return Finding("Worker", f"silent since {beat.at:%Y-%m-%d %H:%M:%S} UTC", mend)
    return Finding("Worker", f"heartbeat {age.total_seconds():.0f} s ago")


def mail() -> Finding:
    """What stood in the way of the newest mail that did not leave."""
    mend = "correct SKYDECK_MAIL_URL and SKYDECK_MAIL_FROM"
    stuck = OutgoingMail.objects.filter(sent_at=None).exclude(problem="")
    if newest := stuck.order_by("-created_at").first():
        return Finding("Mail", f"{stuck.count()} did not leave; the newest: {newest.problem}", mend)
    if settings.MAIL_URL.scheme == "console":
        return Finding("Mail", "is written into the worker's output: SKYDECK_MAIL_URL is not set")
    return Finding("Mail", f"none is stuck; it goes to {settings.EMAIL_HOST}:{settings.EMAIL_PORT}")


def administrators() -> Finding:
    """Requests are mailed to them. Nothing is wrong where no mail leaves at all."""
    there = User.objects.filter(is_superuser=True, is_active=True)
    if not there.exists():
        return Finding("Administrators", "there is none", f"{UP}, which makes the first one")
    if there.exclude(email="").exists():
        return Finding("Administrators", "mail of requests reaches at least one")
    text = "no administrator has an e-mail address, so nobody gets mail of requests"
    is_wrong = settings.MAIL_URL.scheme != "console"
    mend = "sign in as administrator and add an address in Your account"
    return Finding("Administrators", text, mend if is_wrong else "")


def clouds() -> Iterator[Finding]:
    for cloud in Cloud.objects.filter(is_draft=False):
        yield _cloud(cloud)
    if not Cloud.objects.exists():
        yield Finding("Cloud", "there is none", UP)


def _cloud(cloud: Cloud) -> Finding:
    part = f"Cloud {cloud.name}"
    try:
        facts = cloud.driver().check()
    except CloudError as error:
        mend = f"Ctrl-C where Skydeck runs, then {UP}" if home.is_taken(settings.HOME) else UP
        return Finding(part, f"{type(error).__name__}: {error.detail}", mend)
    except ImportError as error:
        return Finding(part, f"its Python package is missing: {error}", f"{UP} --cloud {cloud.kind}")
    pretended = "; its machines are pretended" if cloud.is_fake else ""
    return Finding(part, f"{facts.version} answers{pretended}")


def _database_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
        (answer,) = cursor.fetchone()
    if isinstance(answer, str):  # SQLite gives text, in UTC
        answer = datetime.fromisoformat(answer).replace(tzinfo=UTC)
    assert isinstance(answer, datetime)
    return answer

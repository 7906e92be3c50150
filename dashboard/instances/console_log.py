"""The end of what a guest wrote to its console: pages show our row with its age, and ring while somebody looks.

However many look at one guest's, its cloud is asked once in a few seconds, and not at all when nobody does.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from celery import current_app
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from dashboard.clouds.interface import CloudError, Feature, Status
from dashboard.live.publish import publish
from dashboard.operations.failures import Failure, code_of
from dashboard.operations.failures import failure as in_words
from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Role
from dashboard.ui.matching import parts_of

from .models import ConsoleLog, Instance
from .verbs import has_text_only

PERIOD_S = 5
"""How often an open page asks. `static/instances/console_log.js` reads it from the page."""
FRESH = timedelta(seconds=PERIOD_S - 1)
AFTER_FAILURE = timedelta(seconds=30)
UNANSWERED = timedelta(seconds=60)
"""A cloud that has not answered by then is asked again."""
WRITING = frozenset({Status.ACTIVE, Status.RESCUE, Status.RESIZED, Status.BUILD})
AROUND = 2
"""Lines that a search shows before and after one that matches."""
MOST_FOUND = 500
LONGEST_SEARCH = 200


def exists(instance: Instance) -> bool:
    """Whether there can be one at all."""
    return instance.cloud.can(Feature.CONSOLE_LOG)


def can_fetch(instance: Instance) -> bool:
    return exists(instance) and bool(instance.remote_id) and not instance.deleted_at


def follows(instance: Instance) -> bool:
    """Whether more can come by itself."""
    return can_fetch(instance) and instance.status in WRITING


def look(instance: Instance) -> None:
    """Somebody looks: ring for a worker when what we have is older than 4 s.

    What failed is asked for again after 30 s, what was not answered after 60 s. Of a guest that does not run it is
    fetched once.
    """
    if not can_fetch(instance):
        return
    log, _made = ConsoleLog.objects.get_or_create(instance=instance)
    instance.console_log = log
    now = timezone.now()
    due = Q(asked_at=None)
    if follows(instance):
        due |= Q(failure="", taken_at__gte=F("asked_at"), asked_at__lt=now - FRESH)
        due |= ~Q(failure="") & Q(asked_at__lt=now - AFTER_FAILURE)
        due |= Q(asked_at__lt=now - UNANSWERED)
    if ConsoleLog.objects.filter(due, pk=log.pk).update(asked_at=now):
        log.asked_at = now
        transaction.on_commit(lambda: ring(instance), robust=True)


def ask(actor: Actor, instance: Instance) -> None:
    """Have a worker fetch it now, whatever we have."""
    actor.require(Role.MEMBER)
    ConsoleLog.objects.update_or_create(instance=instance, defaults={"asked_at": timezone.now()})
    transaction.on_commit(lambda: ring(instance), robust=True)


def ring(instance: Instance) -> None:
    current_app.send_task("instances.fetch_console_log", (str(instance.pk),), retry=False, expires=60)


# --- the worker's part -------------------------------------------------------------


TERMINAL_CODES = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b.|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)


def plain(text: str) -> str:
    """Without what a terminal would obey: colours, cursor movements, titles, carriage returns."""
    return TERMINAL_CODES.sub("", text)


def fetch(instance_id: str) -> None:
    """Store its end, or why it could not be had. Pages hear of it when something is new."""
    instance = Instance.objects.present().select_related("cloud").filter(pk=instance_id).first()
    if instance is None or not can_fetch(instance):
        return
    log, _made = ConsoleLog.objects.get_or_create(instance=instance)
    before = (log.text, log.failure, log.taken_at is None)
    try:
        log.text = plain(instance.cloud.driver_for(instance.tenant_id).compute.console_log(instance.remote_id))
        now = timezone.now()
        log.taken_at, log.failure = max(now, log.asked_at or now), ""  # two machines' clocks may differ
    except CloudError as error:
        log.failure = code_of(error)
    log.save(update_fields=["text", "taken_at", "failure"])
    if (log.text, log.failure, log.taken_at is None) != before:
        publish(instance.tenant_id, "console-log", object_id=instance.pk)


# --- the page's part ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """`parts` are `(text, matches)` in turn."""

    number: int
    parts: list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class LogView:
    """What the panel shows. `q` is a search that the server does, for browsers without JavaScript."""

    instance: Instance
    log: ConsoleLog
    exists: bool
    can_fetch: bool
    follows: bool
    q: str = ""
    is_page: bool = False
    """On a page of its own, not on that of the instance."""
    period_s: int = PERIOD_S

    @property
    def is_all(self) -> bool:
        """Whether there is no more of the console to be had than this."""
        return has_text_only(self.instance.cloud)

    @property
    def failure(self) -> Failure | None:
        return in_words(self.log.failure) if self.log.failure else None

    @property
    def version(self) -> str:
        """Another one for another text."""
        return f"{zlib.crc32(f'{self.log.failure} {self.log.text}'.encode()):x}"

    @property
    def groups(self) -> list[list[Line]]:
        """Runs of lines around those that have `q`."""
        return list(around(self.log.text, self.q))

    @property
    def count(self) -> int:
        return self.log.text.lower().count(self.q.lower()) if self.q else 0


def view_of(instance: Instance, *, q: str = "", is_page: bool = False) -> LogView:
    log = getattr(instance, "console_log", None) or ConsoleLog(instance=instance)
    return LogView(
        instance=instance,
        log=log,
        exists=exists(instance),
        can_fetch=can_fetch(instance),
        follows=follows(instance),
        q=q.replace("\x00", "")[:LONGEST_SEARCH],
        is_page=is_page,
    )


def around(text: str, q: str) -> Iterator[list[Line]]:
    if not q:
        return
    lines = text.splitlines()
    matching = [number for number, line in enumerate(lines) if q.lower() in line.lower()][:MOST_FOUND]
    shown = sorted({n for m in matching for n in range(max(0, m - AROUND), min(len(lines), m + AROUND + 1))})
    run: list[Line] = []
    for number in shown:
        if run and run[-1].number != number:  # numbers count from 1
            yield run
            run = []
        run.append(Line(number + 1, parts_of(lines[number], [q])))
    if run:
        yield run


def file_name(instance: Instance) -> str:
    """For a download: nothing that a file system would take for more than a name."""
    return (re.sub(r"[^\w.-]+", "-", instance.name).strip("-.")[:100] or "instance") + "-console.log"

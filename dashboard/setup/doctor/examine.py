"""Looking at every part in turn. Standard library only until Django is known to be there."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..environment import PYTHON, ROOT, is_inside
from . import ground
from .findings import UP, Finding, wants_colour

Check = Callable[[], Finding | Iterable[Finding]]
SETTINGS = "correct the SKYDECK_ variables that docs/settings.md describes"
DATABASE = "start the database, or correct SKYDECK_DATABASE_URL"
BROKER = "start the broker, or correct SKYDECK_BROKER_URL"


def main(arguments: list[str]) -> int:
    """Print a line for each part; 1 when something is wrong, else 0."""
    _go_inside(arguments)
    os.umask(0o077)  # looking at the database may make its file
    colour = wants_colour()
    is_wrong = False
    for finding in findings():
        print(finding.line(colour=colour), flush=True)
        is_wrong |= finding.is_wrong
    return int(is_wrong)


def findings() -> Iterator[Finding]:
    home = _home()
    yield ground.python()
    yield from _found("Packages", ground.packages, mend=UP)
    yield from _found("Disk space", lambda: ground.disk(home), mend=UP)
    yield ground.accelerated(home)
    try:
        import django

        django.setup()
    except Exception as error:  # whatever is wrong with them, it is what we are here to say
        yield Finding("Settings", f"cannot be loaded: {_sentence(error)}", _mend_settings(error))
        return
    logging.disable(logging.CRITICAL)  # what is wrong is said here, once
    yield from _with_django()


def _with_django() -> Iterator[Finding]:
    from . import running

    database = _found("Database", running.database, mend=DATABASE)
    yield from database
    yield from _found("Broker", running.broker, mend=BROKER)
    checks: dict[str, Check] = {
        "Migrations": running.migrations,
        "Clock": running.clock,
        "Worker": running.worker,
        "Mail": running.mail,
        "Administrators": running.administrators,
        "Cloud": running.clouds,
    }
    for part, check in checks.items():
        if database[0].is_wrong:
            yield Finding(part, "cannot be looked at without the database", DATABASE)
        else:
            yield from _found(part, check, mend=UP)


def _found(part: str, check: Check, *, mend: str) -> list[Finding]:
    """What a check found; a check that fails is a finding too, and never stops the next."""
    try:
        found = check()
        return [found] if isinstance(found, Finding) else list(found)
    except Exception as error:  # the edge of one check
        return [Finding(part, _sentence(error), mend)]


def _mend_settings(error: Exception) -> str:
    """A package that is missing is no fault of the settings."""
    return UP if isinstance(error, ImportError) else SETTINGS


def _sentence(error: Exception) -> str:
    first, *_ = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def _home() -> Path:
    """As in settings/, which may be what is broken."""
    return Path(os.environ.get("SKYDECK_HOME", "").strip() or ROOT / "var").resolve()


def _go_inside(arguments: list[str]) -> None:
    """Into .venv as it is, without mending it: that is not for the doctor."""
    if not is_inside() and PYTHON.exists() and not os.environ.get("SKYDECK_NO_BOOTSTRAP"):
        os.execv(PYTHON, [str(PYTHON), *arguments])

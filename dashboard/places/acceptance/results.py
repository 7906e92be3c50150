"""One step of the list."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import structlog

from dashboard.clouds.interface import Call, CloudError, noting_calls
from dashboard.operations.failures import told_by, told_by_own
from dashboard.ui import scrubbing

log = structlog.get_logger(__name__)


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NOT_POSSIBLE = "not possible"


class NotPossible(Exception):
    """This cloud does not have it, or there is nothing to try it with; the message says which.

    It goes into the report: it is ours alone, without names and without the cloud's own words.
    """


class Wrong(Exception):
    """The cloud answered, and not with what it should have; the message says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`told` is for whoever runs the list: names and the cloud's own words may be in it. `code` is ours alone."""

    step: str
    verdict: Verdict
    told: str = ""
    code: str = ""
    count: int | None = None
    took_s: float = 0.0
    calls: tuple[str, ...] = field(default_factory=tuple)


Told = str | int
"""What a step that went well says: some words, or how many there are."""


def attempt(step: str, do: Callable[[], Told]) -> Result:
    """Never raises but for what stops the whole program: one step that goes wrong is one line."""
    began, verdict, told, code = time.monotonic(), Verdict.PASS, "", ""
    said: Told = ""
    with noting_calls() as calls:
        try:
            said = do()
        except NotPossible as error:
            verdict, told = Verdict.NOT_POSSIBLE, str(error)
        except Wrong as error:
            verdict, told, code = Verdict.FAIL, str(error), "not-as-it-should-be"
        except CloudError as error:
            verdict, told, code = Verdict.FAIL, scrubbing.text(error.detail)[:500], told_by(error).code
            calls.append(Call(error.request_id))
        except Exception as error:  # the edge of the step
            log.exception("a step of the list failed in Skydeck itself", step=step)
            verdict, told, code = Verdict.FAIL, repr(error), told_by_own(error).code
    return Result(
        step=step,
        verdict=verdict,
        told=told or str(said),
        code=code,
        count=said if isinstance(said, int) else None,
        took_s=time.monotonic() - began,
        calls=tuple(dict.fromkeys(call.id for call in calls if call.id)),
    )

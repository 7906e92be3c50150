"""What one step of testing a connection found, said in one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from time import monotonic

from ..interface import Finding, FindingState


def ok(step: str, **values: str) -> Finding:
    return Finding(step=step, state=FindingState.OK, values=values)


def warning(step: str, code: StrEnum, *, detail: str = "", **values: str) -> Finding:
    return Finding(step=step, state=FindingState.WARNING, code=code, detail=detail, values=values)


def bad(step: str, code: StrEnum, *, detail: str = "", **values: str) -> Finding:
    return Finding(step=step, state=FindingState.BAD, code=code, detail=detail, values=values)


def skipped(step: str) -> Finding:
    return Finding(step=step, state=FindingState.SKIPPED)


def timed(ask: Callable[[], Finding]) -> Finding:
    began = monotonic()
    finding = ask()
    return replace(finding, took_s=round(monotonic() - began, 3))

"""Testing the connection to a fake cloud, in the steps that a real one is tested in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from ...interface import AuthFailed, CloudError, Driver, Finding, FindingState

NEEDED = ("version", "sign-in")
"""Where one of these goes wrong, what follows is not asked."""


def findings(driver: Driver) -> Iterator[Finding]:
    lost = False
    for step, ask in _steps(driver):
        found = Finding(step=step, state=FindingState.SKIPPED) if lost else _try(step, ask)
        yield found
        lost = lost or (step in NEEDED and found.state is FindingState.BAD)


def _steps(driver: Driver) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "version", lambda: _answers(driver)
    yield "sign-in", driver.check
    yield "compute", lambda: list(driver.compute.list())
    yield "image", lambda: list(driver.images.list())
    if driver.networks:
        yield "network", driver.networks.networks
    if driver.places:
        yield "rights", driver.places.list
    if driver.quotas:
        yield "quota", driver.quotas.get


def _answers(driver: Driver) -> None:
    """That a key is not accepted is an answer too."""
    try:
        driver.check()
    except AuthFailed:
        return


def _try(step: str, ask: Callable[[], object]) -> Finding:
    began = time.monotonic()
    try:
        ask()
    except CloudError as error:
        state, code, detail = FindingState.BAD, type(error).__name__, error.detail
    else:
        state, code, detail = FindingState.OK, "", ""
    return Finding(step=step, state=state, code=code, detail=detail, took_s=time.monotonic() - began)

"""Testing the connection to a fake cloud, in the steps that a real one is tested in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from ...interface import AuthFailed, CloudError, Driver, Feature, Finding, FindingState

NEEDED = ("answer", "version", "sign-in")
"""Where one of these goes wrong, what follows is not asked."""

Values = Mapping[str, str]


def findings(driver: Driver) -> Iterator[Finding]:
    lost = False
    for step, ask in _steps(driver):
        found = Finding(step=step, state=FindingState.SKIPPED) if lost else _try(step, ask)
        yield found
        lost = lost or (step in NEEDED and found.state is FindingState.BAD)


def _steps(driver: Driver) -> Iterator[tuple[str, Callable[[], Values]]]:
    if Feature.PLACES in driver.features:  # as an OpenStack
        yield "version", lambda: _version(driver)
        yield "sign-in", lambda: _sign_in(driver)
    else:
        yield "answer", lambda: _answer(driver)
    yield "compute", lambda: _service(list(driver.compute.list()))
    yield "image", lambda: _service(list(driver.images.list()))
    if (networks := driver.networks) is not None:
        yield "network", lambda: _service(networks.networks())
    if (places := driver.places) is not None:
        yield "rights", lambda: {"roles": "admin", "places": str(len(list(places.list())))}
    if (quotas := driver.quotas) is not None:
        yield "quota", lambda: {name: _words(limit.limit) for name, limit in quotas.get().items()}


def _answer(driver: Driver) -> Values:
    driver.check()
    return {}


def _version(driver: Driver) -> Values:
    """That a key is not accepted is an answer too."""
    with suppress(AuthFailed):
        driver.check()
    return {"version": "fake"}


def _sign_in(driver: Driver) -> Values:
    driver.check()
    is_tenants = driver.places is None
    return {"project": driver.place().name if is_tenants else "admin", "roles": "member" if is_tenants else "admin"}


def _service(answer: object) -> Values:
    """`answer` was had, and that is all."""
    return {"version": "fake", "url": "file"}


def _words(limit: int | None) -> str:
    return "-" if limit is None else str(limit)


def _try(step: str, ask: Callable[[], Values]) -> Finding:
    began = time.monotonic()
    try:
        found = Finding(step=step, state=FindingState.OK, values=ask())
    except CloudError as error:
        found = Finding(step=step, state=FindingState.BAD, code=type(error).__name__, detail=error.detail)
    return replace(found, took_s=time.monotonic() - began)

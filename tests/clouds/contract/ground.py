"""What every part of the contract stands on: one driver, something to launch, and patience."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator

import pytest

from dashboard.clouds.interface import Change, Driver, Feature, LaunchSpec, RemoteInstance, Status

NOWHERE = "00000000-0000-4000-8000-000000000000"
SOON_S = 10


def eventually(ask: Callable[[], object], *, seconds: float = SOON_S) -> None:
    end = time.monotonic() + seconds
    while not ask():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


def unique(word: str) -> str:
    """A name that no other test and no earlier run has used."""
    return f"contract-{word}-{uuid.uuid4().hex[:8]}"


def needs(feature: Feature) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A test that is skipped, before anything is launched for it, where the feature is not declared."""

    def mark(test: Callable[..., None]) -> Callable[..., None]:
        test.needs = feature  # type: ignore[attr-defined]
        return test

    return mark


class Watcher:
    """Collects what `watch` tells, in a thread of its own."""

    def __init__(self, driver: Driver) -> None:
        self.stop = threading.Event()
        self.seen: list[Change] = []
        self.changes = driver.compute.watch(self.stop)
        self.thread = threading.Thread(target=self._collect, daemon=True)
        self.thread.start()

    def _collect(self) -> None:
        for change in self.changes:
            self.seen.append(change)  # not extend: that would show nothing before the end

    def has_seen(self, remote_id: str, status: Status | None) -> bool:
        return any(
            change.remote_id == remote_id and (change.instance.status if change.instance else None) == status
            for change in self.seen
        )

    def end(self) -> None:
        self.stop.set()
        self.thread.join(5)
        assert not self.thread.is_alive(), "watch does not end when it is told to"


class OnACloud:
    """A test class gives the fixtures `driver` and `image_id`, and what it has otherwise."""

    soon_s: float = SOON_S
    """For what is only asked for by a verb and seen later. A real cloud needs more."""
    pause_s: float = 0.05
    """Between two looks."""
    deletes_at_once: bool = True
    """Whether an instance is gone when `delete` returns."""

    @pytest.fixture(autouse=True)
    def _declared(self, request: pytest.FixtureRequest) -> None:
        if feature := getattr(request.function, "needs", None):
            self.require(request.getfixturevalue("driver"), feature)

    @pytest.fixture
    def size(self) -> dict[str, object]:
        """What every launch asks for. Where the flavor decides: what the flavor has."""
        return {"vcpus": 1, "ram_mib": 64, "disk_gib": 1, "flavor_id": "small"}

    @pytest.fixture
    def spec(self, image_id: str, size: dict[str, object]) -> LaunchSpec:
        ours = {"instance_id": str(uuid.uuid4()), "tenant_id": "lab", "operation_id": "op-1"}
        return LaunchSpec(**ours, name=unique("web"), image_id=image_id, **size)

    @pytest.fixture
    def launch(self, driver: Driver) -> Iterator[Callable[[LaunchSpec], RemoteInstance]]:
        """Look before creating, as callers do; wait until it is built; delete it after the test."""
        made: list[str] = []

        def look_or_create(spec: LaunchSpec) -> RemoteInstance:
            remote = driver.compute.find(spec.instance_id) or driver.compute.create(spec)
            made.append(remote.id)
            self.eventually(lambda: driver.compute.get(remote.id).status is not Status.BUILD)
            return driver.compute.get(remote.id)

        yield look_or_create
        for remote_id in made:
            driver.compute.delete(remote_id)
        if not self.deletes_at_once:  # what it is plugged into can be removed only then
            self.eventually(lambda: not {remote.id for remote in driver.compute.list()} & set(made))

    @pytest.fixture
    def remote(self, launch: Callable[[LaunchSpec], RemoteInstance], spec: LaunchSpec) -> RemoteInstance:
        """One that runs."""
        return launch(spec)

    def eventually(self, ask: Callable[[], object]) -> None:
        end = time.monotonic() + self.soon_s
        while not ask():
            assert time.monotonic() < end, f"not within {self.soon_s} s"
            time.sleep(self.pause_s)

    def expect(self, driver: Driver, remote_id: str, status: Status) -> RemoteInstance:
        """It has that status soon, and the cloud is at rest about it."""
        self.eventually(lambda: self._is_at_rest(driver.compute.get(remote_id), status))
        return driver.compute.get(remote_id)

    def expect_gone(self, driver: Driver, spec: LaunchSpec) -> None:
        if not self.deletes_at_once:
            self.eventually(lambda: self.count(driver, spec) == 0)
        assert self.count(driver, spec) == 0

    def _is_at_rest(self, remote: RemoteInstance, status: Status) -> bool:
        return remote.status is status and not remote.task

    def count(self, driver: Driver, spec: LaunchSpec) -> int:
        marks = (instance.mark for instance in driver.compute.list() if instance.mark)
        return sum(mark.instance_id == spec.instance_id for mark in marks)

    def reserved(self, driver: Driver) -> list[str]:
        """What cannot be a tag there; empty where all can."""
        return [*driver.bounds.reserved_words, *(f"{begin}x" for begin in driver.bounds.reserved)]

    def require(self, driver: Driver, feature: Feature) -> None:
        if feature not in driver.features:
            pytest.skip(f"this cloud does not declare {feature}")

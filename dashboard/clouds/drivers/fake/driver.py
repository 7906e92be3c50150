"""The fake cloud: a full driver whose cloud is one SQLite file, for tests, demonstrations and load."""

from __future__ import annotations

from collections.abc import Mapping

from ...interface import CloudFacts, Compute, Driver, Feature, Images
from .calls import Calls
from .compute import FakeCompute
from .consoles import FakeConsoles
from .images import FakeImages

FEATURES = frozenset(
    {
        Feature.START_STOP,
        Feature.REBOOT_SOFT,
        Feature.REBOOT_HARD,
        Feature.PUBLIC_KEY,
        Feature.CONSOLE_SERIAL,
        Feature.CONSOLE_LOG,
        Feature.EVENTS,
    }
)


class FakeDriver(Driver):
    def __init__(self, *, path: str, delay_s: float, forgetful: bool) -> None:
        self.calls = Calls(path)
        self.features = FEATURES
        self.compute: Compute = FakeCompute(self.calls, delay_s=delay_s, forgetful=forgetful)
        self.images: Images = FakeImages(self.calls)
        self.consoles = FakeConsoles(self.calls)

    def check(self) -> CloudFacts:
        with self.calls.read("check"):
            return CloudFacts(version="fake", vcpus=64, ram_mib=262144, disk_free_gib=4096)

    def close(self) -> None:
        """Nothing is held open between calls."""


def connect(settings: Mapping[str, str]) -> Driver:
    return FakeDriver(
        path=settings["path"],
        delay_s=float(settings.get("delay_s") or 0),
        forgetful=settings.get("forgetful") == "yes",
    )

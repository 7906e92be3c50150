"""An OpenStack cloud, or one project of it.

With `place_id` in its settings a driver works in one tenant's project, with that tenant's credential. Without, it is
the cloud's own: it makes places and counts hosts. Without any credential it can do no more than `check`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...interface import CloudFacts, Compute, Driver, Feature, Images
from .capacity import size
from .compute import OpenStackCompute
from .flavors import OpenStackFlavors
from .images import OpenStackImages
from .session import Session

EVERYWHERE = frozenset(
    {
        Feature.START_STOP,
        Feature.REBOOT_SOFT,
        Feature.REBOOT_HARD,
        Feature.PUBLIC_KEY,
        Feature.CONSOLE_LOG,
        Feature.PLACES,
    }
)
"""What every Nova has."""


class OpenStackDriver(Driver):
    def __init__(self, settings: Mapping[str, str]) -> None:
        self.session = Session(settings)
        self.is_place = bool(settings.get("place_id"))
        self.compute: Compute = OpenStackCompute(self.session)
        self.images: Images = OpenStackImages(self.session, is_place=self.is_place)
        self.flavors = OpenStackFlavors(self.session)

    @property
    def features(self) -> frozenset[Feature]:  # type: ignore[override]
        return EVERYWHERE

    def check(self) -> CloudFacts:
        """Signs in and asks Nova. An administrator's credential learns how big the cloud is."""
        if not self.session.has_credential:
            return CloudFacts(version=self.session.keystone_version())
        version = self.session.version("compute")
        if self.is_place:
            self.session.get("compute", "/limits")
            return CloudFacts(version=version)
        return replace(size(self.session), version=version)

    def close(self) -> None:
        self.session.close()


def connect(settings: Mapping[str, str]) -> Driver:
    return OpenStackDriver(settings)

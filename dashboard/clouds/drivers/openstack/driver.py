"""An OpenStack cloud, or one project of it.

With `place_id` in its settings a driver works in one tenant's project, with that tenant's credential. Without, it is
the cloud's own: it makes places and counts hosts. Without any credential it can do no more than `check`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ...interface import CloudFacts, Compute, Driver, Feature, Finding, Images, RemotePlace, Unavailable
from . import keypairs
from .access import OpenStackAccess
from .bounds import BOUNDS
from .capacity import OpenStackCapacity, size
from .compute import Listen, OpenStackCompute
from .consoles import OpenStackConsoles
from .diagnose import diagnose
from .flavors import OpenStackFlavors
from .history import OpenStackHistory
from .images import OpenStackImages
from .lifecycle import OpenStackLifecycle
from .metrics import OpenStackMetrics
from .networks import OpenStackNetworks
from .notifications import Notifications
from .offered import Offered
from .places import OpenStackPlaces
from .placing import OpenStackPlacing
from .quotas import OpenStackQuotas
from .servers import READ
from .session import Session
from .sign_in import OpenStackSignIn


class OpenStackDriver(Driver):
    bounds = BOUNDS

    def __init__(self, settings: Mapping[str, str]) -> None:
        session = self.session = Session(settings)
        self.is_place = bool(settings.get("place_id"))
        self.listen = listen_of(settings)
        self.compute: Compute = OpenStackCompute(session, listen=self.listen)
        self.images: Images = OpenStackImages(session, is_place=self.is_place)
        self.lifecycle = OpenStackLifecycle(session)
        self.flavors = OpenStackFlavors(session)
        self.placing = OpenStackPlacing(session)
        self.consoles = OpenStackConsoles(session)
        self.networks = OpenStackNetworks(session)
        self.quotas = OpenStackQuotas(session)
        self.sign_in = OpenStackSignIn(settings)
        metrics = None
        if session.has_credential and not self.is_place:
            self.places = OpenStackPlaces(session)
            self.access = OpenStackAccess(session)
            self.capacity = OpenStackCapacity(session)
            metrics = self.metrics = OpenStackMetrics(session)
        self.offered = Offered(session, self.consoles, metrics=metrics)
        self.history = OpenStackHistory(session, saw=self.offered.saw)

    @property
    def features(self) -> frozenset[Feature]:  # type: ignore[override]
        """May ask the cloud, where it has not told yet; never raises."""
        told = {Feature.EVENTS} if self.listen else set()
        return self.offered.now() | told

    def check(self) -> CloudFacts:
        """Signs in and asks Nova. An administrator's credential learns how big the cloud is."""
        if not self.session.has_credential:
            return CloudFacts(version=self.session.keystone_version())
        version = self.session.version("compute")
        if not self.session.serves("compute", READ):
            raise Unavailable(f"{version} is too old: {READ} is needed (Stein, of 2019)", source="nova")
        if self.is_place:
            self.session.get("compute", "/limits")
            return CloudFacts(version=version)
        return replace(size(self.session), version=version)

    def place(self) -> RemotePlace:
        return RemotePlace(id=self.session.project_id, name=self.session.project_name)

    def forget_key(self, public_key: str) -> None:
        keypairs.forget(self.session, public_key)

    def diagnose(self) -> Iterator[Finding]:
        return diagnose(self.session.settings)

    def close(self) -> None:
        self.session.close()


def listen_of(settings: Mapping[str, str]) -> Listen | None:
    """How the cloud's own driver hears of changes, where its administrator named the broker."""
    if not settings.get("notifications_url") or settings.get("place_id"):
        return None
    return Notifications(settings["notifications_url"], ca_bundle=settings.get("ca_bundle", "")).changes


def connect(settings: Mapping[str, str]) -> Driver:
    return OpenStackDriver(settings)

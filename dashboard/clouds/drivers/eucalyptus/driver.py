"""A Eucalyptus cloud, or one account of it.

With `place_id` in its settings a driver works in one tenant's account: with a key of the tenant's, or as a user for
whom the cloud's own key fetches tokens. Without, it is the cloud's own: it makes places and tells what the cloud has.
Without any credential it can do no more than `check`.

Built from the published sources of Eucalyptus 4.4 and 5.1, and not yet tried on a real cloud.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...interface import AuthFailed, CloudFacts, Compute, Driver, Feature, Finding, Images, RemotePlace
from . import keypairs, markup
from .access import EucalyptusAccess
from .bounds import BOUNDS
from .capacity import size
from .compute import EucalyptusCompute
from .diagnose import diagnose
from .ec2 import Ec2
from .flavors import EucalyptusFlavors
from .images import EucalyptusImages
from .instances import Instances
from .lifecycle import EucalyptusLifecycle
from .networks import EucalyptusNetworks
from .offered import Offered
from .places import EucalyptusPlaces
from .placing import EucalyptusPlacing
from .quotas import EucalyptusQuotas, counted
from .session import Session, entering


class EucalyptusDriver(Driver):
    bounds = BOUNDS

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.settings = dict(settings)
        own = Session(settings)
        self.place_id = settings.get("place_id", "")
        user_id = settings.get("place_user", "")
        session = self.session = entering(own, user_id=user_id) if user_id else own
        ec2 = self.ec2 = Ec2(session)
        self.flavors = EucalyptusFlavors(session)
        instances = Instances(session, ec2, self.flavors)
        images = EucalyptusImages(ec2, is_place=bool(self.place_id))
        compute = EucalyptusCompute(session, ec2, instances, images)
        self.images: Images = images
        self.compute: Compute = compute
        self.lifecycle = EucalyptusLifecycle(ec2, instances)
        self.placing = EucalyptusPlacing(ec2)
        self.networks = EucalyptusNetworks(session, ec2)
        self.quotas = EucalyptusQuotas(
            session, reading=own, place_id=self.place_id, used=lambda: counted(instances, ec2)
        )
        if own.has_credential and not self.place_id:
            self.places = EucalyptusPlaces(session, self.flavors)
            self.access = EucalyptusAccess(session)
        self.offered = Offered(session)

    @property
    def features(self) -> frozenset[Feature]:  # type: ignore[override]
        """May ask the cloud, where it has not told yet; never raises."""
        return self.offered.now() | ({Feature.ACCESS_KEYS} if self.access else frozenset())

    def check(self) -> CloudFacts:
        """Signs in and asks EC2. An administrator's credential learns how big the cloud is."""
        if not self.session.has_credential:
            return self._answers()
        version = f"Eucalyptus {self.session.release}"
        notes = {"networks": "VPC" if self.session.has_vpc else "EDGE"}
        if self.place_id:
            return CloudFacts(version=version, notes=notes)
        vcpus, ram_mib = size(self.session)
        return CloudFacts(version=version, vcpus=vcpus, ram_mib=ram_mib, notes=notes)

    def _answers(self) -> CloudFacts:
        """A call of nobody's is refused, in words that only a Eucalyptus has."""
        try:
            Session({**self.settings, "access_key": "nobody", "secret_key": "nobody"}).query(
                "ec2", "DescribeRegions", {}
            )
        except AuthFailed:
            return CloudFacts(version="Eucalyptus")
        return CloudFacts(version="Eucalyptus")

    def place(self) -> RemotePlace:
        """The account whose key it is."""
        found = self.session.sts("GetCallerIdentity")
        account_id = markup.text(found, "Account")
        return RemotePlace(id=account_id, name=account_id)

    def forget_key(self, public_key: str) -> None:
        keypairs.forget(self.ec2, public_key)

    def diagnose(self) -> Iterator[Finding]:
        return diagnose(self.settings)

    def close(self) -> None:
        self.session.close()


def connect(settings: Mapping[str, str]) -> Driver:
    return EucalyptusDriver(settings)

"""The fake cloud: a full driver whose cloud is one SQLite file, for tests, demonstrations and load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...interface import CloudFacts, Compute, Driver, Feature, Finding, Images, RemotePlace
from . import diagnose, places
from .access import FakeAccess
from .calls import Calls
from .capacity import DISK_GIB, RAM_MIB, VCPUS, FakeCapacity
from .compute import FakeCompute
from .connection import has_places
from .consoles import FakeConsoles
from .flavors import FakeFlavors
from .history import FakeHistory
from .images import FakeImages
from .lifecycle import FakeLifecycle
from .mapping import ZONES
from .metrics import FakeMetrics
from .networks import FakeNetworks
from .places import FakePlaces
from .placing import FakePlacing
from .quotas import FakeQuotas

ALWAYS = frozenset(
    {
        Feature.START_STOP,
        Feature.REBOOT_SOFT,
        Feature.REBOOT_HARD,
        Feature.PAUSE,
        Feature.SUSPEND,
        Feature.SHELVE,
        Feature.RESCUE,
        Feature.LOCK,
        Feature.RESIZE,
        Feature.REBUILD,
        Feature.SNAPSHOT,
        Feature.RENAME,
        Feature.TAGS,
        Feature.METADATA,
        Feature.DESCRIPTION,
        Feature.PUBLIC_KEY,
        Feature.USER_DATA,
        Feature.ZONES,
        Feature.BOOT_VOLUME,
        Feature.ADDRESSES_STAY,
        Feature.ACTIONS,
        Feature.CONSOLE_SERIAL,
        Feature.CONSOLE_LOG,
        Feature.PASSWORD,
    }
)
IN_PLACES = frozenset(
    {
        Feature.PLACES,
        Feature.PLACE_REMOVE,
        Feature.CHANGES,
        Feature.QUOTAS,
        Feature.SERVER_GROUPS,
        Feature.NETWORKS,
        Feature.NETWORK_EDIT,
        Feature.NETWORK_AUTO,
        Feature.FIXED_ADDRESS,
        Feature.SECURITY_GROUPS,
        Feature.RULES_EGRESS,
        Feature.RULES_IPV6,
        Feature.RULES_ANY_PROTOCOL,
        Feature.FLOATING_IPS,
    }
)
"""Without places the sizes are Skydeck's own, and networks and server groups would be everybody's."""
WITHOUT_PLACES = frozenset({Feature.FLAVOR_EDIT})
FOR_ADMINISTRATORS = frozenset({Feature.EVENTS, Feature.CAPACITY, Feature.METRICS})


class FakeDriver(Driver):
    """Of a whole cloud without places, of one with them (`calls.place_id` is empty), or of one place."""

    def __init__(self, calls: Calls, *, forgetful: bool, screens: str) -> None:
        self.calls = calls
        self.features = features_of(calls) | ({Feature.CONSOLE_VNC} if screens else frozenset())
        self.compute: Compute = FakeCompute(calls, forgetful=forgetful)
        self.images: Images = FakeImages(calls)
        self.lifecycle = FakeLifecycle(calls)
        self.history = FakeHistory(calls)
        self.flavors = FakeFlavors(calls) if calls.has_places else None
        self.placing = FakePlacing(calls)
        self.consoles = FakeConsoles(calls, screens=screens)
        self.networks = FakeNetworks(calls) if calls.has_places else None
        self.quotas = FakeQuotas(calls) if calls.has_places else None
        self.places = FakePlaces(calls) if calls.has_places and not calls.place_id else None
        self.access = FakeAccess(calls) if calls.has_places and not calls.place_id else None
        self.capacity = FakeCapacity(calls) if not calls.place_id else None
        self.metrics = FakeMetrics(calls) if not calls.place_id else None

    def check(self) -> CloudFacts:
        with self.calls.read("check"):
            hosts = len(ZONES)
            return CloudFacts(
                version="fake", vcpus=hosts * VCPUS, ram_mib=hosts * RAM_MIB, disk_free_gib=hosts * DISK_GIB
            )

    def place(self) -> RemotePlace:
        with self.calls.read("place") as db:
            return places.place_of(db, self.calls.place_id)

    def diagnose(self) -> Iterator[Finding]:
        return diagnose.findings(self)

    def close(self) -> None:
        """Nothing is held open between calls."""


def features_of(calls: Calls) -> frozenset[Feature]:
    features = ALWAYS | (IN_PLACES if calls.has_places else WITHOUT_PLACES)
    if calls.place_id:
        return features
    return features | FOR_ADMINISTRATORS | ({Feature.ACCESS_KEYS} if calls.has_places else frozenset())


def connect(settings: Mapping[str, str]) -> Driver:
    calls = Calls(
        settings["path"],
        delay_s=float(settings.get("delay_s") or 0),
        has_places=has_places(settings),
        place_id=settings.get("place_id", ""),
        key=settings.get("key", ""),
    )
    forgetful = settings.get("forgetful") == "yes"
    return FakeDriver(calls, forgetful=forgetful, screens=settings.get("screens", ""))

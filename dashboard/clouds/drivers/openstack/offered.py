"""What one OpenStack can do: from its catalogue, from the roles of the credential, and from what it answered.

Whether consoles are offered stands nowhere: Nova says it only of a server, and its hosts may differ. So one server
that runs is asked, once; while none runs nothing is declared, and nobody misses it. So it is with what servers use,
which the cloud's policy may keep from us.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from ...interface import CloudError, ConsoleKind, Feature, Refused, RemoteInstance, Status
from .consoles import OpenStackConsoles
from .errors import translated
from .metrics import OpenStackMetrics
from .session import Session

EVERYWHERE = frozenset(
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
        Feature.SERVER_GROUPS,
        Feature.ACTIONS,
        Feature.ADDRESSES_STAY,
        Feature.CONSOLE_LOG,
        Feature.PASSWORD,
        Feature.CHANGES,
        Feature.PLACES,
        Feature.QUOTAS,
    }
)
"""What every Nova has."""

NETWORKED = frozenset(
    {
        Feature.NETWORKS,
        Feature.NETWORK_EDIT,
        Feature.FIXED_ADDRESS,
        Feature.NETWORK_AUTO,
        Feature.SECURITY_GROUPS,
        Feature.RULES_EGRESS,
        Feature.RULES_IPV6,
        Feature.RULES_ANY_PROTOCOL,
        Feature.FLOATING_IPS,
    }
)
"""What every Neutron has. `auto` takes the only network that there is, with or without Neutron's topologies."""

CONSOLES = {ConsoleKind.VNC: Feature.CONSOLE_VNC, ConsoleKind.SERIAL: Feature.CONSOLE_SERIAL}
LOOK_AGAIN_S = 60.0
"""How long to wait with the next look for a server that runs, and tells of consoles."""


class Offered:
    """Asked for anew until all of it is known; `now` never raises."""

    def __init__(self, session: Session, consoles: OpenStackConsoles, *, metrics: OpenStackMetrics | None) -> None:
        """`metrics` only with the cloud's own credential."""
        self.session = session
        self.consoles = consoles
        self.metrics = metrics
        self.services: frozenset[Feature] | None = None
        self.shown: frozenset[Feature] | None = None
        self.measured: frozenset[Feature] | None = None if metrics else frozenset()
        self.looked_at = -LOOK_AGAIN_S

    def saw(self, instances: Iterable[RemoteInstance]) -> None:
        """One that runs can be asked about consoles now; there is no need to wait for the next look."""
        if self.shown is None and any(instance.status is Status.ACTIVE for instance in instances):
            self.looked_at = -LOOK_AGAIN_S

    def now(self) -> frozenset[Feature]:
        """As far as it is known; a cloud that is away offers what every one does."""
        try:
            if self.services is None:
                self.services = self._services()
            if None in (self.shown, self.measured) and time.monotonic() - self.looked_at > LOOK_AGAIN_S:
                self.looked_at = time.monotonic()
                self._look()
        except CloudError:
            pass
        known = (self.services, self.shown, self.measured)
        return EVERYWHERE.union(*(features or frozenset() for features in known))

    def _look(self) -> None:
        """At a server that runs, for what no catalogue says."""
        if self.metrics and self.measured is None and (allowed := self.metrics.may_ask()) is not None:
            self.measured = frozenset({Feature.METRICS} if allowed else ())
        if self.shown is None:
            self.shown = self._shown()

    def _services(self) -> frozenset[Feature]:
        found = frozenset[Feature]()
        if self.session.has("network"):
            found |= NETWORKED
        if self.session.has("block-storage"):
            found |= {Feature.BOOT_VOLUME}
        if self.metrics and "admin" in self.session.roles:
            found |= {Feature.CAPACITY, Feature.ACCESS_KEYS}
        return found

    def _shown(self) -> frozenset[Feature] | None:
        """None while no server runs."""
        with translated("nova"):
            params = {"status": "ACTIVE", "limit": "1"}
            running = self.session.get("compute", "/servers", params=params)["servers"]
            if not running:
                return None
            return frozenset(feature for kind, feature in CONSOLES.items() if self._has(running[0]["id"], kind))

    def _has(self, remote_id: str, kind: ConsoleKind) -> bool:
        try:
            self.consoles.url(remote_id, kind)
        except Refused:
            return False
        return True

"""What one Eucalyptus can do: what every one can, and what its kind of networks brings."""

from __future__ import annotations

from ...interface import CloudError, Feature
from .session import Session

EVERYWHERE = frozenset(
    {
        Feature.START_STOP,
        Feature.REBOOT_SOFT,
        Feature.RENAME,
        Feature.TAGS,
        Feature.METADATA,
        Feature.DESCRIPTION,
        Feature.PUBLIC_KEY,
        Feature.USER_DATA,
        Feature.ZONES,
        Feature.ROOT_DISK,
        Feature.CONSOLE_LOG,
        Feature.PASSWORD,
        Feature.SECURITY_GROUPS,
        Feature.FLOATING_IPS,
        Feature.PLACES,
        Feature.PLACE_REMOVE,
        Feature.QUOTAS,
    }
)
"""No screens, no resize of what runs, no rescue, no lock, no list of changes: it has none of them."""

WITH_VPC = frozenset(
    {
        Feature.NETWORKS,
        Feature.FIXED_ADDRESS,
        Feature.NETWORK_AUTO,
        Feature.NETWORK_DEFAULT,
        Feature.PORTS_STAY,
        Feature.RULES_EGRESS,
        Feature.RULES_ANY_PROTOCOL,
    }
)
"""In EDGE rules are for what comes in, and each names its protocol; a stop takes all addresses away, elastic ones too.
With VPC it takes only a public one that is not elastic. IPv6 there is in neither."""


class Offered:
    """Asked for anew until it is known; `now` never raises."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def now(self) -> frozenset[Feature]:
        try:
            return EVERYWHERE | WITH_VPC if self.session.has_vpc else EVERYWHERE
        except CloudError:
            return EVERYWHERE

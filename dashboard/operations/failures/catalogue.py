"""All entries, in the order in which their signs are tried."""

from __future__ import annotations

from .clouds import CLOUDS
from .ec2 import EC2
from .entry import Failure
from .general import GENERAL
from .hosts import HOSTS
from .instances import INSTANCES
from .limits import LIMITS
from .networks import NETWORKS
from .ours import OURS
from .places import PLACES
from .storage import STORAGE

FAILURES: dict[str, Failure] = {
    **EC2,
    **HOSTS,
    **OURS,
    **LIMITS,
    **NETWORKS,
    **STORAGE,
    **INSTANCES,
    **CLOUDS,
    **PLACES,
    **GENERAL,
}

"""All entries, in the order in which their signs are tried."""

from __future__ import annotations

from .clouds import CLOUDS
from .entry import Failure
from .general import GENERAL
from .instances import INSTANCES
from .limits import LIMITS
from .networks import NETWORKS
from .places import PLACES
from .storage import STORAGE

FAILURES: dict[str, Failure] = {**LIMITS, **NETWORKS, **STORAGE, **INSTANCES, **CLOUDS, **PLACES, **GENERAL}

"""What every driver must do, asked of each in the same words: one class for each part of the interface.

    OnACloud                  the fixtures `driver`, `image_id`; patience and sizes, to be overridden
    ├── DriverContract        compute, images, consoles            every driver
    │   └── CreateTokenContract   a second create is harmless
    ├── LifecycleContract     the other verbs
    ├── HistoryContract       changes and actions
    ├── PlacingContract       zones and server groups
    ├── NetworksContract      networks, routers, security groups, floating IPs
    ├── MetricsContract       what instances use
    ├── PlacesContract        places of tenants and their credentials
    ├── AccessContract        keys of people, for the cloud's own tools
    └── QuotasContract        the cloud's own limits

Nothing here waits for a guest to boot. Names are new in each test and what is made is removed.
"""

import pytest

for _part in (
    "ground",
    "driver",
    "lifecycle",
    "history",
    "placing",
    "networks",
    "security",
    "metrics",
    "places",
    "access",
    "quotas",
):
    pytest.register_assert_rewrite(f"{__name__}.{_part}")

from .access import AccessContract  # noqa: E402  after the asserts are made to explain themselves
from .driver import CreateTokenContract, DriverContract  # noqa: E402
from .ground import NOWHERE, OnACloud, Watcher, eventually, unique  # noqa: E402
from .history import HistoryContract  # noqa: E402
from .lifecycle import LifecycleContract  # noqa: E402
from .metrics import MetricsContract  # noqa: E402
from .networks import NetworksContract  # noqa: E402
from .places import PlacesContract  # noqa: E402
from .placing import PlacingContract  # noqa: E402
from .quotas import QuotasContract  # noqa: E402
from .security import SecurityContract  # noqa: E402

__all__ = [
    "NOWHERE",
    "AccessContract",
    "CreateTokenContract",
    "DriverContract",
    "HistoryContract",
    "LifecycleContract",
    "MetricsContract",
    "NetworksContract",
    "OnACloud",
    "PlacesContract",
    "PlacingContract",
    "QuotasContract",
    "SecurityContract",
    "Watcher",
    "eventually",
    "unique",
]

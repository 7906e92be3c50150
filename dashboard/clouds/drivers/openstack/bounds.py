"""What OpenStack does not take, whatever its release."""

from __future__ import annotations

from ...interface import Bounds

MOST_BASE64 = 65535
"""Characters (nova/api/openstack/compute/schemas/servers.py)."""
BOUNDS = Bounds(user_data_bytes=MOST_BASE64 // 4 * 3)

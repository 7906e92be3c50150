"""What a launch asks for beside image, flavor and name: as data in the row, and as the driver wants it.

{"networks": [{"id": "<cloud's id>", "address": ""}], "security_groups": ["<cloud's id>"], "zone": "",
 "server_group": "", "new_group": {"name": "", "policy": ""}, "boot_volume_gib": 0, "root_disk_gib": 0,
 "tags": [], "floating_network": "<cloud's id>", "floating_ip": "<our id>"}
"""

from __future__ import annotations

from typing import Any

from dashboard.clouds.interface import NetworkChoice

from .models import Instance


def options_of(instance: Instance) -> dict[str, Any]:
    """The fields of a LaunchSpec. What was not asked for is left out."""
    asked = instance.asked
    chosen = tuple(
        NetworkChoice(network_id=n["id"], fixed_address=n.get("address", "")) for n in asked.get("networks", ())
    )
    return {
        "networks": chosen,
        "security_group_ids": tuple(asked.get("security_groups", ())),
        "zone": asked.get("zone", ""),
        "server_group_id": asked.get("server_group", ""),
        "boot_volume_gib": asked.get("boot_volume_gib", 0),
        "tags": tuple(asked.get("tags", ())),
    }

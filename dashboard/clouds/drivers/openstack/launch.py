"""Making a server: our words into the body of Nova's request."""

from __future__ import annotations

import base64
from typing import Any

from ...interface import LaunchSpec, Mark, Reason, Refused
from . import storable
from .bounds import BOUNDS, MOST_BASE64
from .mapping import TAG, of_mark

CREATE = "2.52"
"""The first with tags at create; 2.37 brought `auto` and `none` for networks, 2.19 the description."""


def request_of(spec: LaunchSpec, *, key_name: str, has_networks: bool) -> dict[str, Any]:
    """The body of POST /servers. Raises Refused for texts that Nova cannot keep."""
    metadata, tags = {**spec.metadata, **of_mark(mark_of(spec))}, [*spec.tags, TAG + spec.instance_id]
    storable.check([*metadata, *metadata.values(), *tags, spec.description])
    server: dict[str, Any] = {
        "name": spec.name,
        "flavorRef": spec.flavor_id,
        "imageRef": spec.image_id,
        "metadata": metadata,
        "tags": tags,
        "networks": networks_of(spec, has_networks=has_networks),
    }
    if spec.boot_volume_gib:
        server |= volume_of(spec)
    if spec.description:
        server["description"] = spec.description
    if spec.user_data:
        server["user_data"] = encoded(spec.user_data)
    if key_name:
        server["key_name"] = key_name
    if spec.security_group_ids:
        server["security_groups"] = [{"name": group_id} for group_id in spec.security_group_ids]
    if spec.zone:
        server["availability_zone"] = spec.zone
    hints = {"os:scheduler_hints": {"group": spec.server_group_id}} if spec.server_group_id else {}
    return {"server": server, **hints}


def encoded(user_data: str) -> str:
    """As Nova wants it. Raises Refused where it is more than Nova takes."""
    text = base64.b64encode(user_data.encode(errors="replace")).decode()
    if len(text) > MOST_BASE64:
        why = f"the user data has {len(text) // 4 * 3} bytes, and Nova takes {BOUNDS.user_data_bytes}"
        raise Refused(why, reason=Reason.INVALID, source="nova")
    return text


def mark_of(spec: LaunchSpec) -> Mark:
    return Mark(tenant_id=spec.tenant_id, instance_id=spec.instance_id, operation_id=spec.operation_id)


def networks_of(spec: LaunchSpec, *, has_networks: bool) -> list[dict[str, str]] | str:
    """None chosen: `auto` takes the only one there is, or has Neutron make one."""
    if not spec.networks:
        return "auto" if has_networks else "none"
    return [
        {"uuid": choice.network_id} | ({"fixed_ip": choice.fixed_address} if choice.fixed_address else {})
        for choice in spec.networks
    ]


def volume_of(spec: LaunchSpec) -> dict[str, Any]:
    """The disk is a new volume, made from the image; no `imageRef` then."""
    device = {
        "boot_index": 0,
        "uuid": spec.image_id,
        "source_type": "image",
        "destination_type": "volume",
        "volume_size": spec.boot_volume_gib,
        "delete_on_termination": True,
    }
    return {"imageRef": "", "block_device_mapping_v2": [device]}

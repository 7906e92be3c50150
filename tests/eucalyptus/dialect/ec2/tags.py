"""Tags belong to (account, resource): what one account wrote no other sees."""

from __future__ import annotations

from dataclasses import dataclass

from ..call import Call
from ..errors import invalid
from ..markup import element, elements, items
from ..parameters import Parameters
from . import ACTIONS
from .selection import filtered

MOST = 50
RESERVED = ("aws:", "euca:")
KINDS = {
    "i": "instance", "vol": "volume", "snap": "snapshot", "sg": "security-group", "vpc": "vpc", "subnet": "subnet",
    "emi": "image", "ami": "image", "eni": "network-interface", "r": "reservation",
}  # fmt: skip


def checked_tags(rows: list[Parameters]) -> dict[str, str]:
    tags = {row.get("Key", ""): row.get("Value", "") for row in rows}
    for key, value in tags.items():
        if not key or len(key) > 128 or len(value) > 256 or key.startswith(RESERVED):
            raise invalid("InvalidParameterValue", f"Invalid key or value (key, max 128, value, max 256): {key[:200]}")
    return tags


def owner_of(call: Call, resource: str) -> str | None:
    cloud = call.cloud
    places = cloud.instances, cloud.volumes, cloud.snapshots, cloud.groups, cloud.images, cloud.vpcs, cloud.subnets
    return next((place[resource].account for place in places if resource in place), None)


@ACTIONS.named("CreateTags")
def create_tags(call: Call) -> str:
    tags, resources = checked_tags(call.asked.rows("Tag")), call.asked.many("ResourceId")
    for resource in resources:
        _check_known(call, resource)
        if len(call.cloud.tags_of(call.account.id, resource) | tags) > MOST:
            raise invalid("TagLimitExceeded", f"The maximum number of tags for a resource is {MOST}")
    for resource in resources:
        call.cloud.tags.setdefault((call.account.id, resource), {}).update(tags)
    return element("return", True)


def _check_known(call: Call, resource: str) -> None:
    owner, kind = owner_of(call, resource), KINDS.get(resource.partition("-")[0], "resource")
    is_public = resource in call.cloud.images and call.cloud.images[resource].is_public
    if owner is None or not (owner == call.account.id or is_public or call.is_administrator):
        codes = {"instance": "InvalidInstanceID", "volume": "InvalidVolume", "snapshot": "InvalidSnapshot"}
        raise invalid(f"{codes.get(kind, 'InvalidID')}.NotFound", f"The {kind} ID '{resource}' does not exist")


@ACTIONS.named("DeleteTags")
def delete_tags(call: Call) -> str:
    """With a value only if that is the value."""
    for resource in call.asked.many("ResourceId"):
        tags = call.cloud.tags_of(call.account.id, resource)
        for row in call.asked.rows("Tag"):
            if row["Key"] in tags and row.get("Value", tags[row["Key"]]) == tags[row["Key"]]:
                del tags[row["Key"]]
    return element("return", True)


@dataclass
class Tag:
    resource: str
    kind: str
    key: str
    value: str


VALUES = {
    "resource-id": lambda t: t.resource,
    "resource-type": lambda t: t.kind,
    "key": lambda t: t.key,
    "value": lambda t: t.value,
}


@ACTIONS.named("DescribeTags")
def describe_tags(call: Call) -> str:
    mine = [(resource, tags) for (account, resource), tags in call.cloud.tags.items() if account == call.account.id]
    found = [Tag(r, KINDS.get(r.partition("-")[0], "resource"), k, v) for r, tags in mine for k, v in tags.items()]
    rows = (
        elements(resourceId=t.resource, resourceType=t.kind, key=t.key, value=t.value)
        for t in filtered(call, found, VALUES)
    )
    return items("tagSet", rows)

"""Making an instance: our words into those of RunInstances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...interface import LaunchSpec, Mark, NetworkChoice, Reason, Refused
from . import tags
from .bounds import BOUNDS
from .mapping import EBS, root_of
from .network_mapping import FLAT


def request_of(
    spec: LaunchSpec, *, image: Mapping[str, Any], key_name: str, has_vpc: bool, tags_at_once: bool
) -> dict[str, Any]:
    """boto3's parameters. Raises Refused for what the cloud cannot do."""
    request: dict[str, Any] = {
        "ImageId": spec.image_id,
        "MinCount": 1,
        "MaxCount": 1,
        "InstanceType": spec.flavor_id,
        "ClientToken": tags.token_of(spec.instance_id),
        **disk_of(spec, image),
        **(networks_of(spec) if has_vpc else flat_of(spec)),
    }
    if spec.user_data:
        request["UserData"] = encoded(spec.user_data)
    if key_name:
        request["KeyName"] = key_name
    if spec.zone:
        request["Placement"] = {"AvailabilityZone": spec.zone}
    if tags_at_once:
        request["TagSpecifications"] = [{"ResourceType": "instance", "Tags": tags.as_list(tags_of(spec))}]
    return request


def tags_of(spec: LaunchSpec) -> dict[str, str]:
    mark = Mark(tenant_id=spec.tenant_id, instance_id=spec.instance_id, operation_id=spec.operation_id)
    theirs = tags.of_words(spec.tags) | tags.of_metadata(spec.metadata)
    ours = {tags.NAME: spec.name, tags.DESCRIPTION: spec.description, **tags.of_mark(mark)}
    found = {**theirs, **{key: value for key, value in ours.items() if value}}
    if len(found) > tags.MOST:
        raise tags.refused(f"there are {len(found)} tags with ours, and {tags.MOST} can be kept")
    return found


def encoded(user_data: str) -> bytes:
    """boto3 makes base64 of it. Raises Refused where it is more than the cloud takes."""
    found, most = user_data.encode(errors="replace"), BOUNDS.user_data_bytes or 0
    if len(found) > most:
        why = f"InvalidUserData.Size: it has {len(found)} bytes, and {most} are taken"
        raise Refused(why, reason=Reason.INVALID, source="ec2")
    return found


def disk_of(spec: LaunchSpec, image: Mapping[str, Any]) -> dict[str, Any]:
    """The root volume has the size that was asked for; of the instance store the type alone decides."""
    if image.get("RootDeviceType") != EBS:
        if spec.boot_volume_gib:
            why = "InvalidParameterCombination: this image has no root volume whose size could be chosen"
            raise Refused(why, reason=Reason.INVALID, source="ec2")
        return {}
    wanted, needed = spec.boot_volume_gib or spec.disk_gib, root_of(image).get("VolumeSize") or 0
    if wanted < needed:
        why = f"InvalidBlockDeviceMapping: the image needs {needed} GiB, and {wanted} were asked for"
        raise Refused(why, reason=Reason.IMAGE_TOO_LARGE, source="ec2")
    ebs = {"VolumeSize": wanted, "DeleteOnTermination": True}
    return {"BlockDeviceMappings": [{"DeviceName": image.get("RootDeviceName") or "/dev/sda1", "Ebs": ebs}]}


def flat_of(spec: LaunchSpec) -> dict[str, Any]:
    """EDGE: there is one network, and nothing to choose."""
    for choice in spec.networks:
        if choice.network_id != FLAT or choice.fixed_address:
            why = f"InvalidSubnetID.NotFound: this cloud has one network and no {choice.network_id}"
            raise Refused(why, reason=Reason.INVALID, source="ec2")
    return {"SecurityGroupIds": list(spec.security_group_ids)} if spec.security_group_ids else {}


def networks_of(spec: LaunchSpec) -> dict[str, Any]:
    """None chosen: the default one of the account's default VPC."""
    groups = {"SecurityGroupIds": list(spec.security_group_ids)} if spec.security_group_ids else {}
    if len(spec.networks) < 2:
        return {**groups, **{key: value for choice in spec.networks for key, value in only(choice).items()}}
    own = {"Groups": list(spec.security_group_ids)} if spec.security_group_ids else {}
    cards = [{"DeviceIndex": index, **only(choice), **own} for index, choice in enumerate(spec.networks)]
    return {"NetworkInterfaces": cards}


def only(choice: NetworkChoice) -> dict[str, str]:
    fixed = {"PrivateIpAddress": choice.fixed_address} if choice.fixed_address else {}
    return {"SubnetId": choice.network_id, **fixed}

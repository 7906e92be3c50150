"""Volumes: attached only to a running instance of the same zone; nothing changes their size."""

from __future__ import annotations

from ..call import Call
from ..clock import written
from ..errors import invalid
from ..markup import element, elements, items
from ..quotas import exceeded
from ..resources import Instance, Volume
from . import ACTIONS
from .instances import MISSING as NO_INSTANCE
from .selection import filtered, one, owned, tag_set
from .tags import checked_tags

MISSING = "InvalidVolume.NotFound"
GONE = ("deleted", "deleting", "failed")
VALUES = {
    "volume-id": lambda v: v.id,
    "status": lambda v: v.state,
    "availability-zone": lambda v: v.zone,
    "size": lambda v: v.size_gib,
    "snapshot-id": lambda v: v.snapshot,
    "attachment.instance-id": lambda v: v.instance,
    "attachment.device": lambda v: v.device or None,
    "attachment.status": lambda v: v.attachment or None,
}


@ACTIONS.named("CreateVolume")
def create(call: Call) -> str:
    cloud, snapshot_id, zone = call.cloud, call.asked.get("SnapshotId"), call.asked.get("AvailabilityZone", "")
    if zone not in cloud.zones:
        raise invalid("InvalidParameterValue", f"Invalid availability zone: {zone}")
    size_gib = call.asked.number("Size")
    if snapshot_id:
        snapshot = one(call, cloud.snapshots, "SnapshotId", "InvalidSnapshot.NotFound")
        size_gib = size_gib or snapshot.size_gib
        if size_gib < snapshot.size_gib:
            raise invalid("InvalidParameterValue", f"The volume is smaller than {snapshot_id}")
    if not size_gib or size_gib < 1:
        raise invalid("InvalidParameterValue", "Neither a size nor a snapshot was given")
    _check_quota(call, size_gib)
    tags = {row.get("ResourceType"): checked_tags(row.rows("Tag")) for row in call.asked.rows("TagSpecification")}
    volume = Volume(cloud.new_id("vol"), call.account.id, zone, size_gib, cloud.clock.now(), snapshot_id)
    cloud.volumes[volume.id] = volume
    if tags.get("volume"):
        cloud.tags[call.account.id, volume.id] = tags["volume"]
    cloud.later("volume", lambda: become(volume, "creating", "available"))
    return _volume(call, volume)


def _check_quota(call: Call, size_gib: int) -> None:
    asked = {"ec2:quota-volumenumber": 1, "ec2:quota-volumetotalsize": size_gib}
    if exceeded(call, "ec2:CreateVolume", asked):
        raise invalid(
            "VolumeLimitExceeded", f"Quota exceeded while trying to create volume of {size_gib} GiB for a quota"
        )


def become(volume: Volume, before: str, now: str) -> None:
    if volume.state == before:
        volume.state = now


def _volume(call: Call, v: Volume) -> str:
    head = elements(volumeId=v.id, size=v.size_gib, snapshotId=v.snapshot or "", availabilityZone=v.zone)
    head += elements(status=v.state, createTime=written(v.made), volumeType="standard")
    attachments = [attachment(v) + element("deleteOnTermination", v.ends_with_instance)] if v.instance else []
    return head + items("attachmentSet", attachments) + tag_set(call, v.id)


def attachment(v: Volume) -> str:
    head = elements(volumeId=v.id, instanceId=v.instance, device=v.device, status=v.attachment)
    return head + element("attachTime", written(v.attached))


@ACTIONS.named("DescribeVolumes")
def describe(call: Call) -> str:
    found = filtered(call, owned(call, call.cloud.volumes, "VolumeId", MISSING), VALUES)
    return items("volumeSet", (_volume(call, volume) for volume in found))


@ACTIONS.named("AttachVolume")
def attach(call: Call) -> str:
    volume = one(call, call.cloud.volumes, "VolumeId", MISSING)
    instance: Instance = one(call, call.cloud.instances, "InstanceId", NO_INSTANCE)
    if volume.instance:
        raise invalid("VolumeInUse", f"Volume already attached: {volume.id}")
    if volume.state != "available":
        raise invalid("IncorrectState", f"Volume {volume.id} is {volume.state}")
    if instance.state != "running" or instance.zone != volume.zone:
        raise invalid(
            "IncorrectState", f"{instance.id} is {instance.state} in {instance.zone}, the volume in {volume.zone}"
        )
    device = call.asked.get("Device", "")
    if not device or any(v.device == device for v in call.disks.get(instance.id, ())):
        raise invalid("InvalidParameterValue", f"Invalid value '{device}' for a device: none, or in use")
    volume.instance, volume.device, volume.attached = instance.id, device, call.cloud.clock.now()
    volume.state, volume.attachment, volume.ends_with_instance = "in-use", "attaching", False
    call.cloud.later("volume", lambda: _attached(volume))
    return attachment(volume)


def _attached(volume: Volume) -> None:
    if volume.attachment == "attaching":
        volume.attachment = "attached"


@ACTIONS.named("DetachVolume")
def detach(call: Call) -> str:
    volume = one(call, call.cloud.volumes, "VolumeId", MISSING)
    if not volume.instance or call.asked.get("InstanceId", volume.instance) != volume.instance:
        raise invalid("IncorrectState", f"Volume is not attached: {volume.id}")
    instance = call.cloud.instances.get(volume.instance)
    if volume.is_root and instance and instance.state not in ("stopped", "terminated"):
        raise invalid("OperationNotPermitted", f"{volume.id} is the root of an instance that is {instance.state}")
    volume.attachment = "detaching"
    said = attachment(volume)
    call.cloud.later("volume", lambda: _detached(volume))
    return said


def _detached(volume: Volume) -> None:
    if volume.attachment == "detaching":
        volume.instance, volume.attachment, volume.device, volume.state = None, "", "", "available"


@ACTIONS.named("DeleteVolume")
def delete(call: Call) -> str:
    """It is shown as `deleted` for a while."""
    volume = one(call, call.cloud.volumes, "VolumeId", MISSING)
    if volume.instance:
        raise invalid("VolumeInUse", f"Volume is attached: {volume.id}")
    if volume.state in ("available", "creating", "error"):
        volume.state = "deleting"
        call.cloud.later("volume", lambda: become(volume, "deleting", "deleted"))
        call.cloud.later("bury", lambda: call.cloud.forget(call.cloud.volumes, volume.id))
    return element("return", True)

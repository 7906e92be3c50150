"""Images: machines, kernels and ramdisks."""

from __future__ import annotations

from ..call import Call
from ..clock import written
from ..errors import Refused, invalid
from ..markup import element, elements, items, wrap
from ..quotas import exceeded
from ..resources import Image
from . import ACTIONS
from .selection import VERBOSE, filtered, one, tag_set

MISSING = "InvalidAMIID.NotFound"
VALUES = {
    "image-id": lambda i: i.id,
    "name": lambda i: i.name,
    "owner-id": lambda i: i.account,
    "image-type": lambda i: i.kind,
    "state": lambda i: i.state,
    "is-public": lambda i: i.is_public,
    "root-device-type": lambda i: i.root,
    "virtualization-type": lambda i: i.virtualization,
    "platform": lambda i: i.platform,
    "architecture": lambda i: "x86_64",
}


def may_use(call: Call, image: Image) -> bool:
    mine = call.account.id
    return image.is_public or image.account == mine or mine in image.shared_with or call.is_administrator


def usable(call: Call, image_id: str) -> Image:
    image = call.cloud.images.get(image_id)
    if image is None or not may_use(call, image) or image.state == "deregistered":
        raise invalid(MISSING, f"The image ID '{image_id}' does not exist")
    return image


@ACTIONS.named("DescribeImages")
def describe_images(call: Call) -> str:
    ids = call.asked.many("ImageId")
    is_everything = VERBOSE in ids and call.is_administrator
    states = ("available", "pending", "failed", "deregistered") if is_everything else ("available", "pending", "failed")
    ids = [image_id for image_id in ids if image_id != VERBOSE]
    images = [usable(call, image_id) for image_id in ids] or [
        i for i in call.cloud.images.values() if i.state in states and (is_everything or _is_shown(call, i))
    ]
    images = [image for image in images if _is_asked_for(call, image)]
    return items("imagesSet", (_image(call, image) for image in filtered(call, images, VALUES)))


def _is_shown(call: Call, image: Image) -> bool:
    return image.is_public or call.account.id in (image.account, *image.shared_with)


def _is_asked_for(call: Call, image: Image) -> bool:
    owners = [call.account.id if owner == "self" else owner for owner in call.asked.many("Owner")]
    users = [call.account.id if user == "self" else user for user in call.asked.many("ExecutableBy")]
    is_executable = any((user == "all" and image.is_public) or user in image.shared_with for user in users)
    return (not owners or image.account in owners) and (not users or is_executable)


def _image(call: Call, image: Image) -> str:
    first = elements(imageId=image.id, imageLocation=image.location, imageState=image.state)
    first += elements(imageOwnerId=image.account, isPublic=image.is_public, architecture="x86_64", imageType=image.kind)
    last = elements(platform=image.platform, name=image.name, description=image.description, rootDeviceType=image.root)
    last += element("rootDeviceName", "/dev/sda" if image.root == "ebs" else None)
    last += elements(virtualizationType=image.virtualization, creationDate=written(image.made))
    return first + last + _devices(image) + tag_set(call, image.id)


def _devices(image: Image) -> str:
    if image.root != "ebs":
        return ""
    ebs = wrap("ebs", elements(snapshotId=image.snapshot, volumeSize=image.size_gib, deleteOnTermination=True))
    return items("blockDeviceMapping", [element("deviceName", "/dev/sda") + ebs])


@ACTIONS.named("RegisterImage")
def register(call: Call) -> str:
    _check_quota(call, "ec2:RegisterImage")
    location, devices = call.asked.get("ImageLocation"), call.asked.rows("BlockDeviceMapping")
    snapshot = next((row["Ebs.SnapshotId"] for row in devices if row.get("Ebs.SnapshotId")), None)
    if not location and not snapshot:
        raise invalid("MissingParameter", "Neither an image location nor a snapshot of the root device was given")
    if snapshot and snapshot not in call.cloud.snapshots:
        raise invalid("InvalidSnapshot.NotFound", f"Snapshot {snapshot} does not exist")
    size_gib = call.cloud.snapshots[snapshot].size_gib if snapshot else 2
    root = {"root": "ebs", "snapshot": snapshot} if snapshot else {"location": location}
    name = call.asked.get("Name") or location or ""
    image = add(call, name, description=call.asked.get("Description"), size_gib=size_gib, **root)
    image.platform = "windows" if call.asked.get("Platform") == "windows" else None
    return element("imageId", image.id)


def add(call: Call, name: str, **fields: object) -> Image:
    if any(
        i.name == name and i.account == call.account.id and i.state != "deregistered"
        for i in call.cloud.images.values()
    ):
        raise invalid("InvalidAMIName.Duplicate", f"AMI name {name} is already in use by another AMI")
    return call.cloud.add_image(name, account=call.account.id, is_public=False, **fields)


@ACTIONS.named("CreateImage")
def create_image(call: Call) -> str:
    """Only from a root volume; pending until the snapshot is there."""
    instance = one(call, call.cloud.instances, "InstanceId", "InvalidInstanceID.NotFound")
    if instance.root != "ebs":
        raise invalid("InvalidInstanceID.NotSupported", f"{instance.id} has no ebs root device")
    _check_quota(call, "ec2:CreateImage")
    source = call.cloud.images.get(instance.image)
    fields = {"size_gib": source.size_gib, "snapshot": source.snapshot, "platform": source.platform} if source else {}
    image = add(call, call.asked.get("Name", ""), description=call.asked.get("Description"), root="ebs", **fields)
    image.state = "pending"
    call.cloud.later("image", lambda: _finish(image))
    return element("imageId", image.id)


def _finish(image: Image) -> None:
    if image.state == "pending":
        image.state = "available"


def _check_quota(call: Call, action: str) -> None:
    if exceeded(call, action, {"ec2:quota-imagenumber": 1}):
        raise Refused(500, "InternalFailure", f"Quota exceeded while trying to create: image by user: {call.user.name}")


@ACTIONS.named("DeregisterImage")
def deregister(call: Call) -> str:
    image = one(call, call.cloud.images, "ImageId", MISSING)
    image.state = "deregistered"
    return element("return", True)


@ACTIONS.named("ModifyImageAttribute")
def modify_image(call: Call) -> str:
    image = one(call, call.cloud.images, "ImageId", MISSING)
    for way in ("Add", "Remove"):
        for row in call.asked.rows(f"LaunchPermission.{way}"):
            _permit(image, row, way == "Add")
    image.description = call.asked.get("Description.Value", image.description)
    return element("return", True)


def _permit(image: Image, row: dict[str, str], is_allowed: bool) -> None:
    if row.get("Group") == "all":
        image.is_public = is_allowed
    if user := row.get("UserId"):
        (image.shared_with.add if is_allowed else image.shared_with.discard)(user)

"""RunInstances: the token first, then what is asked for, then quotas, then room on the nodes."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from dataclasses import dataclass, field

from ..call import Call
from ..errors import Refused, invalid
from ..parameters import Parameters
from ..quotas import exceeded
from ..resources import Group, Image, Instance, Subnet, VmType, Volume, Zone
from . import ACTIONS
from .images import usable
from .instances import reservation
from .tags import checked_tags
from .zones import room_for

USER_DATA_BYTES = 16 * 1024
ROOT_DEVICE = "/dev/sda"


@dataclass
class Wanted:
    image: Image
    kind: VmType
    least: int
    most: int
    key: str
    groups: list[Group]
    subnet: Subnet | None
    zone: Zone | None
    user_data: str | None
    has_public_ip: bool
    disks: list[Parameters] = field(default_factory=list)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    """Kind of resource -> tags."""


@ACTIONS.named("RunInstances")
def run_instances(call: Call) -> str:
    token = call.asked.get("ClientToken") or ""
    if token and (earlier := of_token(call, token)):
        return reservation(call, earlier)
    wanted = read(call)
    check_quotas(call, wanted)
    zone, count = place(call, wanted)
    made = [make(call, wanted, zone, index, token) for index in range(count)]
    number = made[0].reservation
    for instance in made:
        instance.reservation = number
    return reservation(call, made)


def of_token(call: Call, token: str) -> list[Instance]:
    """The first reservation with this token, whatever the call says else."""
    mine = [(key[1], one) for key, one in call.cloud.tokens.items() if (key[0], key[2]) == (call.account.id, token)]
    return [call.cloud.instances[one] for _, one in sorted(mine) if one in call.cloud.instances]


def read(call: Call) -> Wanted:
    asked, cloud = call.asked, call.cloud
    image = usable(call, asked.get("ImageId", ""))
    if image.kind != "machine" or image.state != "available":
        raise invalid("InvalidAMIID.Unavailable", f"The image '{image.id}' cannot be run")
    least, most = asked.number("MinCount") or 0, asked.number("MaxCount") or 0
    if not 1 <= least <= most:
        raise invalid("InvalidParameterValue", f"MinCount {least}, MaxCount {most}")
    kind = cloud.types.get(asked.get("InstanceType", "m1.small"))
    if kind is None:
        code, message = cloud.faults.gone_type_said
        raise invalid(code, f"{message}: {asked.get('InstanceType')}")
    if image.root != "ebs" and kind.disk_gib < image.size_gib:
        raise invalid("InvalidParameterCombination", f"{image.id} does not fit on the disk of {kind.name}")
    key = asked.get("KeyName", "")
    if key and (call.account.id, key) not in cloud.key_pairs:
        raise invalid("InvalidKeyPair.NotFound", f"The key pair '{key}' does not exist")
    subnet = _subnet(call) if cloud.mode == "vpc" else _no_subnet(call)
    zone = _zone(call, subnet)
    has_public_ip = _has_public_ip(call, subnet)
    rest = {"has_public_ip": has_public_ip, "disks": _disks(call, image), "tags": _tags(call)}
    return Wanted(image, kind, least, most, key, _groups(call, subnet), subnet, zone, _user_data(call), **rest)


def _has_public_ip(call: Call, subnet: Subnet | None) -> bool:
    """In EDGE unless it is not wanted; in a VPC as the interface says, else as the subnet does."""
    if subnet is None:
        return call.asked.get("AddressingType") != "private"
    return _interface(call).flag("AssociatePublicIpAddress", subnet.is_default)


def _zone(call: Call, subnet: Subnet | None) -> Zone | None:
    name = call.asked.get("Placement.AvailabilityZone") or (subnet.zone if subnet else None)
    if name and name not in call.cloud.zones:
        raise invalid("InvalidParameterValue", f"Invalid availability zone: {name}")
    if subnet:
        _refuse_other_zones(call, subnet, name or subnet.zone)
    return call.cloud.zones[name] if name else None


def _refuse_other_zones(call: Call, subnet: Subnet, zone: str) -> None:
    """The zone of the first interface's subnet in EC2's words, that of a further one in Eucalyptus' own.

    EC2 is the stricter: by its sources Eucalyptus takes the zone of the first subnet without a word.
    """
    if subnet.zone != zone:
        text = f"The availability zone {zone} doesn't match subnet's availability zone {subnet.zone}"
        raise invalid("InvalidParameterValue", text)
    for row in call.asked.rows("NetworkInterface"):
        other = _named_subnet(call, row["SubnetId"]) if "SubnetId" in row else subnet
        if other.zone != zone:
            text = f"Network interface availability zone ({other.zone}) for {other.id} not valid for subnet {subnet.id}"
            raise invalid("InvalidParameterValue", f"{text} zone {zone}")


def _interface(call: Call) -> Parameters:
    return next(iter(call.asked.rows("NetworkInterface")), Parameters())


def _subnet(call: Call) -> Subnet:
    if named := call.asked.get("SubnetId") or _interface(call).get("SubnetId"):
        return _named_subnet(call, named)
    mine = [s for s in call.cloud.subnets.values() if s.vpc == call.account.default_vpc]
    if not mine:
        raise invalid("VPCIdNotSpecified", "No default VPC for this user")
    zone = call.asked.get("Placement.AvailabilityZone", mine[0].zone)
    found = next((s for s in mine if s.zone == zone), None)
    if found is None:
        raise invalid("InvalidParameterValue", f"No default subnet in zone: {zone}")
    return found


def _named_subnet(call: Call, named: str) -> Subnet:
    found = call.cloud.subnets.get(named)
    if found is None or found.account != call.account.id:
        raise invalid("InvalidSubnetID.NotFound", f"The subnet ID '{named}' does not exist")
    return found


def _private_ip(call: Call, subnet: Subnet | None) -> str:
    """The one that was asked for, where it is of the subnet and free."""
    wanted = call.asked.get("PrivateIpAddress") or _interface(call).get("PrivateIpAddress")
    if not wanted or subnet is None:
        return call.cloud.private_ip()
    if ipaddress.ip_address(wanted) not in ipaddress.ip_network(subnet.cidr):
        raise invalid("InvalidParameterValue", f"Address {wanted} does not fall within the subnet's address range")
    neighbours = (i for i in call.cloud.instances.values() if i.subnet == subnet.id and i.state != "terminated")
    if any(i.private_ip == wanted for i in neighbours):
        raise invalid("InvalidIPAddress.InUse", f"Address {wanted} is in use")
    return wanted


def _no_subnet(call: Call) -> None:
    if named := call.asked.get("SubnetId") or _interface(call).get("SubnetId"):
        raise invalid("InvalidSubnetID.NotFound", f"The subnet ID '{named}' does not exist")


def _groups(call: Call, subnet: Subnet | None) -> list[Group]:
    vpc = subnet.vpc if subnet else None
    mine = [g for g in call.cloud.groups.values() if g.account == call.account.id and g.vpc == vpc]
    ids = call.asked.many("SecurityGroupId") + _interface(call).many("SecurityGroupId")
    found = [_known(one, {group.id: group for group in mine}) for one in ids]
    found += [_known(one, {group.name: group for group in mine}) for one in call.asked.many("SecurityGroup")]
    return found or [group for group in mine if group.name == "default"]


def _known(name: str, groups: dict[str, Group]) -> Group:
    if name not in groups:
        raise invalid("InvalidGroup.NotFound", f"The security group '{name}' does not exist")
    return groups[name]


def _user_data(call: Call) -> str | None:
    text = call.asked.get("UserData")
    try:
        raw = base64.b64decode(text or "", validate=True)
    except binascii.Error:
        raise invalid("InvalidParameterValue", "User data is not base64") from None
    if len(raw) > USER_DATA_BYTES:
        raise invalid("InvalidParameterValue", f"User data is limited to {USER_DATA_BYTES} bytes")
    return text


def _disks(call: Call, image: Image) -> list[Parameters]:
    rows = call.asked.rows("BlockDeviceMapping")
    if any(name.startswith("Ebs.") for row in rows for name in row) and image.root != "ebs":
        raise invalid("InvalidBlockDeviceMapping", "Block devices are for images with an ebs root device")
    for row in rows:
        other = row.get("Ebs.SnapshotId", image.snapshot)
        if row.get("DeviceName") == ROOT_DEVICE and other != image.snapshot:
            raise invalid("InvalidBlockDeviceMapping", "The snapshot of the root device must not change")
    return rows


def _tags(call: Call) -> dict[str, dict[str, str]]:
    return {row.get("ResourceType", ""): checked_tags(row.rows("Tag")) for row in call.asked.rows("TagSpecification")}


def check_quotas(call: Call, wanted: Wanted) -> None:
    """MaxCount counts at once, whether or not there is room for so many."""
    count, kind, is_ebs = wanted.most, wanted.kind, wanted.image.root == "ebs"
    asked = {
        "ec2:quota-vminstancenumber": count,
        "ec2:quota-vminstanceactivenumber": count,
        "ec2:quota-cputotalsize": count * kind.vcpus,
        "ec2:quota-memorytotalsize": count * kind.memory_mib,
        "ec2:quota-disktotalsize": 0 if is_ebs else count * kind.disk_gib,
    }
    if is_ebs:
        sizes = [size_gib for _, size_gib, _ in disks_of(call, wanted)]
        asked |= {"ec2:quota-volumenumber": count * len(sizes), "ec2:quota-volumetotalsize": count * sum(sizes)}
    refuse_over_quota(call, "ec2:RunInstances", asked)


def refuse_over_quota(call: Call, action: str, asked: dict[str, int]) -> None:
    """It looks like a full cloud: only the message tells."""
    if key := exceeded(call, action, asked):
        what = "volume" if "volume" in key else "instance"
        message = f"Quota exceeded while trying to create: {what} by user: {call.user.name}"
        raise Refused(call.cloud.faults.capacity_status, call.cloud.faults.capacity_code, message)


def place(call: Call, wanted: Wanted) -> tuple[Zone, int]:
    """Where there is most room, and how many fit there."""
    zones = [wanted.zone] if wanted.zone else list(call.cloud.zones.values())
    room, zone = max(((room_for(call, zone, wanted.kind)[0], zone) for zone in zones), key=lambda pair: pair[0])
    if room < wanted.least:
        refuse_no_room(call, f"{room} in {zone.name} < {wanted.least}")
    return zone, min(room, wanted.most)


def refuse_no_room(call: Call, numbers: str) -> None:
    message = f"Not enough resources ({numbers}): vm instances."
    raise Refused(call.cloud.faults.capacity_status, call.cloud.faults.capacity_code, message)


def make(call: Call, wanted: Wanted, zone: Zone, index: int, token: str) -> Instance:
    cloud, asked = call.cloud, call.asked
    instance = Instance(
        cloud.new_id("i"), cloud.new_id("r"), call.account.id, wanted.image.id, wanted.kind.name, zone.name,
        cloud.clock.now(), index=index, root=wanted.image.root, platform=wanted.image.platform, key=wanted.key,
        groups=[group.id for group in wanted.groups], user_data=wanted.user_data, token=token or None,
        private_ip=_private_ip(call, wanted.subnet), is_protected=asked.flag("DisableApiTermination"),
        on_shutdown=asked.get("InstanceInitiatedShutdownBehavior", "stop"),
        is_monitored=asked.flag("Monitoring.Enabled"),
    )  # fmt: skip
    if wanted.subnet:
        instance.vpc, instance.subnet, instance.interface = wanted.subnet.vpc, wanted.subnet.id, cloud.new_id("eni")
    if wanted.has_public_ip:
        instance.public_ip = next(cloud.public_ips(), "")
    cloud.instances[instance.id] = instance
    if token:
        cloud.tokens[call.account.id, index, token] = instance.id
    volumes = add_disks(call, wanted, instance) if wanted.image.root == "ebs" else []
    remember_tags(call, wanted, instance, volumes)
    cloud.later("launch", lambda: booted(call, instance))
    return instance


def booted(call: Call, instance: Instance) -> None:
    if instance.state == "pending":
        instance.state = "running"
        instance.console = f"[    0.000000] Linux version 5.10 ({instance.id})\nlogin: "


def disks_of(call: Call, wanted: Wanted) -> list[tuple[str, int, bool]]:
    """(device, GiB, whether it ends with the instance), the root first."""
    rows = {row.get("DeviceName", ""): row for row in wanted.disks if "NoDevice" not in row}
    root = rows.pop(ROOT_DEVICE, Parameters())
    first = (
        ROOT_DEVICE,
        root.number("Ebs.VolumeSize") or wanted.image.size_gib,
        root.flag("Ebs.DeleteOnTermination", True),
    )
    others = [
        (device, row.number("Ebs.VolumeSize") or _snapshot_gib(call, row), row.flag("Ebs.DeleteOnTermination", True))
        for device, row in rows.items()
        if any(name.startswith("Ebs.") for name in row)
    ]
    return [first, *others]


def _snapshot_gib(call: Call, row: Parameters) -> int:
    snapshot = call.cloud.snapshots.get(row.get("Ebs.SnapshotId", ""))
    if snapshot is None:
        raise invalid("InvalidBlockDeviceMapping", f"No size and no snapshot for {row.get('DeviceName')}")
    return snapshot.size_gib


def add_disks(call: Call, wanted: Wanted, instance: Instance) -> list[Volume]:
    made = []
    for device, size_gib, ends in disks_of(call, wanted):
        volume = Volume(call.cloud.new_id("vol"), call.account.id, instance.zone, size_gib, instance.launched)
        volume.state, volume.instance, volume.device, volume.attachment = "in-use", instance.id, device, "attached"
        volume.is_root, volume.ends_with_instance, volume.attached = device == ROOT_DEVICE, ends, instance.launched
        volume.snapshot = wanted.image.snapshot if volume.is_root else None
        call.cloud.volumes[volume.id] = volume
        made.append(volume)
    return made


def remember_tags(call: Call, wanted: Wanted, instance: Instance, volumes: list[Volume]) -> None:
    for kind, ids in {"instance": [instance.id], "volume": [volume.id for volume in volumes]}.items():
        for one in ids if wanted.tags.get(kind) else ():
            call.cloud.tags[call.account.id, one] = dict(wanted.tags[kind])

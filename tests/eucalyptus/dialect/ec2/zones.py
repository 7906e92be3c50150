"""Zones, regions, what an account can, and the types of instances."""

from __future__ import annotations

from ..call import Call
from ..errors import Refused
from ..markup import elements, items, wrap
from ..resources import Instance, VmType, Zone
from . import ACTIONS
from .selection import VERBOSE, filtered, invalid

ON_A_NODE = ("pending", "running", "stopping", "shutting-down")


@ACTIONS.named("DescribeAvailabilityZones")
def describe_zones(call: Call) -> str:
    named = call.asked.many("ZoneName")
    if VERBOSE in named and call.is_administrator:
        return items("availabilityZoneInfo", [row for zone in call.cloud.zones.values() for row in verbose(call, zone)])
    wanted = [name for name in named if name != VERBOSE]
    zones = [zone for zone in call.cloud.zones.values() if not wanted or zone.name in wanted]
    values = {"zone-name": lambda z: z.name, "state": lambda z: z.state, "region-name": lambda z: call.cloud.region}
    region = call.cloud.region
    rows = (elements(zoneName=z.name, zoneState=z.state, regionName=region) for z in filtered(call, zones, values))
    return items("availabilityZoneInfo", rows)


def verbose(call: Call, zone: Zone) -> list[str]:
    """Text for people, which stands where zones stand."""
    rows = [(zone.name, "198.51.100.7 arn:euca:eucalyptus:cluster:"), ("|- vm types", "free / max   cpu   ram  disk")]
    for kind in call.cloud.types.values():
        room, most = room_for(call, zone, kind)
        rows.append(
            (f"|- {kind.name}", f"{room:04d} / {most:04d} {kind.vcpus:3d} {kind.memory_mib:6d} {kind.disk_gib:4d}")
        )
    return [elements(zoneName=name, zoneState=state, regionName=call.cloud.region) for name, state in rows]


@ACTIONS.named("DescribeRegions")
def describe_regions(call: Call) -> str:
    region = elements(regionName=call.cloud.region, regionEndpoint="http://127.0.0.1/services/compute/")
    wanted = call.asked.many("RegionName")
    return items("regionInfo", [region] if not wanted or call.cloud.region in wanted else [])


@ACTIONS.named("DescribeAccountAttributes")
def describe_account_attributes(call: Call) -> str:
    is_vpc = call.cloud.mode == "vpc"
    has = {
        "supported-platforms": ["VPC"] if is_vpc else ["EC2"],
        "default-vpc": [call.account.default_vpc or "none"],
    }
    wanted = call.asked.many("AttributeName") or list(has)
    rows = []
    for name in wanted:
        if name not in has:
            raise invalid("InvalidParameterValue", f"Invalid value for attribute name: {name}")
        values = items("attributeValueSet", (elements(attributeValue=value) for value in has[name]))
        rows.append(elements(attributeName=name) + values)
    return items("accountAttributeSet", rows)


@ACTIONS.named("DescribeInstanceTypes")
def describe_types(call: Call) -> str:
    is_counted = call.asked.flag("Availability")
    if is_counted and not call.is_administrator:
        raise Refused(403, "AuthFailure", "Only administrators may ask for the availability of instance types")
    named = call.asked.many("InstanceType")
    kinds = [kind for kind in call.cloud.types.values() if not named or kind.name in named]
    if missing := set(named) - {kind.name for kind in kinds}:
        raise invalid("InvalidParameterValue", f"Instance type does not exist: {missing.pop()}")
    free = {zone.name: free_in(call, zone) for zone in call.cloud.zones.values()} if is_counted else {}
    return items("instanceTypeDetails", (_type(call, kind, free) for kind in call.cloud.shuffle(kinds)))


def _type(call: Call, kind: VmType, free: dict[str, tuple[int, int, int]]) -> str:
    sizes = elements(name=kind.name, cpu=kind.vcpus, disk=kind.disk_gib, diskCount=kind.disks, memory=kind.memory_mib)
    sizes += elements(networkInterfaces=kind.interfaces)
    rows = []
    for name, left in free.items():
        zone = call.cloud.zones[name]
        most = _fits((zone.vcpus, zone.memory_mib, zone.disk_gib), kind)
        rows.append(elements(name=kind.name, zoneName=name, max=most, available=_fits(left, kind)))
    return sizes + items("availability", rows) if free else sizes


def free_in(call: Call, zone: Zone) -> tuple[int, int, int]:
    """vCPUs, MiB and GiB that no instance uses."""
    kinds = [call.cloud.types.get(i.type) for i in call.cloud.instances.values() if is_on_a_node(i, zone)]
    known = [kind for kind in kinds if kind]
    vcpus, memory = sum(kind.vcpus for kind in known), sum(kind.memory_mib for kind in known)
    return zone.vcpus - vcpus, zone.memory_mib - memory, zone.disk_gib - sum(kind.disk_gib for kind in known)


def is_on_a_node(instance: Instance, zone: Zone) -> bool:
    return instance.zone == zone.name and instance.state in ON_A_NODE


def _fits(left: tuple[int, int, int], kind: VmType) -> int:
    return max(0, min(left[0] // kind.vcpus, left[1] // kind.memory_mib, left[2] // max(1, kind.disk_gib)))


def room_for(call: Call, zone: Zone, kind: VmType) -> tuple[int, int]:
    """(how many more of this type, how many if the zone were empty)."""
    if zone.state != "available":
        return 0, 0
    return _fits(free_in(call, zone), kind), _fits((zone.vcpus, zone.memory_mib, zone.disk_gib), kind)


@ACTIONS.named("ModifyInstanceTypeAttribute")
def modify_type(call: Call) -> str:
    """What an administrator makes of a type."""
    if not call.is_administrator:
        raise Refused(500, "InternalFailure", "Authorization failed.")
    kind = call.cloud.types.get(call.asked.get("Name", ""))
    if kind is None:
        raise Refused(500, "InternalFailure", f"Instance type does not exist: {call.asked.get('Name', '')}")
    before = wrap("previousInstanceType", _type(call, kind, {}))
    kind.vcpus = call.asked.number("Cpu", kind.vcpus) or kind.vcpus
    kind.memory_mib = call.asked.number("Memory", kind.memory_mib) or kind.memory_mib
    kind.disk_gib = call.asked.number("Disk", kind.disk_gib) or kind.disk_gib
    if call.asked.get("Enabled") == "false":
        del call.cloud.types[kind.name]
    return wrap("instanceType", _type(call, kind, {})) + before

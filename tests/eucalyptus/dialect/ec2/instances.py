"""Instances: how they are shown, their attributes, their console."""

from __future__ import annotations

import base64

from ..call import Call
from ..clock import written
from ..errors import Refused, invalid
from ..markup import element, elements, items, text, wrap
from ..resources import STATE_CODES, Instance
from . import ACTIONS
from .selection import by_id, filtered, one, owned, tag_set

MISSING = "InvalidInstanceID.NotFound"
VALUES = {
    "instance-id": lambda i: i.id,
    "instance-state-name": lambda i: i.state,
    "instance-state-code": lambda i: STATE_CODES[i.state],
    "instance-type": lambda i: i.type,
    "image-id": lambda i: i.image,
    "key-name": lambda i: i.key,
    "client-token": lambda i: i.token,
    "availability-zone": lambda i: i.zone,
    "owner-id": lambda i: i.account,
    "reservation-id": lambda i: i.reservation,
    "root-device-type": lambda i: i.root,
    "ip-address": lambda i: i.public_ip,
    "private-ip-address": lambda i: i.private_ip,
    "vpc-id": lambda i: i.vpc,
    "subnet-id": lambda i: i.subnet,
    "instance.group-id": lambda i: i.groups,
    "group-id": lambda i: i.groups,
}


@ACTIONS.named("DescribeInstances")
def describe_instances(call: Call) -> str:
    """All at once: MaxResults and NextToken are bound and have no effect."""
    found = filtered(call, owned(call, call.cloud.instances, "InstanceId", MISSING), VALUES)
    together: dict[str, list[Instance]] = {}
    for instance in found:
        together.setdefault(instance.reservation, []).append(instance)
    return items("reservationSet", (reservation(call, instances) for instances in together.values()))


def reservation(call: Call, instances: list[Instance]) -> str:
    first = instances[0]
    groups = "" if first.vpc else _groups(call, first)
    head = f"<reservationId>{first.reservation}</reservationId><ownerId>{first.account}</ownerId>"
    inner = (f"<item>{render(call, one)}</item>" for one in instances)
    return f"{head}{groups}<instancesSet>{''.join(inner)}</instancesSet>"


def _groups(call: Call, instance: Instance) -> str:
    known = [call.cloud.groups[one] for one in instance.groups if one in call.cloud.groups]
    return items("groupSet", (elements(groupId=group.id, groupName=group.name) for group in known))


def refuse_state(i: Instance, what: str) -> None:
    raise invalid("IncorrectInstanceState", f"The instance '{i.id}' is {i.state} and cannot be {what}")


def render(call: Call, i: Instance) -> str:
    """What Eucalyptus leaves out is left out: reason, hypervisor, ebsOptimized, VPC in EDGE, and more."""
    is_up, is_waiting = i.state not in ("terminated", "stopped"), i.state == "pending"
    private = "0.0.0.0" if is_waiting else i.private_ip
    public = ("0.0.0.0" if is_waiting else i.public_ip) if i.public_ip or is_waiting else ""
    name = f"euca-{public.replace('.', '-')}.{call.cloud.region}.internal" if public else ""
    parts = [
        f"<instanceId>{i.id}</instanceId><imageId>{i.image}</imageId>"
        f"<instanceState><code>{STATE_CODES[i.state]}</code><name>{i.state}</name></instanceState>"
        f"<privateDnsName>{private if is_up else ''}</privateDnsName><dnsName>{name if is_up else ''}</dnsName>"
        f"<keyName>{text(i.key)}</keyName><amiLaunchIndex>{i.index}</amiLaunchIndex><productCodes/>"
        f"<instanceType>{text(i.type)}</instanceType><launchTime>{written(i.launched)}</launchTime>"
        f"<placement><availabilityZone>{text(i.zone)}</availabilityZone></placement>"
        f"<monitoring><state>{'enabled' if i.is_monitored else 'disabled'}</state></monitoring>"
    ]
    if is_up:
        parts.append(f"<privateIpAddress>{private}</privateIpAddress>")
        parts.append(f"<ipAddress>{public}</ipAddress>" if public else "")
    if i.platform:
        parts.append(f"<platform>{i.platform}</platform>")
    if i.reason:
        parts.append(wrap("stateReason", elements(code="Server.Failure", message=i.reason)))
    parts.append(f"<architecture>x86_64</architecture><rootDeviceType>{i.root}</rootDeviceType>")
    if i.root == "ebs":
        parts.append(_disks(call, i))
    parts.append(f"<virtualizationType>hvm</virtualizationType>{element('clientToken', i.token)}")
    if i.vpc:
        parts.append(_network(call, i))
    parts.append(tag_set(call, i.id))
    return "".join(parts)


def _disks(call: Call, i: Instance) -> str:
    rows = (
        element("deviceName", v.device)
        + wrap(
            "ebs",
            elements(volumeId=v.id, status=v.attachment, attachTime=written(v.attached)),
            element("deleteOnTermination", v.ends_with_instance),
        )
        for v in call.disks.get(i.id, ())
    )
    return element("rootDeviceName", "/dev/sda") + items("blockDeviceMapping", rows)


def _network(call: Call, i: Instance) -> str:
    if i.state == "terminated":
        return ""
    inner = elements(networkInterfaceId=i.interface, subnetId=i.subnet, vpcId=i.vpc, ownerId=i.account, status="in-use")
    inner += elements(privateIpAddress=i.private_ip, sourceDestCheck=True) + _groups(call, i)
    interfaces = items("networkInterfaceSet", [inner])
    return f"<vpcId>{i.vpc}</vpcId><subnetId>{i.subnet}</subnetId>{_groups(call, i)}{interfaces}"


@ACTIONS.named("DescribeInstanceStatus")
def describe_status(call: Call) -> str:
    found = owned(call, call.cloud.instances, "InstanceId", MISSING)
    if not call.asked.flag("IncludeAllInstances"):
        found = [instance for instance in found if instance.state == "running"]
    return items("instanceStatusSet", (_status(instance) for instance in filtered(call, found, VALUES)))


def _status(i: Instance) -> str:
    word = "ok" if i.state == "running" else "not-applicable"
    details = items(
        "details", [elements(name="reachability", status="passed" if word == "ok" else "insufficient-data")]
    )
    state = wrap("instanceState", elements(code=STATE_CODES[i.state], name=i.state))
    both = "".join(wrap(name, element("status", word), details) for name in ("systemStatus", "instanceStatus"))
    return elements(instanceId=i.id, availabilityZone=i.zone) + state + both


def named(call: Call) -> list[Instance]:
    """All that were named, or a refusal that has done nothing."""
    instances = call.cloud.instances.values()
    mine = [i for i in instances if call.is_administrator or i.account == call.account.id]
    ids = call.asked.many("InstanceId")
    if not ids:
        raise invalid("MissingParameter", "No instance was named")
    return by_id(mine, ids, MISSING)


@ACTIONS.named("MonitorInstances", "UnmonitorInstances")
def monitor(call: Call) -> str:
    rows = []
    for i in named(call):
        i.is_monitored = call.action == "MonitorInstances"
        state = "enabled" if i.is_monitored else "disabled"
        rows.append(element("instanceId", i.id) + wrap("monitoring", element("state", state)))
    return items("instancesSet", rows)


@ACTIONS.named("ModifyInstanceAttribute")
def modify(call: Call) -> str:
    i, asked = one(call, call.cloud.instances, "InstanceId", MISSING), call.asked
    if kind := asked.get("InstanceType.Value"):
        if i.state != "stopped":
            refuse_state(i, "given another type")
        if kind not in call.cloud.types:
            raise invalid("InvalidParameterValue", f"Instance type does not exist: {kind}")
        i.type = kind
    if "UserData.Value" in asked:
        if i.state != "stopped":
            refuse_state(i, "given other user data")
        i.user_data = asked["UserData.Value"]
    if groups := asked.many("GroupId"):
        by_id([g for g in call.cloud.groups.values() if g.account == i.account], groups, "InvalidGroup.NotFound")
        i.groups = groups
    i.is_protected = asked.flag("DisableApiTermination.Value", i.is_protected)
    i.on_shutdown = asked.get("InstanceInitiatedShutdownBehavior.Value", i.on_shutdown)
    return element("return", True)


@ACTIONS.named("DescribeInstanceAttribute")
def describe_attribute(call: Call) -> str:
    i, name = one(call, call.cloud.instances, "InstanceId", MISSING), call.asked.get("Attribute", "")
    values = {
        "instanceType": i.type,
        "userData": i.user_data,
        "disableApiTermination": i.is_protected,
        "instanceInitiatedShutdownBehavior": i.on_shutdown,
        "rootDeviceName": "/dev/sda" if i.root == "ebs" else None,
    }
    if name == "groupSet":
        return element("instanceId", i.id) + _groups(call, i)
    if name not in values:
        raise invalid("InvalidParameterValue", f"Unknown attribute: {name}")
    return element("instanceId", i.id) + wrap(name, element("value", values[name]))


@ACTIONS.named("GetConsoleOutput")
def console_output(call: Call) -> str:
    i = one(call, call.cloud.instances, "InstanceId", MISSING)
    if i.state != "running":
        raise Refused(500, "InternalFailure", f"Instance {i.id} is not in a running state.")
    output = base64.b64encode(i.console.encode()).decode()
    return elements(instanceId=i.id, timestamp=written(call.cloud.clock.now()), output=output)


@ACTIONS.named("GetConsoleScreenshot")
def screenshot(call: Call) -> str:
    """An answer without an image."""
    return element("instanceId", one(call, call.cloud.instances, "InstanceId", MISSING).id)

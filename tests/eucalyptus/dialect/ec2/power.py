"""Start, stop, reboot, terminate."""

from __future__ import annotations

from collections.abc import Iterable

from ..call import Call
from ..errors import Refused, invalid
from ..markup import element, elements, items, wrap
from ..resources import STATE_CODES, Instance
from . import ACTIONS
from .instances import named, refuse_state
from .launch import booted, refuse_no_room, refuse_over_quota
from .zones import room_for


def changes(rows: Iterable[tuple[Instance, str, str]]) -> str:
    return items(
        "instancesSet",
        (
            element("instanceId", i.id)
            + wrap("currentState", elements(code=STATE_CODES[now], name=now))
            + wrap("previousState", elements(code=STATE_CODES[before], name=before))
            for i, before, now in rows
        ),
    )


@ACTIONS.named("StartInstances")
def start(call: Call) -> str:
    instances = named(call)
    for i in instances:
        if i.root != "ebs":
            raise _no_ebs(i)
        if i.state != "stopped":
            refuse_state(i, "started")
    kinds = [call.cloud.types[i.type] for i in instances if i.type in call.cloud.types]
    asked = {
        "ec2:quota-vminstanceactivenumber": len(instances),
        "ec2:quota-cputotalsize": sum(kind.vcpus for kind in kinds),
        "ec2:quota-memorytotalsize": sum(kind.memory_mib for kind in kinds),
    }
    refuse_over_quota(call, "ec2:StartInstances", asked)
    rows = []
    for i in instances:
        if i.type in call.cloud.types and not room_for(call, call.cloud.zones[i.zone], call.cloud.types[i.type])[0]:
            refuse_no_room(call, f"0 in {i.zone} < 1")
        i.state = "pending"
        if call.cloud.mode == "edge":
            i.private_ip, i.public_ip = call.cloud.private_ip(), next(call.cloud.public_ips(), "")
        rows.append((i, "stopped", "pending"))
        call.cloud.later("launch", lambda i=i: booted(call, i))
    return changes(rows)


@ACTIONS.named("StopInstances")
def stop(call: Call) -> str:
    instances = named(call)
    for i in instances:
        if i.root != "ebs":
            raise _no_ebs(i)
        if i.state not in ("running", "stopping", "stopped"):
            refuse_state(i, "stopped")
    rows = []
    for i in instances:
        before = i.state
        if i.state == "running":
            i.state = "stopping"
            call.cloud.later("stop", lambda i=i: _stopped(call, i))
        rows.append((i, before, i.state))
    return changes(rows)


def _no_ebs(i: Instance) -> Refused:
    return invalid("UnsupportedOperation", f"The instance '{i.id}' does not have an 'ebs' root device type")


def _stopped(call: Call, i: Instance) -> None:
    """In EDGE all of its addresses go back, elastic ones too; in a VPC a public one that is not elastic."""
    if i.state != "stopping":
        return
    i.state, elastic = "stopped", [address for address in call.cloud.addresses.values() if address.instance == i.id]
    if call.cloud.mode == "edge":
        i.private_ip = i.public_ip = ""
        for address in elastic:
            address.instance = address.association = None
    elif not elastic:
        i.public_ip = ""


@ACTIONS.named("RebootInstances")
def reboot(call: Call) -> str:
    for i in named(call):
        if i.state != "running":
            refuse_state(i, "rebooted")
        i.console += f"\n[    0.000000] Linux version 5.10 ({i.id}) again\nlogin: "
    return element("return", True)


@ACTIONS.named("TerminateInstances")
def terminate(call: Call) -> str:
    instances = named(call)
    for i in instances:
        if i.is_protected:
            raise invalid("OperationNotPermitted", f"The instance '{i.id}' may not be terminated: it is protected")
    return changes([(i, i.state, end(call, i)) for i in instances])


def end(call: Call, i: Instance) -> str:
    """What it is then. The second time for one that is terminated removes the record."""
    if i.state == "terminated":
        call.cloud.forget(call.cloud.instances, i.id)
        return "terminated"
    if i.state == "stopped":
        _ended(call, i)
    elif i.state != "shutting-down":
        i.state = "shutting-down"
        call.cloud.later("terminate", lambda: _ended(call, i))
    return i.state


def _ended(call: Call, i: Instance) -> None:
    i.state, i.public_ip = "terminated", ""
    for volume in [volume for volume in call.cloud.volumes.values() if volume.instance == i.id]:
        volume.instance, volume.attachment = None, ""
        volume.state = "deleted" if volume.ends_with_instance else "available"
    for address in call.cloud.addresses.values():
        if address.instance == i.id:
            address.instance = address.association = None
    call.cloud.later("bury", lambda: call.cloud.forget(call.cloud.instances, i.id))

"""EC2: what each action of it does. An action is one function in `ACTIONS`."""

from __future__ import annotations

import uuid

from ..call import Actions, Call
from ..errors import NotServed, Refused, invalid
from ..markup import element
from ..parameters import accepted, unknown, without_effect

ACTIONS = Actions()
NEWEST = {"4.4": "2016-09-15", "5.1": "2016-11-15"}
ROOTS = {"DescribeInstanceTypes": "DescribeInstanceTypesResponseType"}

from . import (  # noqa: E402, F401 - each fills ACTIONS
    addresses,
    groups,
    images,
    instances,
    interfaces,
    keypairs,
    launch,
    power,
    snapshots,
    tags,
    volumes,
    vpcs,
    zones,
)


def answer(call: Call) -> str:
    _check_bound(call)
    if not call.user.may(f"ec2:{call.action}"):
        raise Refused(403, "UnauthorizedOperation", f"Not authorized to call {call.action} by {call.user.name}")
    call.cloud.welcome(call.account)
    return _answered(call, _inside(call))


def _inside(call: Call) -> str:
    if call.action in without_effect(call.cloud.release):
        return ""
    if call.action in ACTIONS:
        return ACTIONS[call.action](call)
    # Eucalyptus has it, this server has not: nobody should take the answer for one of Eucalyptus
    raise Refused(500, "NotInThisDialect", f"the dialect server does not answer {call.action}")


def _check_bound(call: Call) -> None:
    release = call.cloud.release
    if call.action in without_effect(release):
        return
    if call.action not in accepted(release):
        raise NotServed(400, f"Failed to bind the following fields:\nAction = {call.action}\n")
    if call.cloud.strict and (names := unknown(release, call.action, call.asked)):
        lines = "".join(f"{name} = {call.asked[name]}\n" for name in names)
        raise NotServed(400, f"Failed to bind the following fields:\n{lines}")


def _answered(call: Call, inside: str) -> str:
    version = min(call.asked.get("Version", ""), NEWEST[call.cloud.release]) or NEWEST[call.cloud.release]
    root = ROOTS.get(call.action, f"{call.action}Response")
    place = f"http://ec2.amazonaws.com/doc/{version}/"
    return f'<{root} xmlns="{place}">{element("requestId", uuid.uuid4())}{inside}</{root}>'


__all__ = ["ACTIONS", "answer", "invalid"]

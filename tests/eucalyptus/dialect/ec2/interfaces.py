"""What can be changed about an interface of an instance: its groups, of which it keeps one at least."""

from __future__ import annotations

from ..call import Call
from ..errors import invalid
from ..markup import element
from . import ACTIONS
from .selection import by_id


@ACTIONS.named("ModifyNetworkInterfaceAttribute")
def modify_interface(call: Call) -> str:
    interface, groups = call.asked.get("NetworkInterfaceId", ""), call.asked.many("SecurityGroupId")
    mine = (i for i in call.cloud.instances.values() if i.account == call.account.id and i.state != "terminated")
    instance = next((i for i in mine if i.interface and i.interface == interface), None)
    if instance is None:
        raise invalid("InvalidNetworkInterfaceID.NotFound", f"The interface '{interface}' does not exist")
    if not groups:
        raise invalid("InvalidParameterValue", "No attribute was given")
    known = [g for g in call.cloud.groups.values() if (g.account, g.vpc) == (instance.account, instance.vpc)]
    instance.groups = [group.id for group in by_id(known, groups, "InvalidGroup.NotFound")]
    return element("return", True)

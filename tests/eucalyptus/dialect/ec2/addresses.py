"""Elastic addresses: by themselves in EDGE, by an allocation id in a VPC."""

from __future__ import annotations

from ..call import Call
from ..errors import Refused, invalid
from ..markup import element, elements, items
from ..quotas import exceeded
from ..resources import Address, Instance
from . import ACTIONS
from .instances import MISSING as NO_INSTANCE
from .instances import refuse_state
from .selection import VERBOSE, filtered

VALUES = {
    "public-ip": lambda a: a.ip,
    "allocation-id": lambda a: a.allocation,
    "association-id": lambda a: a.association,
    "instance-id": lambda a: a.instance,
    "domain": lambda a: "vpc" if a.allocation else "standard",
}


@ACTIONS.named("AllocateAddress")
def allocate(call: Call) -> str:
    if exceeded(call, "ec2:AllocateAddress", {"ec2:quota-addressnumber": 1}):
        raise Refused(
            500, "InternalFailure", f"Quota exceeded while trying to create: address by user: {call.user.name}"
        )
    wanted, free = call.asked.get("Address"), list(call.cloud.public_ips())
    if not free or (wanted and wanted not in free):
        raise Refused(500, "InternalFailure", "InsufficientAddressCapacity: no address is free")
    allocation = call.cloud.new_id("eipalloc") if call.cloud.mode == "vpc" else None
    address = Address(wanted or free[0], call.account.id, allocation)
    call.cloud.addresses[address.ip] = address
    domain = "vpc" if allocation else "standard"
    return elements(publicIp=address.ip, domain=domain, allocationId=allocation)


@ACTIONS.named("DescribeAddresses")
def describe(call: Call) -> str:
    ips, allocations = call.asked.many("PublicIp"), call.asked.many("AllocationId")
    is_everything = bool(ips or allocations) and call.is_administrator
    shown = [a for a in call.cloud.addresses.values() if is_everything or a.account == call.account.id]
    ips = [ip for ip in ips if ip != VERBOSE]
    _check_known(ips, {a.ip for a in shown}, "InvalidAddress.NotFound")
    _check_known(allocations, {a.allocation for a in shown}, "InvalidAllocationID.NotFound")
    shown = [a for a in shown if (not ips or a.ip in ips) and (not allocations or a.allocation in allocations)]
    return items("addressesSet", (_address(call, a) for a in filtered(call, shown, VALUES)))


def _check_known(wanted: list[str], known: set[str | None], code: str) -> None:
    for one in wanted:
        if one not in known:
            raise invalid(code, f"Address not found: {one}")


def _address(call: Call, address: Address) -> str:
    head = elements(publicIp=address.ip, domain="vpc" if address.allocation else "standard")
    instance = call.cloud.instances.get(address.instance or "")
    head += elements(instanceId=address.instance or "", allocationId=address.allocation)
    if not address.allocation or not instance:
        return head
    head += elements(associationId=address.association, networkInterfaceId=instance.interface)
    return head + elements(privateIpAddress=instance.private_ip, networkInterfaceOwnerId=instance.account)


def named(call: Call) -> Address:
    """In EDGE by the address, in a VPC by an id; of the caller's account."""
    asked, mine = call.asked, [a for a in call.cloud.addresses.values() if a.account == call.account.id]
    for name, read, code in (
        ("AllocationId", lambda a: a.allocation, "InvalidAllocationID.NotFound"),
        ("AssociationId", lambda a: a.association, "InvalidAssociationID.NotFound"),
        ("PublicIp", lambda a: a.ip, "InvalidAddress.NotFound"),
    ):
        if name in asked:
            found = next((a for a in mine if read(a) == asked[name]), None)
            if found is None:
                raise invalid(code, f"Address not found: {asked[name]}")
            return found
    raise invalid("MissingParameter", "No address was named")


@ACTIONS.named("AssociateAddress")
def associate(call: Call) -> str:
    address, instance = named(call), _instance(call)
    if address.allocation and "AllocationId" not in call.asked:
        raise invalid("InvalidParameterCombination", "An address of a VPC is named by its allocation")
    if instance.state not in ("pending", "running"):
        refuse_state(instance, "given an address")
    if address.instance not in (None, instance.id):
        if address.allocation and not call.asked.flag("AllowReassociation"):
            raise invalid("Resource.AlreadyAssociated", f"{address.ip} is already associated")
        take_from(call, address)
    for other in [a for a in call.cloud.addresses.values() if a.instance == instance.id]:
        other.instance = other.association = None
    address.instance, instance.public_ip = instance.id, address.ip
    address.association = call.cloud.new_id("eipassoc") if address.allocation else None
    return element("return", True) + element("associationId", address.association)


def _instance(call: Call) -> Instance:
    interface, instance_id = call.asked.get("NetworkInterfaceId"), call.asked.get("InstanceId")
    for instance in call.cloud.instances.values():
        is_meant = instance.id == instance_id or (interface and instance.interface == interface)
        if is_meant and instance.account == call.account.id:
            return instance
    code = "InvalidNetworkInterfaceID.NotFound" if interface else NO_INSTANCE
    raise invalid(code, f"The ID '{interface or instance_id}' does not exist")


def take_from(call: Call, address: Address) -> None:
    """In EDGE an instance gets an address of the system again."""
    instance = call.cloud.instances.get(address.instance or "")
    address.instance = address.association = None
    if instance:
        instance.public_ip = next(call.cloud.public_ips(), "") if call.cloud.mode == "edge" else ""


@ACTIONS.named("DisassociateAddress")
def disassociate(call: Call) -> str:
    take_from(call, named(call))
    return element("return", True)


@ACTIONS.named("ReleaseAddress")
def release(call: Call) -> str:
    address = named(call)
    if address.allocation and "AllocationId" not in call.asked:
        raise invalid("InvalidParameterCombination", "An address of a VPC is named by its allocation")
    if address.allocation and address.instance:
        raise invalid("InvalidIPAddress.InUse", f"{address.ip} is in use")
    take_from(call, address)
    del call.cloud.addresses[address.ip]
    return element("return", True)

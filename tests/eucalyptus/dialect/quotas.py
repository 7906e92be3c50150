"""Account policies with `Effect: Limit`: what an account may have, checked as a call asks for more.

An unset key is no limit; of several the smallest counts. Administrators of the cloud are never limited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .accounts import Account, is_about, statements
from .parameters import data

if TYPE_CHECKING:
    from .call import Call

CHECKED_ON = {row["key"]: set(row["checked_on"].split(", ")) for row in data("quota_keys")["keys"]}


OPERATOR = ("NumericLessThanEquals", "numlteq")


def limits(account: Account, action: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for document in account.policies.values():
        for statement in statements(document):
            if statement.get("Effect") == "Limit" and is_about(statement, action):
                for key, limit in _numbers(statement).items():
                    found[key] = min(limit, found.get(key, limit))
    return {key: limit for key, limit in found.items() if action in CHECKED_ON.get(key, ())}


def _numbers(statement: dict[str, Any]) -> dict[str, int]:
    """Of the one operator that a quota may have, by both of its names; names of keys are of any case."""
    said = statement.get("Condition", {})
    return {key.lower(): largest(limit) for name in OPERATOR for key, limit in said.get(name, {}).items()}


def largest(limit: str | int | list[str]) -> int:
    """Of several one need hold."""
    return max(map(int, limit)) if isinstance(limit, list) else int(limit)


def exceeded(call: Call, action: str, asked: dict[str, int]) -> str | None:
    """The first key of `asked` (key -> how much more) that would be over its limit."""
    if call.user.is_administrator:
        return None
    limited = limits(call.account, action)
    for key, more in asked.items():
        if key in limited and used(call, key) + more > limited[key]:
            return key
    return None


def used(call: Call, key: str) -> int:
    """What the account has of it now. Names follow the keys, so that a new key fails loudly."""
    return USAGE[key](call)


def _instances(call: Call, *states: str) -> list[Any]:
    owned = (i for i in call.cloud.instances.values() if i.account == call.account.id)
    return [i for i in owned if (i.state in states if states else i.state != "terminated")]


def _active(call: Call) -> list[Any]:
    return _instances(call, "pending", "running", "shutting-down", "stopping")


def _types(call: Call) -> list[Any]:
    return [(i, call.cloud.types[i.type]) for i in _active(call) if i.type in call.cloud.types]


def _owned(call: Call, kind: str) -> list[Any]:
    return [r for r in getattr(call.cloud, kind).values() if r.account == call.account.id]


def _volumes(call: Call) -> list[Any]:
    return [volume for volume in _owned(call, "volumes") if volume.state not in ("deleted", "failed")]


def _buckets(call: Call) -> list[Any]:
    return _owned(call, "buckets")


USAGE: dict[str, Any] = {
    "ec2:quota-vminstancenumber": lambda call: len(_instances(call)),
    "ec2:quota-vminstanceactivenumber": lambda call: len(_active(call)),
    "ec2:quota-cputotalsize": lambda call: sum(kind.vcpus for _, kind in _types(call)),
    "ec2:quota-memorytotalsize": lambda call: sum(kind.memory_mib for _, kind in _types(call)),
    "ec2:quota-disktotalsize": lambda call: sum(k.disk_gib for i, k in _types(call) if i.root == "instance-store"),
    "ec2:quota-volumenumber": lambda call: len(_volumes(call)),
    "ec2:quota-volumetotalsize": lambda call: sum(volume.size_gib for volume in _volumes(call)),
    "ec2:quota-snapshotnumber": lambda call: len(_owned(call, "snapshots")),
    "ec2:quota-addressnumber": lambda call: len(_owned(call, "addresses")),
    "ec2:quota-securitygroupnumber": lambda call: len(_owned(call, "groups")),
    "ec2:quota-imagenumber": lambda call: len(_owned(call, "images")),
    "ec2:quota-vpcnumber": lambda call: len(_owned(call, "vpcs")),
    "ec2:quota-internetgatewaynumber": lambda call: len(_owned(call, "gateways")),
    "s3:quota-bucketnumber": lambda call: len(_buckets(call)),
    "s3:quota-buckettotalsize": lambda call: (
        sum(len(o.content) for b in _buckets(call) for o in b.objects.values()) // 2**20
    ),
    "iam:quota-usernumber": lambda call: len(call.account.users),
}

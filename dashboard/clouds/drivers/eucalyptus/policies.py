"""Policies of accounts: what they say, as our words. Only `Limit` statements are ever written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

QUOTA = "skydeck-quota"
TENANT = "skydeck-tenant-"
"""Then our tenant's id: the name of a policy that says whose account it is, and nothing else."""
VERSION = "2011-04-01"
CONDITION = "NumericLessThanEquals"
OPERATORS = {CONDITION: 0, "numlteq": 0, "NumericLessThan": 1, "numlt": 1}
"""How a limit may be said, and by how much the largest amount is below the number. Eucalyptus has two names for each.

Of a quota its published sources take only the first two (`QuotaKey.validateConditionType`); the others are read all
the same, since to take a limit for none would be worse than to be prepared for one.
"""

WORDS = {
    "instances": "ec2:quota-vminstancenumber",
    "vcpus": "ec2:quota-cputotalsize",
    "ram_mib": "ec2:quota-memorytotalsize",
    "disk_gib": "ec2:quota-volumetotalsize",
    "snapshots": "ec2:quota-snapshotnumber",
    "security_groups": "ec2:quota-securitygroupnumber",
    "floating_ips": "ec2:quota-addressnumber",
}
"""Our words and the keys of Eucalyptus. How many key pairs there may be, no key says.

The cloud counts the disks of instances among the volumes, and we as disk: our limit for volumes would refuse instances
for which there is room. How many volumes there may be is not limited there, since each instance may be one.
"""
HARMLESS = {"iam:quota-rolenumber": 1_000_000}
"""For the policy that only marks: a policy needs a statement."""


@cache
def checked_on() -> Mapping[str, tuple[str, ...]]:
    """Key -> actions that are checked against it, as the published sources of Eucalyptus 5.1.0 have it."""
    rows = json.loads((Path(__file__).parent / "data" / "quota_keys.json").read_text())["keys"]
    return {row["key"]: tuple(row["checked_on"].split(", ")) for row in rows}


def document(limits: Mapping[str, int]) -> str:
    """One statement for each set of actions. `limits` by the cloud's keys."""
    by_actions: dict[tuple[str, ...], dict[str, str]] = {}
    for key, limit in sorted(limits.items()):
        by_actions.setdefault(checked_on()[key], {})[key] = str(limit)
    rows = [
        {"Effect": "Limit", "Action": list(actions), "Resource": "*", "Condition": {CONDITION: numbers}}
        for actions, numbers in by_actions.items()
    ]
    return json.dumps({"Version": VERSION, "Statement": rows})


def limits_in(text: str) -> dict[str, int]:
    """By the cloud's keys; of several statements the smallest counts. What is no limit is left out."""
    found: dict[str, int] = {}
    for statement in statements(json.loads(text)):
        if statement.get("Effect") != "Limit":
            continue
        for operator, numbers in dict(statement.get("Condition", {})).items():
            below = OPERATORS.get(plain(operator))
            for key, number in dict(numbers).items() if below is not None else ():
                largest = amount(number) - (below or 0)
                found[key.lower()] = min(largest, found.get(key.lower(), largest))
    return found


def plain(operator: str) -> str:
    """`ForAnyValue:NumericLessThanEqualsIfExists` without what stands around it."""
    return operator.rpartition(":")[2].removesuffix("IfExists")


def amount(number: str | int | Iterable[str | int]) -> int:
    """Of several numbers one need hold, so the largest counts."""
    return int(number) if isinstance(number, str | int) else max(map(int, number))


def statements(found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    rows = found.get("Statement", ())
    yield from [rows] if isinstance(rows, dict) else rows


def allow(*actions: str) -> str:
    """A user's policy, never an account's: what our user may do in the tenant's account."""
    return json.dumps(
        {"Version": VERSION, "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
    )

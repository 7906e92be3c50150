"""How big a cloud is. Types compete for the same nodes, so what is left of one is not added to what is left of another.

A zone's whole room is told as how often each type would fit into it when it were empty: the type that uses it best
says how much there is.
"""

from __future__ import annotations

from ...interface import Refused
from .errors import understood
from .markup import items, rows, text
from .session import Session


def size(session: Session) -> tuple[int, int]:
    """vCPUs and MiB of all zones; 0 where the credential may not ask."""
    try:
        content = session.ec2("DescribeInstanceTypes", Availability="true")
    except Refused:
        return 0, 0
    vcpus: dict[str, int] = {}
    ram_mib: dict[str, int] = {}
    with understood():
        for kind in items(content, "instanceTypeDetails/item"):
            for row in rows(kind, "availability"):
                zone, most = text(row, "zoneName"), int(text(row, "max") or 0)
                vcpus[zone] = max(vcpus.get(zone, 0), most * int(text(kind, "cpu")))
                ram_mib[zone] = max(ram_mib.get(zone, 0), most * int(text(kind, "memory")))
    return sum(vcpus.values()), sum(ram_mib.values())

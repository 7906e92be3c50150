"""Where on the cloud an instance goes: a zone is a cluster. There are no groups: they would be accepted and ignored."""

from __future__ import annotations

from ...interface import Refused, RemoteServerGroup
from .ec2 import Ec2
from .errors import understood


class EucalyptusPlacing:
    def __init__(self, ec2: Ec2) -> None:
        self.ec2 = ec2

    def zones(self) -> tuple[str, ...]:
        """Those that are there just now. Rows of text for people, which administrators may get, are none."""
        rows = self.ec2.rows("describe_availability_zones", "AvailabilityZones")
        with understood():
            there = [row["ZoneName"] for row in rows if row.get("State") == "available"]
        return tuple(sorted(name for name in there if not name.startswith("|-")))

    def groups(self) -> tuple[RemoteServerGroup, ...]:
        return ()

    def create_group(self, *, name: str, policy: str) -> RemoteServerGroup:
        raise Refused("Unsupported: Eucalyptus has no server groups", source="ec2", http_status=501)

    def delete_group(self, group_id: str) -> None:
        raise Refused("Unsupported: Eucalyptus has no server groups", source="ec2", http_status=501)

"""The cloud's own limits of an account: one policy of ours with `Limit` statements, read and written whole.

The cloud counts what an account uses when something more is asked for, and tells it nobody: what is used is counted
here, from what the account has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...interface import Limit, NotFound, Reason, Refused
from . import policies
from .ec2 import Ec2
from .errors import understood
from .iam import Iam
from .instances import Instances
from .session import Session


class EucalyptusQuotas:
    """`reading` is the session that may read policies: the cloud's administrator's, where there is one."""

    def __init__(
        self, session: Session, *, reading: Session, place_id: str, used: Callable[[], Mapping[str, int]]
    ) -> None:
        self.iam, self.reading = Iam(session), Iam(reading)
        self.place_id, self._used = place_id, used

    def get(self, place_id: str = "") -> Mapping[str, Limit]:
        """Also the account's other policies count, whoever wrote them. Nothing where they cannot be read."""
        account_id = place_id or self.place_id
        used = self._used() if account_id == self.place_id else {}
        try:
            limits = self._limits(account_id)
        except Refused as error:
            if error.reason is not Reason.POLICY:
                raise
            return {}
        return {word: Limit(limit=limits.get(key), used=used.get(word)) for word, key in policies.WORDS.items()}

    def used(self) -> Mapping[str, int]:
        return self._used() if self.place_id else {}

    def set(self, place_id: str, limits: Mapping[str, int | None]) -> None:
        """Only these; what else the policy says stays, also what somebody wrote into it by hand."""
        wanted = {policies.WORDS[word]: limit for word, limit in limits.items() if word in policies.WORDS}
        there = self._ours(place_id)
        known = {key: limit for key, limit in there.items() if key in policies.checked_on() and key not in wanted}
        new = known | {key: limit for key, limit in wanted.items() if limit is not None}
        if new:
            self.iam.put_policy(place_id, policies.QUOTA, policies.document(new))
        else:
            self.iam.delete_policy(place_id, policies.QUOTA)

    def _ours(self, place_id: str) -> dict[str, int]:
        try:
            with understood():
                return policies.limits_in(self.iam.policy(place_id, policies.QUOTA))
        except NotFound:
            return {}

    def _limits(self, place_id: str) -> dict[str, int]:
        """By the cloud's keys: of all policies of the account the smallest."""
        found: dict[str, int] = {}
        for name in self.reading.policies(place_id):
            with understood():
                for key, limit in policies.limits_in(self.reading.policy(place_id, name)).items():
                    found[key] = min(limit, found.get(key, limit))
        return found


def counted(instances: Instances, ec2: Ec2) -> Mapping[str, int]:
    """What the account has, in our words.

    Disk is that of each instance, as our ledger has it, and other volumes, which the cloud's limit counts too. An EBS
    root is one of the volumes.
    """
    there = list(instances.list())
    volumes = [one for one in ec2.rows("describe_volumes", "Volumes") if one.get("State") not in ("deleted", "failed")]
    return {
        "instances": len(there),
        "vcpus": sum(one.vcpus for one in there),
        "ram_mib": sum(one.ram_mib for one in there),
        "disk_gib": sum(one.get("Size") or 0 for one in volumes)
        + sum(one.disk_gib for one in there if not one.keeps_disk),
        "snapshots": len(ec2.rows("describe_snapshots", "Snapshots", OwnerIds=["self"])),
        "security_groups": len(ec2.rows("describe_security_groups", "SecurityGroups")),
        "floating_ips": len(ec2.rows("describe_addresses", "Addresses")),
    }

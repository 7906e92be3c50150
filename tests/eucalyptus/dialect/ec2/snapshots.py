"""Snapshots of volumes."""

from __future__ import annotations

from ..call import Call
from ..clock import written
from ..errors import invalid
from ..markup import element, elements, items
from ..quotas import exceeded
from ..resources import Snapshot
from . import ACTIONS
from .selection import filtered, one, owned, tag_set
from .tags import checked_tags
from .volumes import GONE
from .volumes import MISSING as NO_VOLUME

MISSING = "InvalidSnapshot.NotFound"
VALUES = {
    "snapshot-id": lambda s: s.id,
    "status": lambda s: s.state,
    "volume-id": lambda s: s.volume,
    "volume-size": lambda s: s.size_gib,
    "owner-id": lambda s: s.account,
    "description": lambda s: s.description,
}


@ACTIONS.named("CreateSnapshot")
def create(call: Call) -> str:
    cloud, volume = call.cloud, one(call, call.cloud.volumes, "VolumeId", NO_VOLUME)
    if volume.state in (*GONE, "creating"):
        raise invalid("IncorrectState", f"Volume {volume.id} is {volume.state}")
    if exceeded(call, "ec2:CreateSnapshot", {"ec2:quota-snapshotnumber": 1}):
        raise invalid(
            "SnapshotLimitExceeded", f"Quota exceeded while trying to create snapshot of {volume.id} for a quota"
        )
    tags = {row.get("ResourceType"): checked_tags(row.rows("Tag")) for row in call.asked.rows("TagSpecification")}
    made = Snapshot(cloud.new_id("snap"), call.account.id, volume.id, volume.size_gib, cloud.clock.now())
    made.description = call.asked.get("Description")
    cloud.snapshots[made.id] = made
    if tags.get("snapshot"):
        cloud.tags[call.account.id, made.id] = tags["snapshot"]
    cloud.later("snapshot", lambda: _finish(made))
    return _snapshot(call, made)


def _finish(snapshot: Snapshot) -> None:
    if snapshot.state == "pending":
        snapshot.state = "completed"


def _snapshot(call: Call, s: Snapshot) -> str:
    progress = "100%" if s.state == "completed" else "0%"
    head = elements(snapshotId=s.id, volumeId=s.volume, status=s.state, startTime=written(s.started))
    head += elements(progress=progress, ownerId=s.account, volumeSize=s.size_gib, description=s.description)
    return head + tag_set(call, s.id)


@ACTIONS.named("DescribeSnapshots")
def describe(call: Call) -> str:
    owners = {call.account.id if owner == "self" else owner for owner in call.asked.many("Owner")}
    found = [s for s in owned(call, call.cloud.snapshots, "SnapshotId", MISSING) if not owners or s.account in owners]
    return items("snapshotSet", (_snapshot(call, snapshot) for snapshot in filtered(call, found, VALUES)))


@ACTIONS.named("DeleteSnapshot")
def delete(call: Call) -> str:
    snapshot = one(call, call.cloud.snapshots, "SnapshotId", MISSING)
    if any(i.snapshot == snapshot.id and i.state != "deregistered" for i in call.cloud.images.values()):
        raise invalid("InvalidSnapshot.InUse", f"The snapshot {snapshot.id} is in use by an image")
    call.cloud.forget(call.cloud.snapshots, snapshot.id)
    return element("return", True)

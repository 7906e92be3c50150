"""How instances are read: as a list, by id, by our mark. All in one answer, since Eucalyptus has no pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from ...interface import NotFound, RemoteInstance
from . import tags
from .ec2 import Ec2
from .errors import understood
from .flavors import EucalyptusFlavors
from .mapping import reason_of, root_volume_of, to_instance
from .markup import items, rows, text
from .session import Session

ID = re.compile(r"[\w.-]{1,100}")
EVERYBODYS = "verbose"
"""In place of an id it means: all of all accounts."""
AT_ONCE = 200


class Instances:
    def __init__(self, session: Session, ec2: Ec2, flavors: EucalyptusFlavors) -> None:
        self.session, self.ec2, self.flavors = session, ec2, flavors

    def list(self) -> Iterator[RemoteInstance]:
        """Those of the account that have not ended. Complete, or an error."""
        content = self.session.ec2("DescribeInstances")
        sizes_gib = self.volume_sizes()
        with understood():
            for raw in living(content):
                kind = text(raw, "instanceType")
                yield to_instance(raw, flavors=self.flavors.known([kind]), sizes_gib=sizes_gib)

    def get(self, remote_id: str) -> RemoteInstance:
        return self.read([self.raw(remote_id)])[0]

    def raw(self, remote_id: str) -> Element:
        """Raises NotFound for one that has ended too: it is shown for an hour longer."""
        check(remote_id)
        with understood():
            content = self.session.ec2("DescribeInstances", InstanceId_1=remote_id)
            found = next((raw for raw in everyone(content) if text(raw, "instanceId") == remote_id), None)
            if found is None:
                raise NotFound(f"InvalidInstanceID.NotFound: no instance {remote_id}", source="ec2")
            if has_ended(found):
                raise NotFound(f"InvalidInstanceID.NotFound: {reason_of(found)}", source="ec2")
            return found

    def marked(self, instance_id: str) -> tuple[RemoteInstance, ...]:
        """Those that carry our id: as a tag, or, before they are tagged, as the token of the call that made them."""
        found: dict[str, Element] = {}
        for name, value in (("client-token", tags.token_of(instance_id)), (f"tag:{tags.INSTANCE}", instance_id)):
            asked = {"Filter.1.Name": name, "Filter.1.Value.1": value}
            with understood():
                for raw in living(self.session.ec2("DescribeInstances", **asked)):
                    found[text(raw, "instanceId")] = raw
            if found:
                break
        return self.read(found.values())

    def read(self, raws: Iterable[Element]) -> tuple[RemoteInstance, ...]:
        known = tuple(raws)
        sizes_gib = self.volume_sizes([volume for raw in known if (volume := root_volume_of(raw))]) if known else {}
        with understood():
            flavors = self.flavors.known([text(raw, "instanceType") for raw in known])
            return tuple(to_instance(raw, flavors=flavors, sizes_gib=sizes_gib) for raw in known)

    def volume_sizes(self, volume_ids: Iterable[str] | None = None) -> dict[str, int]:
        """GiB by id; of all where none is named. One that is gone meanwhile is left out."""
        if volume_ids is not None and not (wanted := list(volume_ids)):
            return {}
        only = {"Filters": [{"Name": "volume-id", "Values": wanted}]} if volume_ids is not None else {}
        volumes = self.ec2.rows("describe_volumes", "Volumes", **only)
        return {volume["VolumeId"]: volume.get("Size") or 0 for volume in volumes}


def check(remote_id: str) -> None:
    """Raises NotFound for what cannot be an id, or means more than one instance."""
    if not ID.fullmatch(remote_id) or remote_id == EVERYBODYS:
        raise NotFound(f"InvalidInstanceID.Malformed: {remote_id[:100]!r}", source="ec2")


def everyone(content: bytes) -> Iterator[Element]:
    for reservation in items(content, "reservationSet/item"):
        yield from rows(reservation, "instancesSet")


def living(content: bytes) -> Iterator[Element]:
    return (raw for raw in everyone(content) if not has_ended(raw))


def has_ended(raw: Element) -> bool:
    return text(raw, "instanceState/name") == "terminated"

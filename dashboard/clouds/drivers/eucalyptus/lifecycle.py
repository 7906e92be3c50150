"""What can be changed about an instance beyond turning it on and off: what people call it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ...interface import Refused, Verb
from . import tags
from .ec2 import Ec2
from .instances import Instances
from .mapping import tags_of


class EucalyptusLifecycle:
    def __init__(self, ec2: Ec2, instances: Instances) -> None:
        self.ec2, self.instances = ec2, instances

    def rename(self, remote_id: str, *, name: str) -> None:
        self._change(remote_id, {tags.NAME: name} if name else {}, of=lambda pairs: {tags.NAME})

    def describe(self, remote_id: str, *, description: str) -> None:
        wanted = {tags.DESCRIPTION: description} if description else {}
        self._change(remote_id, wanted, of=lambda pairs: {tags.DESCRIPTION})

    def set_tags(self, remote_id: str, *, tags: Iterable[str]) -> None:
        self._change(remote_id, of_words(tags), of=words_in)

    def set_metadata(self, remote_id: str, *, metadata: Mapping[str, str]) -> None:
        self._change(remote_id, of_metadata(metadata), of=metadata_in)

    def _change(
        self, remote_id: str, wanted: Mapping[str, str], *, of: Callable[[Mapping[str, str]], Iterable[str]]
    ) -> None:
        """Exactly these pairs, of those whose keys `of` names among what is there now."""
        there = tags_of(self.instances.raw(remote_id))
        if gone := set(of(there)) & set(there) - set(wanted):
            self.ec2.call(
                "delete_tags", Resources=[remote_id], Tags=[{"Key": tags.storable(key)} for key in sorted(gone)]
            )
        if new := {key: value for key, value in wanted.items() if there.get(key) != value}:
            self.ec2.call("create_tags", Resources=[remote_id], Tags=tags.as_list(new))

    # --- what Eucalyptus does not have, and the driver does not declare

    def do(self, remote_id: str, verb: Verb) -> None:
        raise not_there(verb)

    def rescue(self, remote_id: str, *, image_id: str = "") -> None:
        raise not_there("rescue")

    def resize(self, remote_id: str, *, flavor_id: str, vcpus: int, ram_mib: int, disk_gib: int) -> None:
        raise not_there("resize")

    def rebuild(self, remote_id: str, *, image_id: str) -> None:
        raise not_there("rebuild")

    def snapshot(self, remote_id: str, *, name: str, key: str) -> str:
        raise not_there("snapshot")

    def carry_on(self, remote_id: str) -> None:
        """The cloud does so by itself."""


words_in, metadata_in, of_words, of_metadata = tags.words_in, tags.metadata_in, tags.of_words, tags.of_metadata
"""Under names of their own, since `tags` is also the word of the interface for a parameter."""


def not_there(what: str) -> Refused:
    return Refused(f"Unsupported: Eucalyptus has no {what}", source="ec2", http_status=501)

"""Tags: where our mark is kept, and what people write onto their instances.

EC2 has only pairs of key and value. A key without a value is a tag of ours, one with a value is metadata; the name is
the pair `Name`, as everywhere in EC2. Pairs whose key begins with `skydeck:` are our own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ...interface import Mark, Reason, Refused
from .bounds import BOUNDS

NAME = "Name"
OURS = "skydeck:"
INSTANCE, TENANT, OPERATION, DESCRIPTION, MARK = (
    f"{OURS}{word}" for word in ("instance", "tenant", "operation", "description", "mark")
)
LONGEST_KEY, LONGEST_VALUE, MOST = 128, 256, 50
TOKEN = "skydeck-"  # noqa: S105
"""What the create tokens of our launches begin with; any other client of EC2 sends tokens too."""


def of_mark(mark: Mark) -> dict[str, str]:
    pairs = {INSTANCE: mark.instance_id, TENANT: mark.tenant_id, OPERATION: mark.operation_id}
    return {key: value for key, value in pairs.items() if value}


def to_mark(pairs: Mapping[str, str], *, token: str) -> Mark | None:
    """By its tags; where they are not there yet (before 5.x they come in a second call), by its create token."""
    instance_id = pairs.get(INSTANCE) or (token.removeprefix(TOKEN) if token.startswith(TOKEN) else "")
    if not instance_id:
        return None
    return Mark(instance_id=instance_id, tenant_id=pairs.get(TENANT, ""), operation_id=pairs.get(OPERATION, ""))


def is_without_ours(pairs: Mapping[str, str], *, token: str) -> bool:
    """A launch of ours, before 5.x, whose worker did not come to write its tags."""
    return token.startswith(TOKEN) and INSTANCE not in pairs


def token_of(instance_id: str) -> str:
    return TOKEN + instance_id


def words_in(pairs: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted(key for key, value in pairs.items() if is_theirs(key) and not value))


def metadata_in(pairs: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in pairs.items() if is_theirs(key) and value}


def is_theirs(key: str) -> bool:
    return not BOUNDS.reserves(key)


def of_words(words: Iterable[str]) -> dict[str, str]:
    return checked(dict.fromkeys(words, ""))


def of_metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    """Raises Refused for a key without a value, which would come back as a tag."""
    if empty := [key for key, value in metadata.items() if not value]:
        raise refused(f"the metadata {empty[0]} has no value")
    return checked(metadata)


def checked(pairs: Mapping[str, str]) -> dict[str, str]:
    """Raises Refused for what Eucalyptus would not keep."""
    for key, value in pairs.items():
        if not is_theirs(key):
            raise refused(f"the key {key} is reserved")
        if len(key) > LONGEST_KEY or len(value) > LONGEST_VALUE:
            raise refused(f"the tag {key[:LONGEST_KEY]} is too long")
    return dict(pairs)


def refused(why: str) -> Refused:
    return Refused(f"InvalidParameterValue: {why}", reason=Reason.INVALID, source="ec2")


def as_list(pairs: Mapping[str, str]) -> list[dict[str, str]]:
    """As boto3 wants them."""
    return [{"Key": storable(key), "Value": storable(value)} for key, value in pairs.items()]


def in_list(found: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """As boto3 tells them."""
    return {as_written(pair["Key"]): as_written(pair.get("Value", "")) for pair in found}


# --- what XML cannot carry --------------------------------------------------------------

NOT_IN_XML = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]|\\(?=u[0-9a-f]{4})")
ESCAPED = re.compile(r"\\u(00[01][0-9a-f]|007f|005c|d[89a-f][0-9a-f]{2}|fff[ef])")


def storable(text: str) -> str:
    """One such character would spoil every list that the account gets: it goes as `\\u000d`, as in JSON."""
    return NOT_IN_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def as_written(text: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)

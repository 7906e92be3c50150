"""Public keys. EC2 wants them imported under a name first, and Eucalyptus takes only those of RSA."""

from __future__ import annotations

import re
from hashlib import sha256

from ...interface import Conflict, NotFound, Reason, Refused
from .bounds import BOUNDS
from .ec2 import Ec2

OURS = re.compile(r"skydeck-[0-9a-f]{32}")


def ensure(ec2: Ec2, public_key: str) -> str:
    """The name of the account's key pair with this key; made where it is not there yet. It stays: others use it.

    Raises Refused for a key of another kind.
    """
    if not BOUNDS.takes_key(public_key):
        why = f"InvalidKey.Format: Eucalyptus takes keys of the kind {', '.join(BOUNDS.key_types)} only"
        raise Refused(why, reason=Reason.INVALID, source="ec2")
    name = name_of(public_key)
    if not has(ec2, name):
        material = public_key.strip().encode()
        try:
            ec2.call("import_key_pair", KeyName=name, PublicKeyMaterial=material)
        except Conflict:
            return name  # somebody else did it in this moment
    return name


def forget(ec2: Ec2, public_key: str) -> None:
    """One that is gone is success."""
    try:
        ec2.call("delete_key_pair", KeyName=name_of(public_key))
    except NotFound:
        return


def has(ec2: Ec2, name: str) -> bool:
    try:
        return bool(ec2.rows("describe_key_pairs", "KeyPairs", KeyNames=[name]))
    except NotFound:
        return False


def name_of(public_key: str) -> str:
    """Of the key itself, without its comment."""
    return "skydeck-" + sha256(" ".join(public_key.split()[:2]).encode()).hexdigest()[:32]


def is_ours(name: str) -> bool:
    """Whether a launch of ours made it, as far as its name says."""
    return bool(OURS.fullmatch(name))

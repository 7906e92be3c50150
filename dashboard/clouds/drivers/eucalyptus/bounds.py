"""What Eucalyptus does not take, whatever its release."""

from __future__ import annotations

import re

from ...interface import Bounds

LONGEST_NAME = 63
NAME = re.compile(r"(?!-)(?!.*--)(?!\d{12}$)[a-z0-9-]{1,63}")
"""Of an account; twelve digits are an account's id."""


def account_name(wanted: str) -> str:
    if NAME.fullmatch(wanted):
        return wanted
    name = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:LONGEST_NAME].strip("-")
    return name if NAME.fullmatch(name) else f"account-{name}".strip("-")


BOUNDS = Bounds(
    user_data_bytes=16384,  # a property of the cloud, which is seldom changed
    key_types=("ssh-rsa",),
    reserved=("aws:", "euca:", "skydeck:"),
    reserved_words=("Name",),
    place_name=account_name,
)

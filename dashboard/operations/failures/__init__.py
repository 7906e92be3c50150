"""The failure catalogue: what happened, what it concerns and what to do, by a code that rows store.

It is data. An entry (`entry.py`) holds its words, and the signs by which a cloud's answer is recognised: service, HTTP
status, and an expression whose named groups become the values in the words.

    ec2.py        what clouds that speak EC2 say   hosts.py     libvirt and QEMU: disks, networks, the way to a host
    limits.py     quotas of the cloud              clouds.py    what holds for any call: tokens, policy, time-outs
    networks.py   addresses, networks, ports       general.py   what is told by the kind of the error alone
    storage.py    images and volumes
    instances.py  placing, building and changing   places.py    projects of tenants, and credentials
    ours.py       what Skydeck itself runs into

A new failure is an entry, and a recorded answer of a cloud in `tests/operations/recorded/`.

The cloud's own text is never shown to users: it may come from anywhere. Only values that an expression picked out of it
are, and administrators see the whole folded below the sentence.
"""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.clouds.interface import CloudError

from .catalogue import FAILURES
from .entry import Failure, Sign
from .recognise import Told, told_by, told_by_fault, told_by_own

__all__ = ["FAILURES", "Failure", "Sign", "Told", "code_of", "failure", "told_by", "told_by_fault", "told_by_own"]


def failure(code: str, values: Mapping[str, str] | None = None) -> Failure:
    """The words for a code with its values in them; an unknown code is said to be an error of ours."""
    return FAILURES.get(code, FAILURES["internal"]).told(values or {})


def code_of(error: CloudError) -> str:
    """The code that a row stores for an error of a driver; `told_by` gives the values as well."""
    return told_by(error).code

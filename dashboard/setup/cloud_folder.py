"""Where the embedded cloud keeps its state: in `cloud` below SKYDECK_HOME, or elsewhere with a link from there.

libvirt/   what libvirt knows: domains, and the sockets of running guests
run/       libvirtd's own socket
images/    what guests boot from
disks/     what they write
log/
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from .account import Account
from .terminal import is_root, say

# A UNIX socket's path holds 107 bytes. The longest that libvirt makes for a guest is its
# monitor's: /libvirt/qemu/lib/domain-99999-(20 letters of the name)/monitor.sock, 64 bytes.
LONGEST_PATH = 107 - 64
SYSTEM_FOLDER = Path("/var/lib/skydeck")
PARTS = ("libvirt", "run/libvirt", "cache/libvirt", "data/libvirt", "images", "disks", "log")


class NoPlace(Exception):
    """The embedded cloud's state can be kept nowhere; the text says what to do."""


def prepare(home: Path, *, account: Account) -> Path:
    """The cloud's folder, made if it is not there, owned by `account`. Raises NoPlace."""
    link = home / "cloud"
    folder = link.resolve() if link.exists() else _choose(home, account=account)
    if (problem := _problem(folder, account=account)) is not None:
        raise NoPlace(f"The cloud's state cannot be kept: {problem}.")
    _make(folder, account=account)
    if folder != link and not link.exists():
        link.unlink(missing_ok=True)  # it may point to where nothing is any more
        link.symlink_to(folder)
    return folder


def _choose(home: Path, *, account: Account) -> Path:
    """The first place that is reachable and short. Permissions of folders above are never changed."""
    first = home / "cloud"
    problem = _problem(first, account=account)
    if problem is None:
        return first
    second = _elsewhere(home)
    if (second_problem := _problem(second, account=account)) is not None:
        raise NoPlace(
            f"The cloud's state cannot be kept: {problem}; {second_problem}. Set SKYDECK_HOME to another path."
        )
    say(f"The cloud's state is kept in {second}: {problem}.")
    return second


def _elsewhere(home: Path) -> Path:
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:6]
    return (SYSTEM_FOLDER if is_root() else Path.home() / ".skydeck") / name


def _problem(folder: Path, *, account: Account) -> str | None:
    """Why this folder will not do, or None."""
    if len(os.fsencode(folder)) > LONGEST_PATH:
        return f"{folder} is too long for the sockets below it, by {len(os.fsencode(folder)) - LONGEST_PATH} bytes"
    above = next(parent for parent in folder.parents if parent.exists())
    if not account.succeeds("test", "-x", str(above)):
        return f"the account {account.name} cannot reach {folder}"
    return None


def _make(folder: Path, *, account: Account) -> None:
    """Only the folder itself is handed over; what is above stays its owner's."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        if not account.is_ours:
            os.chown(folder, account.uid, account.gid)

    def make_parts() -> None:
        for part in PARTS:
            (folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)

    account.run(make_parts)

"""Whose processes the guests are: never root's.

libvirtd started by root is always the privileged one, and would run guests as root
or as an account of the distribution's. So where root types `up`, the embedded cloud
belongs to a service account; everybody else's belongs to themselves.
"""

from __future__ import annotations

import grp
import os
import pwd
import subprocess
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .terminal import is_root, say

SERVICE_ACCOUNT = "skydeck"


class AccountUnavailable(Exception):
    """There is no account that guests could run under; the text says why."""


class WorkFailed(Exception):
    """What was done under another account failed; what it said is above."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of this machine; `groups` are all its group ids."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()

    def popen_arguments(self) -> dict[str, Any]:
        """What makes `subprocess` run a program under this account."""
        if self.is_ours:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": list(self.groups)}

    def succeeds(self, *command: str) -> bool:
        """Whether a program, run under this account, ends with status 0."""
        ended = subprocess.run(command, check=False, cwd="/", stdout=subprocess.DEVNULL, **self.popen_arguments())
        return ended.returncode == 0

    def run(self, work: Callable[[], None]) -> None:
        """Do `work` under this account, in a fork: the account may not be able to read this program's files.

        Raises WorkFailed.
        """
        child = os.fork()
        if child == 0:
            os._exit(self._do(work))
        _, status = os.waitpid(child, 0)
        if status != 0:
            raise WorkFailed(f"{work.__name__} ended with {os.waitstatus_to_exitcode(status)}")

    def _do(self, work: Callable[[], None]) -> int:
        try:
            if not self.is_ours:
                os.setgroups(self.groups)
                os.setgid(self.gid)
                os.setuid(self.uid)
            os.umask(0o077)
            work()
        except Exception:
            traceback.print_exc()
            return 1
        return 0


def for_guests(cloud_folder: Path) -> Account:
    """Who shall own the embedded cloud. Its folder's owner, once there is one. Raises AccountUnavailable."""
    if cloud_folder.exists() and (owner := cloud_folder.stat().st_uid) != 0:
        return _allowed(of(owner), folder=cloud_folder)
    return _service_account() if is_root() else of(os.geteuid())


def of(uid: int) -> Account:
    """The account of a user id, also where /etc/passwd does not know it."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(str(uid), uid, os.getegid(), tuple(os.getgroups()))
    return Account(entry.pw_name, uid, entry.pw_gid, tuple(os.getgrouplist(entry.pw_name, entry.pw_gid)))


def _allowed(account: Account, *, folder: Path) -> Account:
    if account.is_ours or is_root():
        return account
    raise AccountUnavailable(f"{folder} belongs to {account.name}: run this as {account.name} or as root.")


def _service_account() -> Account:
    try:
        return of(pwd.getpwnam(SERVICE_ACCOUNT).pw_uid)
    except KeyError:
        say(f"Making the system account {SERVICE_ACCOUNT}, which guests run under")
    _administer("useradd", "--system", "--user-group", "--home-dir", "/var/lib/skydeck", "--no-create-home")
    if _has_group("kvm"):  # /dev/kvm is theirs
        _administer("usermod", "--append", "--groups", "kvm")
    return of(pwd.getpwnam(SERVICE_ACCOUNT).pw_uid)


def _administer(*command: str) -> None:
    try:
        subprocess.run([*command, SERVICE_ACCOUNT], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise AccountUnavailable(f"Could not make the account {SERVICE_ACCOUNT}: {error}") from error


def _has_group(name: str) -> bool:
    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True

"""Installing packages of the distribution, after naming them."""

from __future__ import annotations

import os
import shutil
import subprocess

from .terminal import agrees, is_interactive, is_root, say


class PackagesUnavailable(Exception):
    """Packages that are needed cannot be installed, or shall not be. The text says why and what to type."""


def missing(names: list[str]) -> list[str]:
    """Those that are not installed. Raises PackagesUnavailable where there is no dpkg."""
    if shutil.which("dpkg-query") is None:
        raise PackagesUnavailable("Skydeck can install packages on Debian and its relatives only.")
    query = [
        "dpkg-query",
        "--show",
        "--showformat",
        "${Package} ${db:Status-Status}\n",
        *names,
    ]
    # it fails when one of them is unknown, which is an answer too
    found = subprocess.run(query, check=False, capture_output=True, text=True).stdout
    installed = {line.split()[0] for line in found.splitlines() if line.endswith(" installed")}
    return [name for name in names if name not in installed]


def install(names: list[str], *, why: str, assume_yes: bool) -> None:
    """Install those that are missing. Raises PackagesUnavailable when that is refused or fails."""
    wanted = missing(names)
    if not wanted:
        return
    say(f"{why} needs these packages of your distribution:\n  {' '.join(wanted)}")
    privilege = _privilege(wanted)
    if not agrees("Install them now?", assume_yes=assume_yes):
        raise PackagesUnavailable("You chose not to install packages.")
    if not (_apt(privilege, ["install", *wanted]) or _apt_after_update(privilege, ["install", *wanted])):
        raise PackagesUnavailable(f"apt-get could not install them. What it says to root: {by_hand(wanted)}")


def update_lists() -> None:
    """Fetch apt's package lists. Raises PackagesUnavailable."""
    if not _apt(_privilege([]), ["update"]):
        raise PackagesUnavailable("apt-get could not fetch its package lists. What it says to root: apt-get update")


def by_hand(names: list[str]) -> str:
    """What root may type instead."""
    return f"apt-get install --no-install-recommends {' '.join(names)}"


def _privilege(names: list[str]) -> list[str]:
    """What to put before a command that root has to run."""
    if is_root():
        return []
    if shutil.which("sudo") is None:
        raise PackagesUnavailable(f"This takes root, and there is no sudo. As root: {by_hand(names)}")
    return ["sudo"] if is_interactive() else ["sudo", "-n"]


def _apt_after_update(privilege: list[str], arguments: list[str]) -> bool:
    return _apt(privilege, ["update"]) and _apt(privilege, arguments)


def _apt(privilege: list[str], arguments: list[str]) -> bool:
    """Run apt-get and say whether it did it. Waits up to 10 minutes for another apt."""
    options = [
        "-qq",
        "-y",
        "--no-install-recommends",
        "-o",
        "DPkg::Lock::Timeout=600",
        "-o",
        "Dpkg::Use-Pty=0",
    ]
    command = [
        *privilege,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        *options,
        *arguments,
    ]
    say(f"  $ {' '.join([*privilege, 'apt-get', *arguments])}")
    stdin = None if is_interactive() else subprocess.DEVNULL  # sudo may have to ask for a password
    with subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, text=True, env=_plain()) as apt:
        for line in apt.stdout or []:
            if line.startswith("Setting up "):  # one line for each package is enough to see that it goes on
                say(f"  {line.strip()}")
    return apt.returncode == 0


def _plain() -> dict[str, str]:
    """Our environment, in plain English, so that what apt says can be searched for."""
    return {**os.environ, "LC_ALL": "C.UTF-8"}

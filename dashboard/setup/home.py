"""The folder of all state (SKYDECK_HOME), and being alone on it."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from pathlib import Path

from . import processes
from .terminal import say

GRACE_S = 10.0


class CannotStart(Exception):
    """Skydeck cannot start here and now; the text says why and what to do."""


def take(home: Path) -> None:
    """Be the only `up` on this home, until this process ends, whatever program it becomes.

    Raises CannotStart.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "run").mkdir(mode=0o700, exist_ok=True)
        lock = os.open(home / "run/up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotStart(f"{home} cannot be written to: {error.strerror}. Set SKYDECK_HOME to another.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        pid = os.read(lock, 32).decode().strip()
        raise CannotStart(
            f"Skydeck runs already on {home}: process {pid}. End that one, or set SKYDECK_HOME to another folder."
        ) from error
    os.truncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    os.set_inheritable(lock, True)  # the supervisor, which this process becomes, holds on to it


def is_taken(home: Path) -> bool:
    """Whether an `up` runs on this home now."""
    try:
        lock = os.open(home / "run/up.lock", os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def record(home: Path) -> Path:
    """Where the supervisor notes which processes it started."""
    return home / "run/started.json"


def end_leftovers(home: Path) -> None:
    """End what an `up` that was killed left behind: only processes that its record proves to be its own."""
    left = [process for process in processes.read_record(record(home)) if process.is_alive()]
    if left:
        say(f"Ending what an earlier start left running: {', '.join(process.name for process in left)}")
        processes.end(left, grace_s=GRACE_S)


def check_address(bind: str, *, port: int) -> None:
    """Raises CannotStart when web could not listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(bind, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            attempt.bind(address)
    except OSError as error:
        raise CannotStart(_why_not_there(error, bind=bind, port=port)) from error


def _why_not_there(error: OSError, *, bind: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {bind} is taken by another program. "
            f"Choose another one: SKYDECK_PORT={port + 1} python3 manage.py up"
        )
    if error.errno == errno.EACCES:
        return f"Only root may listen on port {port}. Choose one above 1023 with SKYDECK_PORT."
    why = error.strerror or str(error)
    return f"Cannot listen on {bind}, port {port}: {why}. Set SKYDECK_BIND to an address of this machine."

"""PostgreSQL and Redis of our own for the time of a test run: from the distribution's packages, in a
folder that is removed afterwards, on a UNIX socket or a free port, ended by pid."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGES = ["postgresql", "redis-server"]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def folder(name: str) -> Iterator[Path]:
    """A short temporary folder that the service's user may enter (a UNIX socket path holds 107 bytes)."""
    path = Path(tempfile.mkdtemp(prefix=f"sky-{name}-", dir="/tmp"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def ordinary_user() -> str | None:
    """PostgreSQL refuses to run as root: then as the user whom its package made."""
    return "postgres" if os.geteuid() == 0 else None


def program(name: str) -> str:
    """PostgreSQL's programs of the newest version that Debian installed, else from the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return str(found[-1]) if found else name


@contextmanager
def running(command: list[str], *, log: Path, user: str | None = None) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, user=user, cwd="/")
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(address: tuple[str, int], *, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            break
        with socket.socket() as client:
            if client.connect_ex(address) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"{process.args!r} does not listen: {log.read_text()[-2000:]}")


@contextmanager
def postgresql() -> Iterator[str]:
    """A new cluster; yields its URL. Durability is off: it lives as long as the tests."""
    user, port = ordinary_user(), free_port()
    with folder("pg") as home:
        data, log = home / "data", home / "log"
        if user:
            shutil.chown(home, user)
        how = ["-U", "skydeck", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
        make = [program("initdb"), "-D", str(data), *how]
        subprocess.run(make, check=True, user=user, cwd="/", stdout=subprocess.DEVNULL)
        options = ["-c", "fsync=off", "-c", "max_connections=200", "-c", f"unix_socket_directories={home}"]
        serve = [program("postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port), *options]
        with running(serve, log=log, user=user) as process:
            wait_for(("127.0.0.1", port), process=process, log=log)
            wait_until_ready(port, process=process)
            yield f"postgres://skydeck@127.0.0.1:{port}/postgres"


def wait_until_ready(port: int, *, process: subprocess.Popen[bytes]) -> None:
    """It listens before it lets anybody in."""
    ask = [program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    while process.poll() is None and subprocess.run(ask, check=False).returncode != 0:
        time.sleep(0.1)


@contextmanager
def redis() -> Iterator[str]:
    port = free_port()
    with folder("redis") as home:
        log = home / "log"
        serve = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(home)]
        with running(serve, log=log) as process:
            wait_for(("127.0.0.1", port), process=process, log=log)
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def both() -> Iterator[dict[str, str]]:
    """The environment that makes Skydeck use them."""
    with postgresql() as database, redis() as broker:
        yield {
            "SKYDECK_DATABASE_URL": database,
            "SKYDECK_BROKER_URL": broker,
            "SKYDECK_CACHE_URL": broker.removesuffix("/0") + "/1",
        }

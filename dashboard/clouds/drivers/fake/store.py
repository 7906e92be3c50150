"""The fake cloud's memory: one SQLite file, open once per process and thread.

Every process sees the same cloud, and one that is killed in the middle of a call
leaves either all of the call's work or none of it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager

from .schema import STEPS, statements

_opened = threading.local()


@contextmanager
def reading(path: str) -> Iterator[sqlite3.Connection]:
    """Raises sqlite3.Error or OSError where there can be no such file."""
    yield _connection(path)


@contextmanager
def writing(path: str) -> Iterator[sqlite3.Connection]:
    """One transaction. It is rolled back when the block raises."""
    with _transaction(_connection(path)) as db:
        yield db


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _connection(path: str) -> sqlite3.Connection:
    """This thread's connection; never one that was made before a fork."""
    if getattr(_opened, "pid", None) != os.getpid():
        _opened.pid, _opened.by_path = os.getpid(), {}
    by_path: dict[str, sqlite3.Connection] = _opened.by_path
    if path not in by_path:
        by_path[path] = _open(path)
    return by_path[path]


def _open(path: str) -> sqlite3.Connection:
    if not os.path.exists(path):
        _make(path)
    db = sqlite3.connect(path, timeout=30, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA synchronous = OFF")  # what a power cut may lose here is not real
    if _version(db) < len(STEPS):
        _grow(db)
    return db


def _make(path: str) -> None:
    """Whole or not at all: of many that begin at once the first one's file stays.

    SQLite does not wait for others while it turns to WAL, so nobody else may see the file yet.
    """
    unfinished = f"{path}.{uuid.uuid4()}"
    with closing(sqlite3.connect(unfinished, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")  # as in `_open`
        db.execute("PRAGMA journal_mode = WAL")
        _grow(db)
    with contextlib.suppress(FileExistsError):
        os.link(unfinished, path)
    os.unlink(unfinished)


def _grow(db: sqlite3.Connection) -> None:
    """Take the steps that the file lacks. Who waited here for another process finds nothing left to do."""
    with _transaction(db):
        for step in STEPS[_version(db) :]:
            for statement in statements(step):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(STEPS)}")


def _version(db: sqlite3.Connection) -> int:
    """How many steps the file has taken. The first files were made before the steps were counted."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version == 0 and db.execute("SELECT 1 FROM sqlite_master WHERE name = 'instances'").fetchone():
        return 1
    return version

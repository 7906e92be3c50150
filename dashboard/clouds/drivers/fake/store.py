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

SCHEMA = """
BEGIN;
CREATE TABLE instances (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL,
    vcpus INTEGER NOT NULL, ram_mib INTEGER NOT NULL, disk_gib INTEGER NOT NULL,
    tenant_id TEXT, instance_id TEXT, operation_id TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '', image_id TEXT NOT NULL DEFAULT '', flavor_id TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL, fault TEXT NOT NULL DEFAULT '', console_log TEXT NOT NULL DEFAULT '',
    settles_at REAL, settles_to TEXT, settles_fault TEXT NOT NULL DEFAULT ''
);
CREATE INDEX instances_by_mark ON instances (instance_id);
CREATE INDEX instances_unsettled ON instances (settles_at) WHERE settles_at IS NOT NULL;
CREATE TABLE images (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, min_disk_gib INTEGER NOT NULL, min_ram_mib INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL, login_hint TEXT NOT NULL
);
CREATE TABLE changes (number INTEGER PRIMARY KEY AUTOINCREMENT, remote_id TEXT NOT NULL);
CREATE TABLE journal (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, call TEXT NOT NULL, about TEXT NOT NULL,
    answer TEXT NOT NULL
);
CREATE TABLE faults (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, call TEXT NOT NULL, times INTEGER,
    value TEXT NOT NULL
);
CREATE TABLE consoles (remote_id TEXT PRIMARY KEY, holder TEXT NOT NULL);
INSERT INTO images VALUES
    ('demo', 'Demo Linux', 1, 64, 19000000, 'User demo, password demo.'),
    ('debian-12', 'Debian 12', 4, 512, 350000000, 'User debian, with your key.'),
    ('ubuntu-24.04', 'Ubuntu 24.04 LTS', 4, 1024, 600000000, 'User ubuntu, with your key.');
COMMIT;
"""


_opened = threading.local()


@contextmanager
def reading(path: str) -> Iterator[sqlite3.Connection]:
    """Raises sqlite3.Error or OSError where there can be no such file."""
    yield _connection(path)


@contextmanager
def writing(path: str) -> Iterator[sqlite3.Connection]:
    """One transaction. It is rolled back when the block raises."""
    db = _connection(path)
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
    return db


def _make(path: str) -> None:
    """Whole or not at all: of many that begin at once the first one's file stays.

    SQLite does not wait for others while it turns to WAL, so nobody else may see the file yet.
    """
    unfinished = f"{path}.{uuid.uuid4()}"
    with closing(sqlite3.connect(unfinished, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(SCHEMA)
    with contextlib.suppress(FileExistsError):
        os.link(unfinished, path)
    os.unlink(unfinished)


def note_change(db: sqlite3.Connection, remote_id: str) -> None:
    db.execute("INSERT INTO changes (remote_id) VALUES (?)", (remote_id,))


def settle(path: str, *, now: float) -> None:
    """Give each instance whose waiting is over the status that it was waiting for."""
    due = "SELECT id FROM instances WHERE settles_at <= ?"
    with reading(path) as db:
        if db.execute(due, (now,)).fetchone() is None:
            return  # the usual case takes no write lock
    with writing(path) as db:
        for row in db.execute(due, (now,)).fetchall():
            note_change(db, row["id"])
        db.execute(
            "UPDATE instances SET status = settles_to, fault = settles_fault, settles_at = NULL WHERE settles_at <= ?",
            (now,),
        )

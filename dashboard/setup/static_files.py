"""Collecting, hashing and compressing what browsers load, when its sources changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from .environment import MAIN
from .terminal import say


def collect() -> None:
    stamp = settings.HOME / "static.sha256"
    current = _fingerprint([Path(folder) for folder in settings.STATICFILES_DIRS])
    if stamp.exists() and stamp.read_text() == current:
        return
    say("Collecting static files")
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(current)


def _fingerprint(folders: list[Path]) -> str:
    """From names, sizes and times: cheap. The lock stands for the files that come with packages."""
    digest = hashlib.sha256(MAIN.fingerprint().encode())
    for path in sorted(path for folder in folders for path in folder.rglob("*")):
        found = path.stat()
        digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\0".encode())
    return digest.hexdigest()

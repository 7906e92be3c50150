from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def somebody_types(monkeypatch) -> Callable[[str], None]:
    """A terminal, and what is typed at it. Without this there is none: nobody can be asked."""

    def types(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", Terminal(text))
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)

    return types


@pytest.fixture
def programs(tmp_path, monkeypatch) -> Callable[[str, str], None]:
    """A PATH of our own: only the programs that a test writes, as shell scripts, are there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "env", "cat", "test"):
        (folder / name).symlink_to(f"/usr/bin/{name}")
    monkeypatch.setenv("PATH", str(folder))

    def write(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return write

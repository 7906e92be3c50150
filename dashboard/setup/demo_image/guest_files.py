"""The guest's own scripts, read when this is imported: whoever builds may not be able to reach this checkout."""

from __future__ import annotations

from pathlib import Path

GUEST_FILES = {path.name: path.read_bytes() for path in (Path(__file__).parent / "guest").iterdir()}

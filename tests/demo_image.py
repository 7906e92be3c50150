"""The demo image, built once per version of its builder and kept below `var/`."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from dashboard.setup import demo_image
from dashboard.setup.demo_image.build import build

ROOT = Path(__file__).resolve().parent.parent
SOURCES = Path(demo_image.__file__).parent


def cached() -> Path:
    """About 30 s the first time, with the network; nothing afterwards."""
    image = ROOT / "var/test-images" / f"demo-{_version()}.qcow2"
    if not image.exists():
        image.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=image.parent) as work:
            build(image, work=Path(work, "work"), say=print)
    return image


def _version() -> str:
    """Changes with every file of the builder."""
    files = sorted(path for path in SOURCES.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]

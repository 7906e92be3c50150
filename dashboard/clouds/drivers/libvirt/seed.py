"""What a guest is told at its first boot: a NoCloud disk, as cloud-init and the demo image read it.

https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html

The public key stands in `meta-data`, where cloud-init looks for it whatever the user data are, so that the user's own
text is passed on as it is: `#cloud-config`, a script, MIME parts.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import unicodedata
from pathlib import Path

from ...interface import Reason, Refused

XORRISO_S = 20


NO_USER_DATA = "#cloud-config\n{}\n"
"""A NoCloud disk without the file `user-data` is none."""


def image(*, domain_uuid: str, name: str, public_key: str, user_data: str = "") -> bytes:
    """An ISO 9660 file system, the same bytes for the same arguments. Raises Refused where xorriso fails."""
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder, "files")
        files.mkdir()
        (files / "meta-data").write_text(meta_data(domain_uuid=domain_uuid, name=name, public_key=public_key))
        (files / "user-data").write_bytes((user_data or NO_USER_DATA).encode(errors="replace"))
        _write_iso(files, to=Path(folder, "seed.iso"))
        return Path(folder, "seed.iso").read_bytes()


def meta_data(*, domain_uuid: str, name: str, public_key: str = "") -> str:
    """A line each. JSON is YAML, and cannot be broken out of."""
    lines = [f"instance-id: {domain_uuid}", f"local-hostname: {hostname(name, domain_uuid=domain_uuid)}"]
    if public_key.strip():
        lines.append(f"public-keys: {json.dumps([public_key.strip()])}")
    return "\n".join(lines) + "\n"


def hostname(name: str, *, domain_uuid: str) -> str:
    """A host name out of a name that may be anything (RFC 1123: letters, digits, hyphens, at most 63)."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    label = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:63].strip("-")
    return label or f"instance-{domain_uuid[-12:]}"


def _write_iso(files: Path, *, to: Path) -> None:
    command = ["xorriso", "-as", "mkisofs", "-quiet", "-volid", "cidata", "-joliet", "-rock", "-o", str(to), str(files)]
    for path in files.iterdir():
        os.utime(path, (0, 0))
    os.utime(files, (0, 0))
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "0"}
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=XORRISO_S, env=environment)  # noqa: S603
    except FileNotFoundError as error:
        raise Refused("xorriso is not installed where Skydeck runs", reason=Reason.OTHER) from error
    except subprocess.SubprocessError as error:
        raise Refused(f"the seed could not be written: {error}", reason=Reason.OTHER) from error

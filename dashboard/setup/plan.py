"""What the supervisor is to run, as a file between `up` and the supervisor that it becomes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One process. `environment` is all of it, or None for ours; `account` is ours when it is empty."""

    name: str
    command: list[str]
    folder: str = "/"
    environment: dict[str, str] | None = None
    account: dict[str, Any] = field(default_factory=dict)
    ends_last: bool = False

    def account_arguments(self) -> dict[str, Any]:
        """For `subprocess.Popen`: user, group and extra_groups, or nothing."""
        return self.account


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All parts, in the order in which they are started."""

    parts: list[Part]
    log: Path
    record: Path
    health_url: str
    welcome: str
    has_guests: bool = False

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), default=str))
        path.chmod(0o600)

    @staticmethod
    def read(path: Path) -> Plan:
        raw = json.loads(path.read_text())
        parts = [Part(**part) for part in raw.pop("parts")]
        return Plan(**{**raw, "parts": parts, "log": Path(raw["log"]), "record": Path(raw["record"])})

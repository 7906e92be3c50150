"""The names of an instance's files in the directory of disks. All of them begin with its UUID."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    uuid: str

    @property
    def disk(self) -> str:
        """The first one. A larger or a new disk is a file of its own, so that the old one stays as it is meanwhile."""
        return f"{self.uuid}.qcow2"

    @property
    def seed(self) -> str:
        return f"{self.uuid}-seed.iso"

    @property
    def console_log(self) -> str:
        return f"{self.uuid}-console.log"

    def disk_after(self, name: str) -> str:
        """`<uuid>-2.qcow2` after `<uuid>.qcow2`, and so on; always the same one after the same one."""
        found = re.fullmatch(re.escape(self.uuid) + r"-(\d+)\.qcow2", name)
        return f"{self.uuid}-{int(found[1]) + 1 if found else 2}.qcow2"

    def is_disk(self, name: str) -> bool:
        return re.fullmatch(re.escape(self.uuid) + r"(-\d+)?\.qcow2", name) is not None

"""Writing a cpio archive, the format of an initramfs, without being root.

The format is "newc": https://docs.kernel.org/driver-api/early-userspace/buffer-format.html
"""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One name in the archive. All belong to root; `device` is (major, minor)."""

    name: str
    mode: int
    data: bytes = b""
    device: tuple[int, int] = (0, 0)


@dataclass
class Archive:
    """A tree of files in memory. Parent folders are added as needed."""

    entries: dict[str, Entry] = field(default_factory=dict)

    def folder(self, name: str, *, mode: int = 0o755) -> None:
        self._add(Entry(name=name, mode=stat.S_IFDIR | mode))

    def file(self, name: str, data: bytes | str, *, mode: int = 0o644) -> None:
        content = data.encode() if isinstance(data, str) else data
        self._add(Entry(name=name, mode=stat.S_IFREG | mode, data=content))

    def link(self, name: str, *, to: str) -> None:
        self._add(Entry(name=name, mode=stat.S_IFLNK | 0o777, data=to.encode()))

    def console(self) -> None:
        """/dev/console, without which the kernel shows nothing of what init says."""
        self._add(Entry(name="dev/console", mode=stat.S_IFCHR | 0o600, device=(5, 1)))

    def packed(self) -> bytes:
        """The archive, folders before what they hold."""
        ordered = sorted(self.entries.values(), key=lambda entry: entry.name.count("/"))
        parts = [_packed(entry, number=number) for number, entry in enumerate(ordered, start=1)]
        return b"".join([*parts, _packed(Entry(name="TRAILER!!!", mode=0), number=0)])

    def _add(self, entry: Entry) -> None:
        for parent in PurePosixPath(entry.name).parents:
            if str(parent) != "." and str(parent) not in self.entries:
                self.folder(str(parent))
        self.entries[entry.name] = entry


def _packed(entry: Entry, *, number: int) -> bytes:
    name = entry.name.encode() + b"\0"
    links = 2 if stat.S_ISDIR(entry.mode) else 1
    # inode, mode, uid, gid, links, mtime, size, device of the file system, device node, name's length, checksum
    numbers = (
        number,
        entry.mode,
        0,
        0,
        links,
        0,
        len(entry.data),
        0,
        0,
        *entry.device,
        len(name),
        0,
    )
    head = b"070701" + b"".join(b"%08X" % value for value in numbers)
    return _padded(head + name) + _padded(entry.data)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)

"""One stream of lines from all parts, to the terminal and to a file that is kept small."""

from __future__ import annotations

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE_BYTES = 10_000_000
FILES_KEPT = 5
LONGEST_LINE = 65536


class LogStream:
    """`write` puts one line, after the name of the part that said it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        logging.raiseExceptions = False  # a terminal that is gone must not stop the file
        self._logger = logging.Logger("skydeck")
        to_file = RotatingFileHandler(path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8")
        to_file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        for handler in (logging.StreamHandler(sys.stdout), to_file):
            self._logger.addHandler(handler)

    def write(self, name: str, line: str) -> None:
        self._logger.info("%-10s| %s", name, line)


class LineBuffer:
    """Makes whole lines of what a part wrote in pieces."""

    def __init__(self, name: str, *, log: LogStream) -> None:
        self._name = name
        self._log = log
        self._rest = b""

    def add(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._log.write(self._name, line.decode(errors="replace").rstrip("\r"))
        if len(self._rest) > LONGEST_LINE:
            self.flush()

    def flush(self) -> None:
        if self._rest:
            self._log.write(self._name, self._rest.decode(errors="replace"))
            self._rest = b""

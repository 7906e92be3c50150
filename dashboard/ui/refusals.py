"""What is logged of a request that is refused for its form, such as one with thousands of fields."""

from __future__ import annotations

import logging


class OneLine(logging.Filter):
    """A warning of one line, with the path: the mistake is the browser's, and says nothing about our code.

    Django logs it as an error with a traceback.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.exc_info = record.exc_text = None
        path = getattr(getattr(record, "request", None), "path", "")
        record.msg, record.args = "refused: %s %r", (record.getMessage(), path)
        return True

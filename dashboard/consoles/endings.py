"""Why a console ends, or never begins: a code for the browser and a sentence for the person."""

from __future__ import annotations

from enum import IntEnum


class Close(IntEnum):
    """Why a console ends, as the code of its WebSocket. The reason beside it is in the user's words."""

    RESTART = 1012
    TICKET = 4401
    RIGHTS = 4403
    GONE = 4404
    IDLE = 4408
    TAKEN_OVER = 4409
    LIMIT = 4410
    HELD = 4423
    TOO_MANY = 4429
    CLOUD = 4502


class Ended(Exception):
    """A console is over, or never began."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason

"""How long a console may go on: after a silence it is closed, and after its longest time in any case."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

from django.conf import settings
from django.utils.translation import gettext as _

from dashboard.clouds.interface import ConsoleKind

from .endings import Close, Ended
from .line import Note

TOLD_AGAIN_S = 5.0
BY_HAND = frozenset({4, 5, 6, 255})
"""RFC 6143, 7.5: keys, the pointer, the clipboard; and QEMU's keys. The rest browsers send by themselves."""


def is_typing(data: bytes, *, kind: ConsoleKind) -> bool:
    """Whether a person did something: that a screen changes by itself is no sign of one."""
    return kind is ConsoleKind.SERIAL or (len(data) > 5 and data[0] in BY_HAND)


class Teller(Protocol):
    async def tell(self, note: Note) -> None: ...


class Clock:
    def __init__(self) -> None:
        self.opened_at = self.typed_at = time.monotonic()
        self.news = asyncio.Event()
        self.news.set()

    def typed(self) -> None:
        self.typed_at = time.monotonic()
        self.news.set()

    def left(self) -> tuple[float, float]:
        """Seconds until it closes for silence, and until its longest time is over."""
        now = time.monotonic()
        return settings.CONSOLE_IDLE_S - (now - self.typed_at), settings.CONSOLE_MAX_S - (now - self.opened_at)

    async def run_out(self) -> Ended:
        while (left := min(self.left())) > 0:
            await asyncio.sleep(left)
        _idle, longest = self.left()
        if longest <= 0:
            return Ended(Close.LIMIT, _("Closed: this is the longest that a console stays open. Reconnect to go on."))
        return Ended(Close.IDLE, _("Closed because nothing was typed for a long time."))

    async def tell(self, browser: Teller) -> None:
        """The page shows what is left; it hears of it at once when something is typed, and not oftener than that."""
        while True:
            await self.news.wait()
            self.news.clear()
            idle, longest = self.left()
            await browser.tell({"idle_s": round(idle, 1), "longest_s": round(longest, 1)})
            await asyncio.sleep(TOLD_AGAIN_S)

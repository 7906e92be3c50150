"""What the fault proxy can do to a call. Each fault decides whether the cloud is asked at all, and how the answer ends.

LostAnswer()                  the cloud does the work; the connection closes before a byte of the answer
Delay(2.5)                    the cloud does the work; the answer comes that many seconds later
Status(429, retry_after_s=2)  this status instead of the cloud, which is not asked
Status(503, after=True)       this status instead of the cloud's answer: the work was done
Garbage()                     200 and a body that is not JSON; the cloud is not asked
Reset()                       the connection is reset (RST); the cloud is not asked
PartialBody()                 the cloud's own answer, cut in the middle of its body
Hold(event)                   the answer waits until the event is set: kill the client meanwhile
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Protocol

HOLD_AT_MOST_S = 120


class Ending(Enum):
    """How much of an answer reaches the client."""

    WHOLE = "whole"
    HALF = "half"
    CLOSED = "closed"
    RESET = "reset"


@dataclass(slots=True)
class Answer:
    """A cloud's answer, or what stands in for it. `headers` may repeat a name."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str:
        """Its value, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


Ask = Callable[[], Answer]


class Fault(Protocol):
    def apply(self, ask: Ask) -> tuple[Answer | None, Ending]:
        """`ask()` puts the request to the cloud. Without an answer nothing is sent."""
        ...


@dataclass(frozen=True, slots=True)
class Honest:
    """No fault at all."""

    def apply(self, ask: Ask) -> tuple[Answer | None, Ending]:
        return ask(), Ending.WHOLE


@dataclass(frozen=True, slots=True)
class LostAnswer:
    def apply(self, ask: Ask) -> tuple[Answer | None, Ending]:
        return ask(), Ending.CLOSED


@dataclass(frozen=True, slots=True)
class Delay:
    seconds: float

    def apply(self, ask: Ask) -> tuple[Answer | None, Ending]:
        answer = ask()
        time.sleep(self.seconds)
        return answer, Ending.WHOLE


@dataclass(frozen=True, slots=True)
class Status:
    """`body` is sent as it is; without one it is JSON in the words of HTTP."""

    code: int
    body: str | None = None
    retry_after_s: int | None = None
    after: bool = False
    content_type: str = "application/json"

    def apply(self, ask: Ask) -> tuple[Answer | None, Ending]:
        if self.after:
            ask()
        headers = [("Content-Type", self.content_type), ("x-openstack-request-id", f"req-injected-{self.code}")]
        if self.retry_after_s is not None:
            headers.append(("Retry-After", str(self.retry_after_s)))
        return Answer(self.code, headers, self._text().encode()), Ending.WHOLE

    def _text(self) -> str:
        if self.body is not None:
            return self.body
        title = HTTPStatus(self.code).phrase
        return json.dumps({"error": {"code": self.code, "title": title, "message": f"{title}, said the fault proxy."}})


@dataclass(frozen=True, slots=True)
class Garbage:
    body: bytes = b"<html>\xff\xfe this is { not JSON"

    def apply(self, ask: Ask) -> tuple[Answer | None, Ending]:
        return Answer(200, [("Content-Type", "application/json")], self.body), Ending.WHOLE


@dataclass(frozen=True, slots=True)
class Reset:
    def apply(self, ask: Ask) -> tuple[Answer | None, Ending]:
        return None, Ending.RESET


@dataclass(frozen=True, slots=True)
class PartialBody:
    def apply(self, ask: Ask) -> tuple[Answer | None, Ending]:
        return ask(), Ending.HALF


@dataclass(frozen=True, slots=True)
class Hold:
    until: threading.Event

    def apply(self, ask: Ask) -> tuple[Answer | None, Ending]:
        answer = ask()
        self.until.wait(HOLD_AT_MOST_S)
        return answer, Ending.WHOLE

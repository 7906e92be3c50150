"""What goes wrong on demand.

Standing switches are attributes; `faults.next("lost", "RunInstances")` spoils the next call of that action:

    clock        403 before the service, as for a clock that is off
    unavailable  503 `Service Unavailable`: no backend was found
    internal     500 `InternalFailure`
    capacity     503 `Not enough resources`, whatever room there is
    dropped      the connection ends before anything is done
    lost         it is done, and then the connection ends without an answer
    cut          half of the answer comes
    huge         60 MB come, well formed, and say nothing
    entities     an answer that defines XML entities
    page         200 and a web page, as a proxy in between may give
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

KINDS = {"clock", "unavailable", "internal", "capacity", "dropped", "lost", "cut", "huge", "entities", "page"}


@dataclass
class Planned:
    kind: str
    action: str | None
    times: int
    after: int = 0


@dataclass
class Faults:
    clock_ahead_s: float = 0
    """How far the cloud's clock is before ours, as the check of signatures sees it."""
    requests_per_connection: int = 100
    idle_s: float = 60
    capacity_code: str = "ServiceUnavailable"
    """Or `InsufficientInstanceCapacity`: other releases may show the code of the backend."""
    capacity_status: int = 503
    gone_type_said: tuple[str, str] = ("InvalidParameterValue", "Instance type does not exist")
    """Code and message for a type that is not there: other releases may have others."""
    shuffled: bool = True
    slow_s: float = 0
    """Before each answer, in real time."""
    huge_bytes: int = 60 * 10**6
    _planned: list[Planned] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, kind: str, action: str | None = None, *, times: int = 1, after: int = 0) -> None:
        """Of any action if none is named; `after` so many that go well."""
        if kind not in KINDS:
            raise ValueError(f"no such fault: {kind}")
        self._planned.append(Planned(kind, action, times, after))

    def clear(self) -> None:
        self._planned.clear()

    def take(self, action: str) -> str | None:
        with self._lock:
            for planned in self._planned:
                if not planned.times or planned.action not in (None, action):
                    continue
                if planned.after:
                    planned.after -= 1
                    continue
                planned.times -= 1
                return planned.kind
        return None

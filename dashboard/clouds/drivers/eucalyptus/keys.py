"""What calls are signed with: a stored key, or temporary ones of a user whom the cloud's administrator may become."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ...interface import AuthFailed, CloudError, Unavailable

LASTS_S = 3600
RENEWED_S = 300
"""So long before its end a token is not used any more."""


@dataclass(frozen=True, slots=True)
class Key:
    id: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)


class Keys(Protocol):
    def now(self) -> Key:
        """Raises AuthFailed where there is none."""
        ...

    def forget(self, key: Key) -> bool:
        """The cloud did not accept it. Whether another one can be had."""
        ...


class StoredKey:
    def __init__(self, access_key: str, secret_key: str) -> None:
        self._key = Key(access_key, secret_key)

    def now(self) -> Key:
        if not self._key.id or not self._key.secret:
            raise AuthFailed("the connection has no access key", source="ec2")
        return self._key

    def forget(self, key: Key) -> bool:
        return False


class BorrowedKeys:
    """Of one user, in memory alone. `fetch` asks the cloud for new ones, good for `LASTS_S`."""

    def __init__(self, fetch: Callable[[], Key], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch, self._clock = fetch, clock
        self._lock = threading.Lock()
        self._key: Key | None = None
        self._ends_at = 0.0

    def now(self) -> Key:
        with self._lock:
            if self._key is None or self._clock() >= self._ends_at - RENEWED_S:
                began = self._clock()
                self._key, self._ends_at = self._fetched(), began + LASTS_S
            return self._key

    def forget(self, key: Key) -> bool:
        with self._lock:
            if self._key is key:
                self._key = None
            return True

    def _fetched(self) -> Key:
        """What the cloud says no to is a user that is gone, or an administrator's key that is no such any more."""
        try:
            return self._fetch()
        except Unavailable:
            raise
        except CloudError as error:
            raise AuthFailed(error.detail, source=error.source, http_status=error.http_status) from None

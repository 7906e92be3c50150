"""One call, after its signature was found good."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from .accounts import Account, Key, User
from .parameters import Parameters
from .resources import Volume

if TYPE_CHECKING:
    from .cloud import Cloud


@dataclass
class Call:
    cloud: Cloud
    service: str
    action: str
    asked: Parameters
    key: Key

    @property
    def user(self) -> User:
        return self.key.user

    @property
    def account(self) -> Account:
        return self.key.user.account

    @property
    def is_administrator(self) -> bool:
        return self.user.is_administrator

    @cached_property
    def disks(self) -> dict[str | None, list[Volume]]:
        """Instance -> its volumes; made once, for 5,000 instances are one answer."""
        found: dict[str | None, list[Volume]] = {}
        for volume in self.cloud.volumes.values():
            found.setdefault(volume.instance, []).append(volume)
        return found


Handler = Callable[[Call], str]


class Actions(dict[str, Handler]):
    """Action -> what answers it with the inside of the answer."""

    def named(self, *names: str) -> Callable[[Handler], Handler]:
        def remember(handler: Handler) -> Handler:
            self.update(dict.fromkeys(names, handler))
            return handler

        return remember

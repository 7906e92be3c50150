"""What is in a place, and the cloud's own limits of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from .interface import AuthFailed, Driver, Limit


@dataclass(frozen=True, slots=True)
class Content:
    """Of one resource, in the words of `interface.Quotas`. `limit` None is unlimited; `used` None is not told."""

    resource: str
    limit: int | None
    used: int | None


def with_use(limits: Mapping[str, Limit], used: Callable[[], Mapping[str, int]]) -> Mapping[str, Limit]:
    """Limits that came without any use, with what is counted. Who is not let in to count leaves them as they are."""
    if not limits or any(limit.used is not None for limit in limits.values()):
        return limits
    try:
        counted = used()
    except AuthFailed:
        return limits
    return {word: replace(limit, used=counted.get(word)) for word, limit in limits.items()}


def contents_of(driver: Driver, place_id: str) -> list[Content]:
    """Of a place that may be nobody's here, by the cloud's own credential. Raises CloudError."""
    if driver.quotas is None or driver.places is None:
        return []
    places = driver.places
    limits = with_use(driver.quotas.get(place_id), lambda: places.used(place_id))
    return [Content(word, limit.limit, limit.used) for word, limit in limits.items()]

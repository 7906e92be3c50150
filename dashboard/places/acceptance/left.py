"""What the list has made on a cloud and not yet removed. Whatever stops it, what stays there is named at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .results import Result, Told, Verdict, attempt
from .waiting import several

TRIES = 3


@dataclass
class Thing:
    """`id` is the cloud's, or, until that is known, what our mark on it is."""

    what: str
    id: str
    remove: Callable[[], Told]


class Left:
    """Noted before it is asked for, so that a lost answer leaves nothing that nobody knows of."""

    def __init__(self) -> None:
        self.things: dict[str, Thing] = {}
        self.stayed: list[Thing] = []

    def note(self, step: str, thing: Thing) -> Thing:
        """`step` is how its removal is called."""
        self.things[step] = thing
        return thing

    def remove_all(self) -> list[Result]:
        """What was made last goes first. What cannot be removed stays noted."""
        results = []
        for step in reversed(list(self.things)):
            results.append(result := persistently(step, self.things[step].remove))
            thing = self.things.pop(step)
            if result.verdict is Verdict.FAIL:
                self.stayed.append(thing)
        return results

    @property
    def all(self) -> list[Thing]:
        return [*self.stayed, *self.things.values()]


def persistently(step: str, remove: Callable[[], Told]) -> Result:
    """A cloud that is away for a moment does not keep what is not its own."""
    for _ in several(TRIES):
        result = attempt(step, remove)
        if result.verdict is not Verdict.FAIL:
            break
    return result

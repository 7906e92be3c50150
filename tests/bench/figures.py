"""What was measured, beside what it should be."""

from __future__ import annotations

import resource
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` should be at most `goal`, or at least, where more is better."""

    name: str
    value: float
    goal: float
    unit: str
    more_is_better: bool = False

    @property
    def is_missed(self) -> bool:
        return self.value < self.goal if self.more_is_better else self.value > self.goal

    def __str__(self) -> str:
        word = "MISS" if self.is_missed else "pass"
        bound = "at least" if self.more_is_better else "at most"
        return f"{word}  {self.name:72} {self.value:10.1f} {self.unit:8} {bound} {self.goal:g}"


def share_below(values: Sequence[float], percent: float) -> float:
    """The value below which so many percent of them are."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(percent / 100 * len(ordered)))]


def own_cpu_s() -> float:
    """What this process, the load tool, has used of the machine that it shares with what it measures."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime


def show(title: str, figures: Iterable[Figure]) -> int:
    """Print the table; 1 when something is missed."""
    figures = list(figures)
    print(f"\n{title}")
    for figure in figures:
        print(f"  {figure}")
    return int(any(figure.is_missed for figure in figures))

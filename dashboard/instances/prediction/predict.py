"""All that is known of a launch before it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.clouds.standing import Standing
from dashboard.quotas.usage import COMPUTE, Usage, usage_of

from .elsewhere import Elsewhere, elsewhere
from .estimate import Estimate, estimate
from .outlook import Knowledge, Outlook
from .wanted import Problem, Wanted, problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    wanted: Wanted
    problems: Sequence[Problem]
    usage: Sequence[Usage]
    """The quota of each resource that it concerns: now and afterwards."""
    outlook: Outlook
    """The chosen cloud and its hosts."""
    elsewhere: Sequence[Elsewhere]
    estimate: Estimate | None

    @property
    def over(self) -> list[Usage]:
        """Of what there is not enough quota: `reserve` would refuse it now."""
        return [one for one in self.usage if one.is_over and one.adds]

    @property
    def within_quota(self) -> int:
        """For how many of them there is enough quota."""
        counts = [max(0, (one.limit or 0) - one.used) // self.wanted.one[one.resource] for one in self.over]
        return min(counts, default=self.wanted.count)

    @property
    def fits(self) -> bool:
        """Whether it would be accepted, and each of them find a place, by all that we know."""
        return not self.problems and not self.over and not self.outlook.is_short


def predict(wanted: Wanted, standings: Sequence[Standing]) -> Prediction:
    """`standings` are the tenant's clouds, the chosen one among them."""
    known = Knowledge(wanted.tenant, standings)
    adding = wanted.takes if wanted.flavor else partly(wanted)
    usage = usage_of(wanted.tenant, adding=adding, only=COMPUTE, cloud_id=wanted.cloud.pk)
    return Prediction(
        wanted=wanted,
        problems=problems(wanted),
        usage=usage,
        outlook=known.outlook(next(s for s in standings if s.pk == wanted.cloud.pk), wanted),
        elsewhere=elsewhere(wanted, standings, known),
        estimate=estimate(wanted.cloud, wanted.image),
    )


def partly(wanted: Wanted) -> dict[str, int]:
    """What is known to be taken while no flavor is chosen."""
    return {resource: n for resource, n in wanted.takes.items() if resource not in COMPUTE}

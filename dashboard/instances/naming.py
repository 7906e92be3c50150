"""Names for several instances at once: `web-{n:02}` becomes `web-01`, `web-02`, ..."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count as numbers_from

from django.utils.translation import gettext as _

from dashboard.tenancy.models import Tenant

from .models import Instance

NUMBER = re.compile(r"\{n(?::0([1-9]))?\}")
"""Only this is ever replaced, and never by str.format: what a user typed is no program."""
LONGEST = 255
MOST_SHOWN = 4


class TooLong(Exception):
    """With its number a name would be longer than a name may be; the message is the sentence for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What to call `count` instances. A pattern without `{n}` gets `-{n}` where there are several, with so many digits
    that they sort by name as they count."""

    pattern: str
    count: int = 1
    first: int = 1

    @property
    def is_numbered(self) -> bool:
        return self.count > 1 or bool(NUMBER.search(self.pattern))

    @property
    def whole(self) -> str:
        if NUMBER.search(self.pattern) or self.count == 1:
            return self.pattern
        digits = min(len(str(self.first + self.count - 1)), 9)
        return f"{self.pattern}-{{n:0{digits}}}"

    def name(self, number: int) -> str:
        return NUMBER.sub(lambda found: str(number).zfill(int(found[1] or 1)), self.whole)

    def candidates(self) -> Iterator[str]:
        """As many as are needed; only one for a name without a number."""
        if not self.is_numbered:
            return iter([self.pattern])
        return (self.name(number) for number in numbers_from(self.first))


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The names, and those that were passed over since another instance has them."""

    names: list[str]
    skipped: list[str]

    @property
    def shown(self) -> list[str]:
        """The first few, for a page."""
        return self.names if len(self.names) <= MOST_SHOWN else self.names[: MOST_SHOWN - 1]

    @property
    def last(self) -> str:
        """The last one, where not all are shown."""
        return "" if len(self.names) <= MOST_SHOWN else self.names[-1]


def problem_with(pattern: str) -> str:
    """Why this is no pattern; empty when it is one."""
    if set(NUMBER.sub("", pattern)) & {"{", "}"}:
        return _("In a name only {n} stands for the number, or {n:02} for one of two digits. Leave other braces out.")
    return ""


def names_for(tenant: Tenant, naming: Naming) -> Named:
    """Numbers whose name is taken are passed over. One name without a number may be one that is taken.

    Raises TooLong.
    """
    if not naming.is_numbered:
        return Named(names=[naming.pattern], skipped=[])
    before = naming.whole[: NUMBER.search(naming.whole).start()]  # type: ignore[union-attr]
    there = Instance.objects.for_tenant(tenant).present().filter(name__startswith=before)
    taken = set(there.order_by().values_list("name", flat=True))
    named = Named(names=[], skipped=[])
    for name in naming.candidates():
        if len(named.names) == naming.count:
            break
        if len(name) > LONGEST:
            raise TooLong(_("With its number the name has more than %(most)s characters.") % {"most": LONGEST})
        (named.skipped if name in taken else named.names).append(name)
    return named

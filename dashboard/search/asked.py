"""What was typed, read in the language of the list's filter: `ip:10.0.0.7 -tag:prod cloud:lab "two words"`.

The fields are those of instances: with one of them in the text, only instances are looked for. What looks
like a field and is none, as in `http://`, is a word as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_

from django.db.models import Q

from dashboard.instances.filter_fields import ALIASES, Scope, fields_for, filter_of
from dashboard.instances.filtering import Filter, Token, parse, quoted

WORDS = 10


@dataclass(frozen=True)
class Asked:
    text: str
    whose: Scope

    @cached_property
    def terms(self) -> list[Token]:
        return [self._known(token) for token in parse(self.text) if not token.is_space]

    def _known(self, token: Token) -> Token:
        if not token.field or token.field.lower() in {*fields_for(self.whose), *ALIASES}:
            return token
        return Token(start=token.start, text=quoted(token.text), values=(token.text,))

    @property
    def has_fields(self) -> bool:
        return any(term.field for term in self.terms)

    @property
    def words(self) -> list[str]:
        """What a name is looked for by, and marked in it."""
        return [value for term in self.terms if term.field in ("", "name") and not term.is_not for value in term.values]

    @cached_property
    def of_instances(self) -> Filter:
        return filter_of(" ".join(term.text for term in self.terms), self.whose)

    @property
    def problems(self) -> list[str]:
        return [token.problem for token in self.of_instances.problems]

    def among(self, *columns: str) -> Q:
        """Every word is in one of the columns, and none that is not wanted."""
        whole = Q()
        for term in self.terms[:WORDS]:
            found = any_of(Q(**{f"{column}__icontains": value}) for value in term.values[:WORDS] for column in columns)
            whole &= ~found if term.is_not else found
        return whole


def any_of(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, Q())

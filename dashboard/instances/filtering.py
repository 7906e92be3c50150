"""The language of the filter box: `status:error ip:10.0. image:debian -tag:prod "two words"`.

`parse` is pure: it cuts a text into tokens that, one after another, are the whole text again, and never
raises. `compile_filter` gives each its condition. What cannot be understood keeps its place and gets a
sentence; the rest is applied.

    text   = { space | term }
    term   = ["-"] [field ":"] value { "," value }        a minus means not, a comma means or
    value  = word | '"' any text, with \\" and \\\\ '"'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from django.db.models import Q
from django.utils.translation import gettext as _

LONGEST = 1000
"""Characters; what follows is left out, and that is said."""
MOST_VALUES = 30
"""Values that are looked for at once: each of free text is a look into six columns."""
FIELD = re.compile(r"(-?)([A-Za-z][A-Za-z_]*):")
ADDRESS = re.compile(r"[0-9a-fA-F]*:[0-9a-fA-F:.]*")
"""An IPv6 address, or a part of one: its colon ends no field."""


class Unclear(Exception):
    """A value says nothing that its field understands; the message is the sentence for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A part of the text. `field` is empty for free text; `values` are unquoted, and none for space."""

    start: int
    text: str
    field: str = ""
    values: tuple[str, ...] = ()
    is_not: bool = False
    problem: str = ""

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def is_space(self) -> bool:
        return not self.text.strip()


Condition = Callable[[str], Q]
"""What a value means for rows. Raises Unclear."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A term that narrows the list. `field` is its name in the table, where people may write another."""

    token: Token
    field: str
    q: Q


@dataclass(frozen=True, slots=True)
class Filter:
    """A text that was understood as far as possible."""

    text: str
    tokens: list[Token]
    applied: tuple[Applied, ...] = ()

    @property
    def q(self) -> Q:
        return all_of(self.applied)

    def split(self, name: str) -> tuple[Q, Q]:
        """What the other fields say, and what this one says."""
        ours = [one for one in self.applied if one.field == name]
        return all_of(one for one in self.applied if one not in ours), all_of(ours)

    @property
    def problems(self) -> list[Token]:
        return [token for token in self.tokens if token.problem]

    def without(self, *names: str, tokens: Iterable[Token] = ()) -> str:
        """The text without these fields and terms."""
        left_out = {*tokens, *(one.token for one in self.applied if one.field in names)}
        return " ".join(token.text for token in self.tokens if not token.is_space and token not in left_out)

    def only(self, name: str) -> list[str]:
        """The values of a field that is there once, and not as a "not"; else none."""
        ours = [one.token for one in self.applied if one.field == name]
        return list(ours[0].values) if len(ours) == 1 and not ours[0].is_not else []

    @property
    def ways_out(self) -> list[tuple[str, str]]:
        """Each term, and the text without it: what to leave out when nothing is found."""
        return [(one.token.text, self.without(tokens=[one.token])) for one in self.applied[:5]]


def all_of(applied: Iterable[Applied]) -> Q:
    whole = Q()
    for one in applied:
        whole &= one.q
    return whole


# --- parsing --------------------------------------------------------------------


def parse(text: str) -> list[Token]:
    """Every character of `text` belongs to one token, in order."""
    text, beyond = text[:LONGEST], text[LONGEST:]
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        end = end_of_space(text, at)
        if end > at:
            tokens.append(Token(start=at, text=text[at:end]))
        else:
            end = end_of_term(text, at)
            tokens.append(term(text[at:end], start=at))
        at = end
    if beyond:
        problem = _("The filter ends here: it has %(most)s characters at most.") % {"most": LONGEST}
        tokens.append(Token(start=at, text=beyond, problem=problem))
    return tokens


def end_of_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def end_of_term(text: str, at: int) -> int:
    """A quote opens only where a value begins, so that an inch in a name is no quote."""
    at = prefix_of(text, at)[2]
    while at < len(text) and not text[at].isspace():
        at = end_of_value(text, at)
        if at < len(text) and text[at] == ",":
            at += 1
    return at


def prefix_of(text: str, at: int) -> tuple[bool, str, int]:
    """Whether it is a "not", the field, and where the values begin."""
    if (match := FIELD.match(text, at)) and not ADDRESS.match(text, at + len(match[1])):
        return bool(match[1]), match[2], match.end()
    return text[at] == "-", "", at + (text[at] == "-")


def end_of_value(text: str, at: int) -> int:
    if text[at] == '"':
        at = end_of_quote(text, at)
    while at < len(text) and text[at] != "," and not text[at].isspace():
        at += 1
    return at


def end_of_quote(text: str, at: int) -> int:
    """After the closing quote; the end of the text where there is none."""
    at += 1
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return min(at + 1, len(text))


def term(text: str, *, start: int) -> Token:
    is_not, name, at = prefix_of(text, 0)
    values: list[str] = []
    problem = ""
    while at < len(text):
        end = end_of_value(text, at)
        value, is_closed = unquoted(text[at:end])
        if not is_closed:
            problem = _("This quote is not closed. It is looked for once it is.")
        if value:
            values.append(value)
        at = end + 1
    return Token(start=start, text=text, field=name, values=tuple(values), is_not=is_not, problem=problem)


def unquoted(text: str) -> tuple[str, bool]:
    """The value that was typed, and whether its quote, if it has one, is closed."""
    if not text.startswith('"'):
        return text, True
    end = end_of_quote(text, 0)
    is_closed = end > 1 and text[end - 1] == '"' and not ends_escaped(text[1 : end - 1])
    inside = text[1 : end - 1] if is_closed else text[1:]
    return re.sub(r"\\(.)", r"\1", inside, flags=re.DOTALL) + (text[end:] if is_closed else ""), is_closed


def ends_escaped(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def quoted(value: str) -> str:
    """As one types a value so that it is taken as it is."""
    if value and not re.search(r'[\s,"\\]', value) and not value.startswith("-"):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


# --- compiling ------------------------------------------------------------------


def compile_filter(text: str, fields: Mapping[str, Condition], *, aliases: Mapping[str, str] | None = None) -> Filter:
    """The condition of every term, joined by "and". `fields[""]` is for free text."""
    tokens: list[Token] = []
    applied: list[Applied] = []
    room = MOST_VALUES
    for token in parse(text):
        condition, problem = (
            (None, "")
            if token.is_space and not token.problem
            else condition_of(token, fields, aliases or {}, room=room)
        )
        if condition is not None:
            room -= len(token.values)
            name = token.field.lower()
            applied.append(Applied(token, (aliases or {}).get(name, name), ~condition if token.is_not else condition))
        tokens.append(replace(token, problem=problem or token.problem))
    return Filter(text, tokens, tuple(applied))


def condition_of(
    token: Token, fields: Mapping[str, Condition], aliases: Mapping[str, str], *, room: int
) -> tuple[Q | None, str]:
    """What the term means, if anything, and what is wrong with it, if anything."""
    if token.problem:
        return None, token.problem
    name = aliases.get(token.field.lower(), token.field.lower())
    if name not in fields:
        return None, no_such_field(token, [*fields, *aliases])
    if not token.values:
        return None, nothing_follows(token)
    if len(token.values) > room:
        return None, _("Too much at once: the first %(most)s values are looked for.") % {"most": MOST_VALUES}
    found, problems = Q(), []
    for value in token.values:
        try:
            found |= fields[name](readable(value))
        except Unclear as unclear:
            problems.append(str(unclear))
    return found or None, " ".join(problems)


def readable(value: str) -> str:
    if "\0" in value:
        raise Unclear(_("It has a character that cannot be searched for."))
    return value


def no_such_field(token: Token, names: list[str]) -> str:
    close = get_close_matches(token.field.lower(), [name for name in names if name], n=1)
    if close:
        return _("“%(name)s:” is no field; did you mean “%(close)s:”?") % {"name": token.field, "close": close[0]}
    return _("“%(name)s:” is no field. To look for these words as they are, put them in quotes.") % {
        "name": token.field
    }


def nothing_follows(token: Token) -> str:
    if not token.field:
        return _("Nothing follows the minus, which means “not”.") if token.is_not else _("There is nothing in it.")
    return _("Nothing follows “%(name)s:”.") % {"name": token.field}

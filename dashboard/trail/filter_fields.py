"""What the filter's fields mean for entries of the audit trail, in their order in the help; and free text.

Whole values are looked up in an index each; a part of a name is looked for from the newest entry on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from difflib import get_close_matches

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.instances.filter_fields import AGE, UNITS, Field, Scope, holds
from dashboard.instances.filtering import Condition, Filter, Unclear, compile_filter

from .tenants import ids_of
from .words import NOUNS, OUTCOMES

ALIASES = {
    "by": "who", "actor": "who", "user": "who", "behalf": "for", "what": "verb", "action": "verb", "name": "object",
    "id": "object", "result": "outcome", "ip": "from", "address": "from", "project": "tenant", "key": "via",
    "before": "until", "after": "since",
}  # fmt: skip
FARTHEST = timedelta(days=100 * 365)


def whole(column: str) -> Callable[[str, Scope], Q]:
    """All of the column; a star at the end stands for anything."""

    def condition(value: str, _scope: Scope) -> Q:
        if value.endswith("*") and len(value) > 1:
            return Q(**{f"{column}__startswith": value[:-1]})
        return Q(**{column: value})

    return condition


def who(value: str, scope: Scope) -> Q:
    return Q(actor=scope.user.get_username()) if value.lower() == "me" else whole("actor")(value, scope)


def verb(value: str, scope: Scope) -> Q:
    """`instance.delete`, all of `instance.*`, or `delete` of anything."""
    return whole("verb")(value, scope) if "." in value or "*" in value else Q(verb__endswith=f".{value}")


def thing(value: str, scope: Scope) -> Q:
    """Its whole id, or a part of its name."""
    return Q(object_id=value) | holds("object_name")(value, scope) if len(value) < 36 else Q(object_id=value)


def one_of(column: str, words: dict) -> Callable[[str, Scope], Q]:
    """A word as entries store it, or as pages say it."""

    def condition(value: str, _scope: Scope) -> Q:
        known = {str(label).lower().replace(" ", "-"): name for name, label in words.items()} | {n: n for n in words}
        wanted = value.lower().replace(" ", "-")
        if wanted in known:
            return Q(**{column: known[wanted]})
        close = get_close_matches(wanted, known, n=1)
        said = _("did you mean “%(close)s”?") % {"close": close[0]} if close else ", ".join(words)
        raise Unclear(_("“%(value)s” is none of them: %(said)s") % {"value": value, "said": said})

    return condition


def age(value: str, _scope: Scope) -> Q:
    match = AGE.fullmatch(value)
    unit = UNITS.get(match[3].lower()) if match else None
    if match is None or unit is None:
        raise Unclear(
            _("“%(value)s” is no age: write for example age:<7d or age:>1h, with s, min, h, d, wk, mo or y.")
            % {"value": value}
        )
    border = timezone.now() - min(timedelta(seconds=int(match[2]) * unit), FARTHEST)
    return Q(at__gt=border) if match[1] == "<" else Q(at__lt=border)


def since(value: str, _scope: Scope) -> Q:
    return Q(at__gte=moment(value))


def until(value: str, _scope: Scope) -> Q:
    """A day is meant with all of its hours."""
    end = moment(value)
    return Q(at__lt=end + timedelta(days=1)) if len(value) <= 10 else Q(at__lte=end)


def moment(value: str) -> datetime:
    """A day, or a time of day, by the viewer's clock."""
    try:
        day, exact = parse_date(value), parse_datetime(value)
    except ValueError:
        day = exact = None
    if exact is None and day is not None:
        exact = datetime.combine(day, time())
    if exact is None or not 2000 <= exact.year <= 2200:
        raise Unclear(_("“%(value)s” is no day: write for example 2026-11-30 or 2026-11-30T14:00.") % {"value": value})
    return exact if timezone.is_aware(exact) else timezone.make_aware(exact)


def of_tenant(value: str, scope: Scope) -> Q:
    """By its short or its long name, also of one that was deleted; `none` is the installation itself."""
    if value.lower() == "none":
        return Q(tenant="")
    return Q(tenant__in=ids_of(value, scope))


def address(value: str, _scope: Scope) -> Q:
    return Q(address__startswith=value)


def operation(value: str, _scope: Scope) -> Q:
    """In words that the index of those with an operation has, too."""
    return Q(operation_id=value) & ~Q(operation_id="")


def words_anywhere(value: str, _scope: Scope) -> Q:
    """Free text: in who, what, or to which."""
    return Q(object_name__icontains=value) | Q(actor__icontains=value) | Q(verb__icontains=value) | Q(object_id=value)


FIELDS: dict[str, Field] = {
    "who": Field(example="who:bob", says=gettext_lazy("who did it; me, system, or how it begins: bo*"), condition=who),
    "for": Field(example="for:bob", says=gettext_lazy("on whose behalf"), condition=whole("on_behalf_of")),
    "verb": Field(
        example="verb:instance.delete",
        says=gettext_lazy("what was done; instance.* is all with instances, delete all of that name"),
        condition=verb,
    ),
    "object": Field(
        example="object:web",
        says=gettext_lazy("a part of its name, = before the whole one, or its id"),
        condition=thing,
    ),
    "kind": Field(
        example="kind:network",
        says=gettext_lazy("what kind of thing it is"),
        condition=one_of("object_kind", NOUNS),
        choices=tuple(NOUNS),
    ),
    "outcome": Field(
        example="outcome:failed,refused",
        says=gettext_lazy("what came of it"),
        condition=one_of("outcome", OUTCOMES),
        choices=tuple(OUTCOMES),
    ),
    "age": Field(
        example="age:<7d", says=gettext_lazy("younger or older than so much: s, min, h, d, wk, mo, y"), condition=age
    ),
    "since": Field(example="since:2026-11-01", says=gettext_lazy("from this day or time on"), condition=since),
    "until": Field(example="until:2026-11-30", says=gettext_lazy("up to this day or time"), condition=until),
    "from": Field(example="from:192.0.2.", says=gettext_lazy("how the address begins that it came from"),
                  condition=address),
    "via": Field(example="via:backup", says=gettext_lazy("the key with which it was done"), condition=whole("via")),
    "operation": Field(
        example="operation:4f1c…", says=gettext_lazy("the whole id of an operation"), condition=operation
    ),
    "tenant": Field(
        example="tenant:=lab",
        says=gettext_lazy("a part of the tenant's name; none is the installation itself"),
        condition=of_tenant,
        for_admins=True,
        over_all=True,
    ),
}  # fmt: skip


def fields_for(scope: Scope) -> dict[str, Field]:
    return {name: one for name, one in FIELDS.items() if scope.tenant is None or not one.over_all}


def filter_of(text: str, scope: Scope) -> Filter:
    """The filter for this person's list."""

    def within(one: Callable[[str, Scope], Q]) -> Condition:
        return lambda value: one(value, scope)

    conditions = {name: within(one.condition) for name, one in fields_for(scope).items()}
    return compile_filter(text, conditions | {"": within(words_anywhere)}, aliases=ALIASES)

"""What the filter's fields mean for instances, in their order in the help; and free text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.accounts.models import User
from dashboard.clouds.interface import Status
from dashboard.clouds.models import Cloud
from dashboard.images.models import Image
from dashboard.networks.models import FloatingIp, Port
from dashboard.operations.models import Operation
from dashboard.tenancy.models import Tenant

from .filtering import Condition, Filter, Unclear, compile_filter
from .models import Flavor
from .verbs import STATUS_WORDS, VERBS, Text
from .words import TASKS

ALIASES = {
    "state": "status", "address": "ip", "addr": "ip", "tags": "tag", "lock": "locked", "user": "owner", "by": "owner",
    "size": "flavor", "project": "tenant", "note": "description",
}  # fmt: skip
UNITS = {
    "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "day": 86400, "days": 86400, "w": 7 * 86400,
    "wk": 7 * 86400, "mo": 30 * 86400, "y": 365 * 86400,
}  # fmt: skip
AGE = re.compile(r"([<>])\s*([0-9]{1,6})\s*([a-z]+)", re.IGNORECASE)
ADDRESS = re.compile(r"[0-9a-fA-F.:]{1,45}")
MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){1,5}:?", re.IGNORECASE)
"""An address of a port, or a part of one."""
IDENTIFIER = re.compile(r"[0-9a-f-]{4,36}|i-[0-9a-f]{1,34}", re.IGNORECASE)
"""Ours or a cloud's, or how it begins: a UUID, or EC2's `i-` and digits."""
YES, NO = {"yes", "y", "true", "on", "1"}, {"no", "n", "false", "off", "0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose instances are looked at, and by whom. `tenant` None: those of all, for an administrator."""

    tenant: Tenant | None
    user: User
    is_admin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One prefix. `says` is its line in the help, with an example that works."""

    example: str
    says: Text
    condition: Callable[[str, Scope], Q]
    for_admins: bool = False
    over_all: bool = False
    """Only in the list of all tenants."""
    choices: tuple[str, ...] = field(default=())


# --- conditions -----------------------------------------------------------------


def holds(column: str) -> Callable[[str, Scope], Q]:
    """The text is somewhere in the column; after `=` it is the whole column."""

    def condition(value: str, _scope: Scope) -> Q:
        if value.startswith("=") and len(value) > 1:
            return Q(**{f"{column}__iexact": value[1:]})
        return Q(**{f"{column}__icontains": value})

    return condition


def through(key: str, named: QuerySet, column: str = "name") -> Callable[[str, Scope], Q]:
    """As `holds`, of what the row points to: looked up once for all rows, and not beside each."""
    of_name = holds(column)

    def condition(value: str, scope: Scope) -> Q:
        return Q(**{f"{key}__in": named.filter(of_name(value, scope)).order_by().values("pk")})

    return condition


image = through("image", Image.objects.all())


def in_json(value: str, *, before: str = "", after: str = "") -> list[str]:
    """How a text stands in a column of JSON: databases keep what is not ASCII in one of two ways."""
    return list({before + json.dumps(value, ensure_ascii=way)[1:-1] + after for way in (True, False)})


def tag(value: str, _scope: Scope) -> Q:
    """The whole tag; a star at an end stands for anything."""
    before, after = ("" if value.startswith("*") else '"'), ("" if value.endswith("*") else '"')
    found = Q()
    for text in in_json(value.strip("*"), before=before, after=after):
        found |= Q(tags__icontains=text)
    return found


def address(value: str, scope: Scope) -> Q:
    """It begins like this: a fixed one, or a floating one that leads there."""
    found = Q()
    for text in in_json(value, before='"'):
        found |= Q(addresses__icontains=text)
    return found | floating(Q(address__istartswith=value), scope)


def floating(which: Q, scope: Scope) -> Q:
    """The instances to which such floating IPs lead."""
    addresses = FloatingIp.objects.filter(which).exclude(port_id="")
    if scope.tenant is not None:
        addresses = addresses.filter(tenant=scope.tenant)
    return plugged_in(Q(remote_id__in=addresses.values("port_id")), scope)


def plugged_in(which: Q, scope: Scope) -> Q:
    """The instances that have such ports."""
    ports = Port.objects.exclude(instance_id="").filter(which)
    if scope.tenant is not None:
        ports = ports.filter(tenant=scope.tenant)
    return Q(remote_id__in=ports.values("instance_id"))


def identity(value: str, _scope: Scope) -> Q:
    """Our id or the cloud's begins like this."""
    return Q(id__istartswith=value) | Q(remote_id__istartswith=value)


def owner(value: str, scope: Scope) -> Q:
    if value.lower() == "me":
        return Q(created_by=scope.user)
    return through("created_by", User.objects.all(), "username")(value, scope)


def age(value: str, _scope: Scope) -> Q:
    match = AGE.fullmatch(value)
    unit = UNITS.get(match[3].lower()) if match else None
    if match is None or unit is None:
        raise Unclear(
            _("“%(value)s” is no age: write for example age:<7d or age:>1h, with s, min, h, d, wk, mo or y.")
            % {"value": value}
        )
    seconds = min(int(match[2]) * unit, 100 * 365 * 86400)
    border = timezone.now() - timedelta(seconds=seconds)
    return Q(created_at__gt=border) if match[1] == "<" else Q(created_at__lt=border)


def locked(value: str, _scope: Scope) -> Q:
    if value.lower() in YES | NO:
        return Q(is_locked=value.lower() in YES)
    raise Unclear(_("“locked:” is followed by yes or no."))


def of_tenant(value: str, scope: Scope) -> Q:
    tenants = Tenant.objects.all()
    return through("tenant", tenants, "slug")(value, scope) | through("tenant", tenants)(value, scope)


def status(value: str, scope: Scope) -> Q:
    """A word that rows show, or ours, or how it begins: what is being typed finds something already."""
    wanted = plain(value)
    if wanted in (alone := words_of_statuses()):  # as nearly always: the others are a query each to build
        return alone[wanted]
    words, found = status_words(scope), Q()
    for word in [wanted] if wanted in words else [word for word in words if word.startswith(wanted)]:
        found |= words[word]
    if found:
        return found
    close = get_close_matches(wanted, words, n=1)
    if close:
        raise Unclear(_("“%(value)s” is no status; did you mean “%(close)s”?") % {"value": value, "close": close[0]})
    known = ", ".join(str(STATUS_WORDS[one]).partition(",")[0] for one in SHOWN)
    raise Unclear(_("“%(value)s” is no status. There are: %(known)s.") % {"value": value, "known": known})


SHOWN = [one for one in Status if one is not Status.DELETED]


def plain(word: str) -> str:
    return re.sub(r"[-_\s]+", " ", word).strip().casefold()


def status_words(scope: Scope) -> dict[str, Q]:
    """Each word in small letters: the statuses in our and in the user's words, and what is being done."""
    under_way = operations_in(scope)
    words: dict[str, Q] = {}
    for name, verb in VERBS.items():
        by_us = Q(pk__in=under_way.filter(kind=f"instance.{name}").values("target_id"))
        words[plain(str(verb.doing))] = words.get(plain(str(verb.doing)), Q()) | by_us | by_itself(name)
    return words | {"busy": busy(scope)} | words_of_statuses()


def words_of_statuses() -> dict[str, Q]:
    return {plain(word): Q(status=one) for one in SHOWN for word in (one.value, *str(STATUS_WORDS[one]).split(", "))}


def busy(scope: Scope) -> Q:
    """Something is being done with it, by us or by the cloud itself."""
    return Q(pk__in=operations_in(scope).values("target_id")) | ~Q(task="")


def operations_in(scope: Scope) -> QuerySet[Operation]:
    under_way = Operation.objects.open().filter(kind__startswith="instance.")
    return under_way if scope.tenant is None else under_way.filter(tenant=scope.tenant)


def by_itself(verb: str) -> Q:
    found = Q()
    for begin, name in TASKS:
        if name == verb:
            found |= Q(task__startswith=begin)
    return found


def words_anywhere(value: str, scope: Scope) -> Q:
    """Free text: in name, id, address (that of a port, too), image or tag."""
    found = Q(name__icontains=value) | image(value, scope)
    for text in in_json(value):
        found |= Q(tags__icontains=text)
    if IDENTIFIER.fullmatch(value):
        found |= identity(value, scope)
    if ADDRESS.fullmatch(value):  # else it can be in no address, and rows need not be looked through
        found |= Q(addresses__icontains=value)
        found |= floating(Q(address__icontains=value), scope)
    if MAC.fullmatch(value):
        found |= plugged_in(Q(mac__icontains=value), scope)
    return found


FIELDS: dict[str, Field] = {
    "name": Field(example='name:"my web"', says=gettext_lazy("a part of its name"), condition=holds("name")),
    "status": Field(
        example="status:error,stopped",
        says=gettext_lazy("a word of the column Status; busy is everything that is under way"),
        condition=status,
    ),
    "ip": Field(example="ip:10.0.", says=gettext_lazy("how one of its addresses begins"), condition=address),
    "image": Field(example="image:debian", says=gettext_lazy("a part of the image's name"), condition=image),
    "flavor": Field(
        example="flavor:=small",
        says=gettext_lazy("the flavor; = means the whole name"),
        condition=through("flavor", Flavor.objects.all()),
    ),
    "tag": Field(example="-tag:prod", says=gettext_lazy("a tag; prod* also finds what begins so"), condition=tag),
    "cloud": Field(
        example="cloud:lab",
        says=gettext_lazy("a part of the cloud's name"),
        condition=through("cloud", Cloud.objects.all()),
    ),
    "zone": Field(example="zone:nova", says=gettext_lazy("the availability zone"), condition=holds("zone")),
    "owner": Field(example="owner:me", says=gettext_lazy("who launched it"), condition=owner),
    "age": Field(
        example="age:<7d", says=gettext_lazy("younger or older than so much: s, min, h, d, wk, mo, y"), condition=age
    ),
    "locked": Field(
        example="locked:yes", says=gettext_lazy("whether it is locked"), condition=locked, choices=("yes", "no")
    ),
    "task": Field(
        example="task:migrating", says=gettext_lazy("what the cloud itself is doing"), condition=holds("task")
    ),
    "description": Field(
        example="description:backup", says=gettext_lazy("a part of its description"), condition=holds("description")
    ),
    "id": Field(example="id:4f1c", says=gettext_lazy("how its id begins, ours or the cloud's"), condition=identity),
    "host": Field(
        example="host:cmp-07", says=gettext_lazy("the host that runs it"), condition=holds("host"), for_admins=True
    ),
    "tenant": Field(
        example="tenant:=lab",
        says=gettext_lazy("a part of the tenant's name"),
        condition=of_tenant,
        for_admins=True,
        over_all=True,
    ),
}


def fields_for(scope: Scope) -> dict[str, Field]:
    return {
        name: one
        for name, one in FIELDS.items()
        if (scope.is_admin or not one.for_admins) and (scope.tenant is None or not one.over_all)
    }


def filter_of(text: str, scope: Scope) -> Filter:
    """The filter for this person's list."""

    def within(one: Callable[[str, Scope], Q]) -> Condition:
        return lambda value: one(value, scope)

    conditions = {name: within(one.condition) for name, one in fields_for(scope).items()}
    return compile_filter(text, conditions | {"": within(words_anywhere)}, aliases=ALIASES)

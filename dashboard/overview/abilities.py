"""What one may do in a tenant, said by the same rules that the pages themselves ask.

The role is the one that the URL's own view demands (`tenant_view` notes it there), so this page cannot say anything
else than what happens. What only some clouds can do names those that cannot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.clouds.interface import Feature
from dashboard.clouds.maintenance import why_closed
from dashboard.clouds.models import Cloud
from dashboard.instances.verbs import CONSOLES, LOOKS, VERBS, Text
from dashboard.tenancy.access import Actor
from dashboard.tenancy.looking import only_looking
from dashboard.tenancy.models import Role

CANNOT = gettext_lazy("No cloud of this tenant can do it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """One thing that one may want to do; `url` is the name of the URL that does it."""

    label: Text
    url: str
    feature: Feature | None = None
    role: Role = Role.READER
    """Demanded beside what the URL's view demands."""
    makes: bool = False
    """Something new, which a cloud in maintenance does not take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said of one ability to one person."""

    label: Text
    needs: Role
    why_not: str
    """Empty where they may."""
    lacking: str
    """The clouds that cannot do it, by name; of those in maintenance only what brings load."""


def _of_instances() -> Iterator[Ability]:
    yield Ability(label=gettext_lazy("See instances, their timeline and what they use"), url="instances:index")
    yield Ability(label=gettext_lazy("Launch"), url="instances:launch", makes=True)
    for verb in VERBS.values():
        yield Ability(label=verb.label, url="instances:change", feature=verb.feature, role=verb.role)
    for verb in CONSOLES.values():
        yield Ability(label=verb.label, url="consoles:ticket", feature=verb.feature, role=verb.role)
    yield Ability(
        label=gettext_lazy("Read the console log"), url="instances:console-log-download", feature=Feature.CONSOLE_LOG
    )
    for name, verb in LOOKS.items():
        yield Ability(label=verb.label, url=f"instances:{name}", feature=verb.feature, role=verb.role)
    yield Ability(label=gettext_lazy("Save launch templates"), url="instances:save-template")


GROUPS: dict[Text, Sequence[Ability]] = {
    gettext_lazy("Instances"): tuple(_of_instances()),
    gettext_lazy("Networks"): (
        Ability(label=gettext_lazy("See networks, groups and addresses"), url="networks:index"),
        Ability(label=gettext_lazy("Make a network"), url="networks:create", feature=Feature.NETWORK_EDIT, makes=True),
        Ability(
            label=gettext_lazy("Make a router"), url="networks:create-router", feature=Feature.NETWORK_EDIT, makes=True
        ),
        Ability(
            label=gettext_lazy("Make a security group"), url="networks:create-group", feature=Feature.SECURITY_GROUPS
        ),
        Ability(
            label=gettext_lazy("Take a floating IP"), url="networks:allocate", feature=Feature.FLOATING_IPS, makes=True
        ),
    ),
    gettext_lazy("Key pairs"): (
        Ability(label=gettext_lazy("See key pairs"), url="keypairs:index"),
        Ability(label=gettext_lazy("Import or generate one"), url="keypairs:import"),
        Ability(label=gettext_lazy("Delete one"), url="keypairs:delete"),
    ),
    gettext_lazy("Operations"): (
        Ability(label=gettext_lazy("See what is under way"), url="operations:index"),
        Ability(label=gettext_lazy("Resume, roll back or cancel"), url="operations:recover"),
    ),
    gettext_lazy("This tenant"): (
        Ability(label=gettext_lazy("See the clouds that it uses"), url="clouds:index"),
        Ability(label=gettext_lazy("Bring a credential of one's own for a cloud"), url="places:bring"),
        Ability(
            label=gettext_lazy("Have keys for a cloud's own tools"), url="access:create", feature=Feature.ACCESS_KEYS
        ),
        Ability(label=gettext_lazy("See its quota and what it used"), url="usage:index"),
        Ability(label=gettext_lazy("Ask for more quota"), url="quota-requests:new"),
        Ability(label=gettext_lazy("See who is in it"), url="people:index"),
        Ability(label=gettext_lazy("Invite people, change roles, remove"), url="people:invite"),
        Ability(label=gettext_lazy("Read and export the audit trail"), url="audit:index"),
    ),
}


def abilities_of(actor: Actor, clouds: Sequence[Cloud]) -> list[tuple[Text, list[Answer]]]:
    """Each group with its answers, in the order of `GROUPS`."""
    return [(title, [_answer(one, actor, clouds) for one in group]) for title, group in GROUPS.items()]


def by_reason(answers: Sequence[Answer]) -> list[tuple[str, list[Answer]]]:
    """What is allowed first, under the empty text; then what is not, once for each reason."""
    reasons = sorted({answer.why_not for answer in answers}, key=lambda reason: (bool(reason), reason))
    return [(reason, [answer for answer in answers if answer.why_not == reason]) for reason in reasons]


def _answer(ability: Ability, actor: Actor, clouds: Sequence[Cloud]) -> Answer:
    role, look = _demands()[ability.url]
    needs = max(ability.role, role, key=list(Role).index)
    lacking = {cloud.name: reason for cloud in clouds if (reason := _lacks(cloud, ability))}
    return Answer(
        label=ability.label,
        needs=needs,
        why_not=_why_not(actor, needs, look=look) or _nowhere(lacking, clouds),
        lacking=", ".join(lacking),
    )


def _lacks(cloud: Cloud, ability: Ability) -> str:
    """Why this cloud does not do it; empty where it does."""
    if ability.feature and not cloud.can(ability.feature):
        return str(CANNOT)
    return why_closed(cloud) if ability.makes else ""


def _nowhere(lacking: Mapping[str, str], clouds: Sequence[Cloud]) -> str:
    """Where it is possible on none of them; what may pass is said before what will not."""
    if not clouds or len(lacking) < len(clouds):
        return ""
    return min(lacking.values(), key=lambda reason: reason == str(CANNOT))


def _why_not(actor: Actor, needs: Role, *, look: bool) -> str:
    if actor.may(needs, look=look):
        return ""
    if actor.held.includes(needs):
        return only_looking(needs)
    return _("Needs the role %(needed)s; yours is %(role)s.") % {"needed": needs.label, "role": actor.held.label}


@cache
def _demands() -> dict[str, tuple[Role, bool]]:
    """By the full name of a URL, which role its view demands, and whether only to look; below `/t/<tenant>/` only."""
    return dict(_found(get_resolver().url_patterns, space=""))


def _found(patterns: Sequence[URLPattern | URLResolver], *, space: str) -> Iterator[tuple[str, tuple[Role, bool]]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _found(pattern.url_patterns, space=f"{pattern.namespace}:" if pattern.namespace else space)
        elif role := getattr(pattern.callback, "role", None):
            yield f"{space}{pattern.name}", (role, getattr(pattern.callback, "look", False))

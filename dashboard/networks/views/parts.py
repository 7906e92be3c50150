"""What the pages of networks have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from dashboard.clouds.interface import Feature
from dashboard.clouds.models import Cloud
from dashboard.clouds.standing import Standing, standings_of
from dashboard.operations.models import Operation
from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page
from dashboard.ui.notices import answer

from ..actions import NotPossible
from ..models import Seen
from ..verbs import VERBS, why_not_on

S = TypeVar("S", bound=Seen)
Text = str | Promise


def frame(actor: Actor, tab: str, *, making: str = "") -> dict[str, Any]:
    """What stands around each page. `without`: clouds of the tenant that have no such thing.

    `why_no_new` says why what is made there, by the operation `making`, cannot be; empty when it can.
    """
    standings = standings_of(actor.tenant)
    feature = FEATURES_OF_TABS[tab]
    return {
        "section": "networks",
        "tab": tab,
        "clouds": standings,
        "without": [s.cloud for s in standings if s.cloud.features and not s.cloud.can(feature)],
        "some_cloud_can": any(s.cloud.can(feature) for s in standings),
        "may_change": actor.may(Role.MEMBER),
        "why_no_new": why_nowhere(actor, making, standings=standings) if making else "",
    }


FEATURES_OF_TABS = {
    "networks": Feature.NETWORKS,
    "topology": Feature.NETWORKS,
    "groups": Feature.SECURITY_GROUPS,
    "addresses": Feature.FLOATING_IPS,
}


def clouds_for(actor: Actor, kind: str) -> list[Cloud]:
    """Those on which this can be asked for."""
    open_ = [standing.cloud for standing in standings_of(actor.tenant) if not standing.is_shut]
    return [cloud for cloud in open_ if cloud.can(VERBS[kind].feature)]


def why_nowhere(actor: Actor, kind: str, *, standings: list[Standing]) -> str:
    """Why it is possible on none of the tenant's clouds; empty when it is."""
    if not standings:
        return _("This tenant has no place on any cloud. Ask your administrator for one.")
    reasons = [why_not_on(standing.cloud, kind, role=actor.role) for standing in standings]
    return "" if "" in reasons else reasons[0]


def chosen(clouds: list[Cloud], value: str | None) -> Cloud:
    """The one that was chosen, else the first that answers."""
    answering = next((cloud for cloud in clouds if not cloud.is_away), clouds[0])
    return next((cloud for cloud in clouds if str(cloud.pk) == value), answering)


def find(actor: Actor, model: type[S], pk: UUID) -> S:
    """The tenant's row, or what nobody owns. Else 404."""
    row = model.objects.for_tenant(actor.tenant).select_related("cloud", "tenant").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def timeline_of(actor: Actor, row: Seen) -> list[Operation]:
    operations = Operation.objects.for_tenant(actor.tenant).filter(target_id=row.pk)
    return list(operations.prefetch_related("steps")[:20])


def url(name: str, actor: Actor, *arguments: object) -> str:
    return reverse(f"networks:{name}", args=[actor.tenant.slug, *arguments])


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked before something ends: `do` does it and raises NotPossible."""

    kind: str
    name: str
    sentence: Text
    why_not: str
    back: str
    do: Callable[[], Operation]


def confirm(request: HttpRequest, actor: Actor, question: Question, *, tab: str) -> HttpResponse:
    """GET asks, by name; POST does it. For those without JavaScript, and in a dialog for the others."""
    if request.method == "POST":
        return act(request, question.name, question.do, back=question.back)
    label = VERBS[question.kind].label
    context = {**frame(actor, tab), "question": question, "label": label}
    return page(request, "networks/confirm.html", context, fragment="dialog")


def act(request: HttpRequest, name: str, do: Callable[[], Operation], *, back: str) -> HttpResponse:
    try:
        operation = do()
    except NotPossible as error:
        return answer(request, back, _("%(name)s: %(reason)s") % {"name": name, "reason": error}, bad=True)
    doing = VERBS[operation.kind].doing
    return answer(request, back, _("%(name)s: %(doing)s.") % {"doing": doing, "name": name})

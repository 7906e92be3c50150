"""What happened to a request: a line of its history, an entry of the audit trail, and the open pages look again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from dashboard.audit.models import Entry
from dashboard.audit.record import entry_of
from dashboard.live.publish import publish
from dashboard.quotas.actions import names_of
from dashboard.tenancy.access import Actor, System
from dashboard.ui.templatetags.ui import amount

from .models import Line, QuotaRequest, Wish

TOPIC = "quota-requests"


def add_line(
    request: QuotaRequest, what: str, *, by: Actor | System, comment: str = "", values: Mapping[str, Any] | None = None
) -> Line:
    """Part of the caller's transaction; browsers that show the request hear of it."""
    line = Line.objects.create(request=request, who=by.name, what=what, comment=comment, values=dict(values or {}))
    publish(request.tenant_id, TOPIC, object_id=request.pk)
    return line


def entry(
    request: QuotaRequest, what: str, *, by: Actor | System, outcome: str = "done", **changed: Mapping[str, Any] | None
) -> Entry:
    """For the audit trail; whoever asks appends it as the last of the transaction."""
    return entry_of(
        f"quota-request.{what}",
        **names_of(by),
        tenant=str(request.tenant_id),
        object_kind="quota-request",
        object_id=request.pk,
        object_name=title_of(list(request.wishes.all())),
        outcome=outcome,
        before=changed.get("before"),
        after=changed.get("after"),
    )


def title_of(wishes: list[Wish]) -> str:
    """In one line what is asked for, such as `vCPUs 24, Memory 32 GiB`."""
    return ", ".join(said_of(wish) for wish in wishes)


def said_of(wish: Wish) -> str:
    limit = wish.word if wish.limit is None else amount(wish.limit, wish.resource)
    if wish.cloud:
        return _("%(what)s on %(cloud)s %(limit)s") % {
            "what": wish.kind.label,
            "cloud": wish.cloud.name,
            "limit": limit,
        }
    return f"{wish.kind.label} {limit}"


def limits_said(wishes: list[Wish], *, granted: bool = False) -> dict[str, int | None]:
    """`{name of the limit: what it is to be}`, for the audit trail."""
    return {
        f"{wish.resource} on {wish.cloud.name}" if wish.cloud else wish.resource: wish.granted
        if granted
        else wish.limit
        for wish in wishes
        if wish.is_granted or not granted
    }

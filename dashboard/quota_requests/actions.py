"""What people do with requests for more quota. Each verb is one transaction: rows, audit, events, mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.audit.models import Entry
from dashboard.audit.record import append
from dashboard.quotas.actions import Change, change_limits
from dashboard.tenancy.access import Actor, System
from dashboard.tenancy.models import Role
from dashboard.ui.templatetags.ui import words

from . import notify, rules
from .ceilings import Ceilings, ceilings_of, over_ceiling
from .history import add_line, entry, limits_said
from .launches import attach, drop, make_due
from .models import UNDECIDED, CarriedLaunch, QuotaRequest, Rules, State, Wish
from .tasks import start_launch
from .wanted import Limit, is_more, problem_with

MOST_OPEN = 20
"""Undecided ones of one person in one tenant."""


class NotPossible(Exception):
    """The message is the sentence for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What is given of one wish: `was` is the limit that whoever decides was shown."""

    wish: Wish
    was: int | None
    limit: int | None

    @property
    def is_given(self) -> bool:
        return is_more(self.limit, self.was) or not is_more(self.wish.limit, self.was)

    @property
    def change(self) -> Change:
        return Change(
            tenant_id=self.wish.request.tenant_id,
            cloud_id=self.wish.cloud_id,
            resource=self.wish.resource,
            was=self.was,
            limit=self.limit if is_more(self.limit, self.was) else self.was,
        )


# --- asking ------------------------------------------------------------------------------


def ask(
    actor: Actor, *, wanted: Sequence[tuple[Limit, int | None]], reason: str, key: str, launch_id: UUID | None = None
) -> QuotaRequest:
    """Ask for these limits, and for the launch that waits for them. The same `key` again returns what it made.

    What a manager asks for is endorsed with it. Where a rule allows it, it is approved at once. Raises NotPossible.
    """
    actor.require(Role.MEMBER)
    key = f"{actor.user.pk}:{key}"
    try:
        with transaction.atomic():
            if made := QuotaRequest.objects.for_tenant(actor.tenant).filter(key=key).first():
                return made
            return make(actor, wanted=wanted, reason=reason, key=key, launch_id=launch_id)
    except IntegrityError:  # the second of two clicks, whose first had not committed when we looked
        return QuotaRequest.objects.for_tenant(actor.tenant).get(key=key)


def make(
    actor: Actor, *, wanted: Sequence[tuple[Limit, int | None]], reason: str, key: str, launch_id: UUID | None
) -> QuotaRequest:
    mine = QuotaRequest.objects.for_tenant(actor.tenant).undecided().filter(requested_by=actor.user)
    if mine.count() >= MOST_OPEN:
        told = _("%(number)s of your requests wait for a decision already. Withdraw one that is not needed any more.")
        raise NotPossible(told % {"number": MOST_OPEN})
    request = QuotaRequest.objects.create(
        tenant=actor.tenant,
        requested_by=actor.user,
        requested_by_name=actor.name,
        reason=reason,
        state=State.ENDORSED if actor.may(Role.MANAGER) else State.OPEN,
        key=key,
    )
    Wish.objects.bulk_create(
        Wish(request=request, resource=now.resource.value, cloud=now.cloud, was=now.limit, limit=limit)
        for now, limit in wanted
    )
    wishes = list(request.wishes.select_related("cloud"))
    launch = attach(actor, request, launch_id) if launch_id else None
    add_line(request, "ask", by=actor, comment=reason)
    asked = entry(request, "ask", by=actor, after={**limits_said(wishes), "has_launch": launch is not None})
    if (rule := rules.in_force()) and rules.allows(rule, request, wishes):
        approve_by_rule(request, wishes, rule=rule, asked=asked)
        return request
    notify.approvers(request, wishes)
    append([asked])
    return request


def approve_by_rule(request: QuotaRequest, wishes: list[Wish], *, rule: Rules, asked: Entry) -> None:
    """As the system, on behalf of whoever asked. The limits are locked already."""
    system = System(tenant=request.tenant, user=request.requested_by)
    give(
        request,
        [Grant(wish=wish, was=wish.was, limit=wish.limit) for wish in wishes],
        by=system,
        comment=rules.in_words(rule),
        is_by_rule=True,
        before_it=[asked],
    )


# --- deciding ----------------------------------------------------------------------------


def approve(actor: Actor, pk: UUID, *, grants: Sequence[Grant], comment: str) -> QuotaRequest:
    """Give all that was asked for, or less. Raises NotPossible, and Meanwhile where a limit is not what was shown.

    Administrators may give anything, managers of the tenant up to what rules.py lets them.
    """
    with transaction.atomic():
        request = find(actor, pk)
        require_may_decide(actor, request)
        refuse(actor, request, grants)
        return give(request, grants, by=actor, comment=comment)


def give(
    request: QuotaRequest,
    grants: Sequence[Grant],
    *,
    by: Actor | System,
    comment: str,
    is_by_rule: bool = False,
    before_it: Sequence[Entry] = (),
) -> QuotaRequest:
    """The rest of the transaction, whoever decided."""
    is_less = any(is_more(grant.wish.limit, grant.limit) for grant in grants)
    state = State.APPROVED_LESS if is_less else State.APPROVED
    decided(request, state, by=by, by_rule=is_by_rule)
    for grant in grants:
        if grant.is_given:
            grant.wish.is_granted, grant.wish.granted = True, grant.limit
            grant.wish.save(update_fields=["is_granted", "granted"])
    what = "approve-less" if is_less else "approve"
    after = {**limits_said([g.wish for g in grants], granted=True), **({"comment": comment} if comment else {})}
    said = entry(request, what, by=by, before={"state": "open"}, after=after)
    if make_due(request):
        start_launch.delay_on_commit(str(request.pk))
    add_line(request, what, by=by, comment=comment)
    notify.requester(request, what, by=by, comment=comment)
    change_limits(by, [grant.change for grant in grants], reasons=[*before_it, said])
    return request


def endorse(actor: Actor, pk: UUID, *, comment: str = "") -> QuotaRequest:
    """A manager is for it: administrators see it first. Raises NotPossible."""
    with transaction.atomic():
        request = find(actor, pk)
        require_may_decide(actor, request)
        if request.state == State.ENDORSED:
            raise NotPossible(_("It is endorsed already."))
        move(request, [State.OPEN], state=State.ENDORSED)
        add_line(request, "endorse", by=actor, comment=comment)
        notify.administrators(request, by=actor)
        append([entry(request, "endorse", by=actor, after={"comment": comment} if comment else None)])
    return request


def deny(actor: Actor, pk: UUID, *, comment: str) -> QuotaRequest:
    """Say no, and why. Raises NotPossible."""
    if not comment.strip():
        raise NotPossible(_("Say why, so that whoever asked knows what to do."))
    with transaction.atomic():
        request = find(actor, pk)
        require_may_decide(actor, request)
        decided(request, State.DENIED, by=actor)
        drop(request)
        add_line(request, "deny", by=actor, comment=comment)
        notify.requester(request, "deny", by=actor, comment=comment)
        append([entry(request, "deny", by=actor, after={"comment": comment})])
    return request


def withdraw(actor: Actor, pk: UUID, *, comment: str = "") -> QuotaRequest:
    """Whoever asked needs it no more, or a manager says so. Raises NotPossible, PermissionDenied."""
    actor.require(Role.MEMBER)
    with transaction.atomic():
        request = find(actor, pk)
        if request.requested_by_id != actor.user.pk and not actor.may(Role.MANAGER):
            raise PermissionDenied(_("Only %(who)s and managers may withdraw it.") % {"who": request.requested_by_name})
        before = {"state": request.state}
        decided(request, State.WITHDRAWN, by=actor)
        drop(request)
        add_line(request, "withdraw", by=actor, comment=comment)
        if request.requested_by_id != actor.user.pk:
            notify.requester(request, "withdraw", by=actor, comment=comment)
        after = {"state": request.state, **({"comment": comment} if comment else {})}
        append([entry(request, "withdraw", by=actor, before=before, after=after)])
    return request


def take_back(actor: Actor, pk: UUID) -> QuotaRequest:
    """The launch is wanted no more; the request stays. Raises NotPossible where it has started."""
    actor.require(Role.MEMBER)
    with transaction.atomic():
        request = find(actor, pk)
        mine = CarriedLaunch.objects.filter(request=request, user=actor.user)
        waiting = mine.filter(state__in=(CarriedLaunch.State.WAITING, CarriedLaunch.State.DUE))
        if not waiting.update(state=CarriedLaunch.State.TAKEN_BACK, sealed="", why="", due_at=None):
            raise NotPossible(why_not_taken_back(mine.first()))
        add_line(request, "take-back", by=actor)
        append([entry(request, "take-back", by=actor)])
    return request


def why_not_taken_back(launch: CarriedLaunch | None) -> str:
    if launch is None:
        return _("You have no launch with this request.")
    if launch.state == CarriedLaunch.State.STARTED:
        return _("It has started already: delete what it made.")
    return _("It does not wait any more.")


# --- what they have in common ------------------------------------------------------------


def find(actor: Actor, pk: UUID) -> QuotaRequest:
    """Locked, so that whoever comes second finds what the first one did."""
    found = QuotaRequest.objects.for_tenant(actor.tenant).select_related("tenant", "requested_by")
    return found.select_for_update(of=("self",)).get(pk=pk)


def require_may_decide(actor: Actor, request: QuotaRequest) -> None:
    """Raises PermissionDenied, and NotPossible for a manager's own request."""
    actor.require(Role.MANAGER)
    if reason := why_not_decide(actor, request):
        raise NotPossible(reason)


def why_not_decide(actor: Actor, request: QuotaRequest) -> str:
    """For whoever has the role; empty where they may."""
    if not request.is_undecided:
        return told_decided(request)
    if request.requested_by_id == actor.user.pk and not actor.may(Role.ADMIN):
        return _("It is your own request: another manager or an administrator decides it.")
    return ""


def refuse(actor: Actor, request: QuotaRequest, grants: Sequence[Grant]) -> None:
    """Raises NotPossible for what the form would not let through either."""
    ceilings = None if actor.may(Role.ADMIN) else ceilings_of(request.tenant)
    for grant in grants:
        if problem := problem_of(grant, ceilings=ceilings):
            raise NotPossible(problem)
    if not any(grant.is_given for grant in grants):
        raise NotPossible(_("Nothing of it would be more than it is now. Give more, or deny it."))


def problem_of(grant: Grant, *, ceilings: Ceilings | None) -> str:
    """Why so much cannot be given; empty where it can. `ceilings` are a manager's."""
    wish = grant.wish
    if not is_more(wish.limit, grant.was):
        return ""  # it is there by now
    problem = problem_with(grant.limit, wanted=wish.limit, now=grant.was, resource=wish.resource, word=wish.word)
    if ceilings is None or not is_more(grant.limit, grant.was):
        return problem
    return problem or over_ceiling(wish, grant.limit, ceilings)


def decided(request: QuotaRequest, state: State, *, by: Actor | System, by_rule: bool = False) -> None:
    move(request, UNDECIDED, state=state, decided_at=timezone.now(), decided_by_name=by.name, by_rule=by_rule)


def move(request: QuotaRequest, states: Sequence[State], **fields: object) -> None:
    """One conditional UPDATE; who finds no row came second. Raises NotPossible with who was first."""
    if not QuotaRequest.objects.filter(pk=request.pk, state__in=states).update(**fields):
        request.refresh_from_db()
        raise NotPossible(told_decided(request))
    for name, value in fields.items():
        setattr(request, name, value)


def told_decided(request: QuotaRequest) -> str:
    """What became of it, for whoever comes second."""
    if request.decided_at is None:
        return _("Somebody else was faster: look at it again.")
    told = {
        State.APPROVED: _("%(who)s approved it %(age)s ago."),
        State.APPROVED_LESS: _("%(who)s approved a part of it %(age)s ago."),
        State.DENIED: _("%(who)s denied it %(age)s ago."),
        State.WITHDRAWN: _("%(who)s withdrew it %(age)s ago."),
        State.OBSOLETE: _("It was closed %(age)s ago: it was no longer needed."),
    }[State(request.state)]
    return told % {"who": request.decided_by_name, "age": words(timezone.now() - request.decided_at)}

"""Starting the launch that waited for an approved request: exactly once, or telling why not, or why not yet.

Row, launch and what is told of it are one transaction, with the row locked: whoever takes the launch back comes
before it or after it, and a worker that dies in between leaves it due. The clock rings again for what is due.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from dashboard.audit.record import append
from dashboard.clouds.secrets import Unreadable
from dashboard.clouds.standing import standings_of
from dashboard.instances import actions
from dashboard.instances.forms import LaunchForm
from dashboard.instances.launch_views import keep_key, what_is_offered
from dashboard.instances.refusals import NotPossible
from dashboard.instances.shortages import sentence
from dashboard.keypairs.actions import Taken
from dashboard.quotas.reservations import QuotaExceeded
from dashboard.tenancy.access import Actor, System, find_actor
from dashboard.tenancy.models import Role

from . import notify
from .history import add_line, entry
from .launches import prefill_of
from .models import CarriedLaunch
from .passing import LONGEST, is_over, wait, why_not_yet

log = structlog.get_logger(__name__)
MOST_ATTEMPTS = 8
VIA = "quota request"
"""What the audit trail says beside the name of whoever asked."""


class CannotStart(Exception):
    """The message is the sentence for whoever asked."""


@sensitive_variables()
def start(request_id: UUID) -> None:
    """Harmless when doubled. What was pasted to be kept as a key pair is kept first, apart from the launch: its locks
    and those of a launch are taken in another order."""
    launch = due(request_id).first()
    if launch is None or has_to_wait(launch):
        return
    try:
        ready = prepared(launch)
        with transaction.atomic():
            locked = due(request_id).select_for_update(of=("self",)).first()
            if locked is not None:
                finish(locked, ready)
    except (CannotStart, QuotaExceeded, NotPossible) as error:
        if not has_to_wait(launch):  # it may be closed since we looked
            fail(request_id, in_words(error))


def has_to_wait(launch: CarriedLaunch) -> bool:
    """Whether something stands in its way that passes. It is given up once it waited for too long."""
    why = why_not_yet(launch)
    if why and is_over(launch):
        told = _("It waited for %(days)d days. Launch it anew if it is still needed. What stood in the way: %(why)s")
        fail(launch.request_id, told % {"why": why, "days": LONGEST.days}, keep=False)
    elif why:
        wait(launch, why)
    return bool(why)


def due(request_id: UUID | None) -> QuerySet[CarriedLaunch]:
    rows = CarriedLaunch.objects.filter(request=request_id, state=CarriedLaunch.State.DUE)
    return rows.select_related("request__tenant", "request__requested_by", "user", "tenant")


def prepared(launch: CarriedLaunch) -> Callable[[], CarriedLaunch]:
    """What starts it, after everything that was typed was judged again. Raises CannotStart."""
    actor = actor_of(launch)
    form = form_of(launch, actor)
    if not form.is_valid():
        raise CannotStart(" ".join([*(f"{one.label}: {one.text}" for one in form.wrong), *form.non_field_errors()]))
    wanted = form.wanted()
    try:
        if kept := keep_key(actor, form):
            wanted["key_pair"] = kept
    except (Taken, QuotaExceeded) as error:
        raise CannotStart(in_words(error)) from error

    def begin() -> CarriedLaunch:
        if form.naming.count > 1:
            launch.batch_id = actions.launch_many(actor, naming=form.naming, **wanted).pk
        else:
            launch.instance_id = actions.launch(actor, name=form.named.names[0], **wanted).pk
        return launch

    return begin


def actor_of(launch: CarriedLaunch) -> Actor:
    """Whoever asked, with the role that they have now. Raises CannotStart."""
    actor = find_actor(launch.user, launch.tenant.slug)
    if actor is None:
        raise CannotStart(_("%(who)s is not in this tenant any more.") % {"who": launch.user.username})
    if not actor.may(Role.MEMBER):
        told = _("%(who)s is %(role)s in %(tenant)s now; to launch needs the role %(needed)s.")
        said = {"role": actor.held.label, "tenant": actor.tenant.name, "needed": Role.MEMBER.label}
        raise CannotStart(told % {"who": actor.name, **said})
    return replace(actor, via=VIA)


def form_of(launch: CarriedLaunch, actor: Actor) -> LaunchForm:
    """As if it were sent now, with the request's own key: it starts once, however often it is tried."""
    try:
        prefill = prefill_of(launch)
    except Unreadable as error:
        raise CannotStart(_("What was typed for it cannot be read any more.")) from error
    values = prefill.query
    values["key"] = launch.pk.hex
    offered = what_is_offered(actor, values, standings_of(actor.tenant))
    if offered is None or offered["cloud"].pk != prefill.cloud_id:
        raise CannotStart(_("The cloud %(name)s cannot be launched on any more.") % {"name": prefill.cloud_name})
    return LaunchForm(values, **offered)


def in_words(error: Exception) -> str:
    if isinstance(error, QuotaExceeded):
        return " ".join(sentence(short) for short in error.shortages)
    return str(error)


def finish(locked: CarriedLaunch, begin: Callable[[], CarriedLaunch]) -> None:
    """The row is locked: nobody takes it back in this moment. Raises QuotaExceeded, NotPossible."""
    made, request = begin(), locked.request
    assert request is not None
    CarriedLaunch.objects.filter(pk=locked.pk).update(
        state=CarriedLaunch.State.STARTED,
        sealed="",
        why="",
        due_at=None,
        instance_id=made.instance_id,
        batch_id=made.batch_id,
    )
    add_line(request, "launch", by=System(tenant=request.tenant, user=request.requested_by))
    notify.launched(request, made)


def fail(request_id: UUID | None, why: str, *, keep: bool = True) -> None:
    """With `keep` it stays for the form, so that whoever asked can launch from it."""
    with transaction.atomic():
        launch = due(request_id).select_for_update(of=("self",)).first()
        if launch is None or launch.request is None:
            return
        launch.state, launch.why, launch.due_at = CarriedLaunch.State.FAILED, why, None
        launch.sealed = launch.sealed if keep else ""
        launch.save(update_fields=["state", "why", "due_at", "sealed"])
        system = System(tenant=launch.tenant, user=launch.request.requested_by)
        add_line(launch.request, "launch-failed", by=system, comment=why)
        notify.not_launched(launch.request, why, has_form=keep)
        append([entry(launch.request, "launch-failed", by=system, outcome="failed", after={"why": why})])


def ring_due(ring: Callable[[str], object]) -> int:
    """Ring for each that is due, whose message was lost or whose worker died; gives up what never works."""
    now, rung = timezone.now(), 0
    waiting = CarriedLaunch.objects.filter(state=CarriedLaunch.State.DUE, due_at__lte=now)
    for pk, request_id, attempts in list(waiting.order_by("due_at").values_list("pk", "request_id", "attempts")[:100]):
        if attempts >= MOST_ATTEMPTS:
            fail(request_id, _("Skydeck ran into an error again and again. Its log says more."))
            continue
        later = now + timedelta(seconds=10 * 2**attempts)
        if waiting.filter(pk=pk, attempts=attempts).update(attempts=F("attempts") + 1, due_at=later):
            log.info("requested launch is due again", request=str(request_id), attempt=attempts + 1)
            ring(str(request_id))
            rung += 1
    return rung

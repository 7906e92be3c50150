"""Deleting a tenant at once, where nothing is left of it; having it emptied first, where something is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import current_app
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from dashboard.audit.record import append
from dashboard.live.publish import publish
from dashboard.operations.models import long_ago
from dashboard.tenancy.access import Administrator
from dashboard.tenancy.models import Tenant

from . import left, staying
from .actions import entry
from .models import Emptying
from .removal import remove


class NotPossible(Exception):
    """The message is the sentence for the user."""


def delete(administrator: Administrator, tenant: Tenant) -> None:
    """Raises removal.NotEmpty, Tenant.DoesNotExist."""
    remove(tenant, actor=administrator.user.username, address=administrator.address)


def empty(administrator: Administrator, tenant: Tenant, *, also_delete: bool = False) -> Emptying:
    """Disable it, delete all that is left in it, then itself. The same again returns the one that is under way.

    With `also_delete` its projects and accounts are deleted on the clouds, those that Skydeck made and can delete.
    """
    name, now = administrator.user.username, timezone.now()
    try:
        with transaction.atomic():
            numbers = left.counts(tenant)
            emptying = Emptying.objects.create(
                tenant=tenant,
                slug=tenant.slug,
                name=tenant.name,
                requested_by=administrator.user,
                requested_by_name=name,
                begun_at=now,
                moved_at=now,
                totals=numbers,
                left=numbers,
                also_delete=also_delete,
                kept=staying.kept(tenant, also_delete=also_delete),
            )
            reason = _("It is being emptied and deleted.")
            enabled = Tenant.objects.filter(pk=tenant.pk, disabled_at=None)
            enabled.update(disabled_at=now, disabled_reason=reason, disabled_by=name)
            tell(administrator, emptying, "tenant.empty", tenant, after={"left": numbers, "also_delete": also_delete})
    except IntegrityError as error:
        open_ = Emptying.objects.filter(tenant=tenant.pk).exclude(state=Emptying.State.DONE).first()
        if open_ is None:
            raise NotPossible(_("Somebody else deleted the tenant in this moment.")) from error
        return open_
    return emptying


@transaction.atomic
def resume(administrator: Administrator, pk: UUID) -> None:
    """Ask once more for what failed, now for this administrator. Raises NotPossible."""
    emptying = Emptying.objects.select_related("tenant").get(pk=pk)
    now = timezone.now()
    mine = Emptying.objects.filter(pk=pk, state=Emptying.State.STOPPED)
    resumed = mine.update(
        state=Emptying.State.RUNNING,
        begun_at=now,
        moved_at=now,
        due_at=long_ago(),
        problems=[],
        requested_by=administrator.user,
        requested_by_name=administrator.user.username,
    )
    if not resumed or emptying.tenant is None:
        raise NotPossible(_("It has not stopped: look at what it does now."))
    tell(administrator, emptying, "tenant.empty", emptying.tenant, outcome="resumed")


@transaction.atomic
def stop(administrator: Administrator, pk: UUID) -> None:
    """Ask for nothing more; what is under way comes to its end. The tenant stays disabled. Raises NotPossible."""
    emptying = Emptying.objects.select_related("tenant").get(pk=pk)
    why = _("%(name)s stopped it.") % {"name": administrator.user.username}
    problems = [{"kind": "", "name": "", "why": why, "operation": ""}]
    mine = Emptying.objects.filter(pk=pk, state=Emptying.State.RUNNING)
    if not mine.update(state=Emptying.State.STOPPED, problems=problems) or emptying.tenant is None:
        raise NotPossible(_("It is not under way any more."))
    tell(administrator, emptying, "tenant.empty", emptying.tenant, outcome="cancelled")


def tell(
    administrator: Administrator,
    emptying: Emptying,
    verb: str,
    tenant: Tenant,
    *,
    outcome: str = "accepted",
    **more: Any,
) -> None:
    """Open pages, the audit trail, and a worker after the commit."""
    publish(None, "tenants", object_id=emptying.pk)
    publish(tenant.pk, "tenant")
    said = entry(administrator, verb, tenant, **more)
    said.outcome = outcome
    append([said])
    transaction.on_commit(lambda: ring(emptying.pk), robust=True)


def ring(pk: UUID) -> None:
    """Losing this is harmless: the clock looks every few seconds."""
    try:
        current_app.send_task("tenants.empty", (str(pk),), retry=False)
    except (OperationalError, OSError):
        return

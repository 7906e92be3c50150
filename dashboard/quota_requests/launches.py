"""The launch that a request carries: kept sealed, started once its request is approved, dropped when it is over.

It is started by a worker from its row, so that nothing that dies in between loses it: see starting.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone

from dashboard.clouds.models import Cloud
from dashboard.clouds.secrets import Unreadable, seal_text, unseal_text
from dashboard.instances.forms import LaunchForm
from dashboard.instances.prefill import Labels, Prefill
from dashboard.instances.templates import typed_values
from dashboard.keypairs.public_keys import is_private
from dashboard.quotas.models import Resource
from dashboard.quotas.usage import Usage, usage_of
from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Role, Tenant

from .models import CarriedLaunch, QuotaRequest

ONCE_TYPED = ("keep_as",)
"""What a template does not keep, and this launch does."""
PATIENCE = timedelta(seconds=10)
"""After which the clock rings again for one that is due."""


def keep(actor: Actor, form: LaunchForm, posted: QueryDict) -> CarriedLaunch:
    """What is in a launch form that was sent and is well, for the request that follows. A draft lives for a day."""
    actor.require(Role.MEMBER)
    values, labels = typed_values(form, posted)
    values |= {name: str(posted[name])[:255].replace("\0", "") for name in ONCE_TYPED if posted.get(name)}
    if user_data := form.cleaned_data.get("user_data"):
        values["user_data"] = user_data
    kept = {"values": values, "labels": labels}
    return CarriedLaunch.objects.create(
        tenant=actor.tenant, user=actor.user, sealed=seal_text(json.dumps(kept)), said=said_of(form, values)
    )


def said_of(form: LaunchForm, values: Mapping[str, Any]) -> dict[str, Any]:
    """What pages show of it, and which quota it takes."""
    wanted = form.considered(form.data)
    takes = wanted.takes
    if values.get("keep_as") and values.get("public_key") and not is_private(values["public_key"]):
        takes = {**takes, Resource.KEY_PAIRS.value: 1}
    return {
        "name": str(values.get("name", "")),
        "count": wanted.count,
        "cloud": form.chosen_cloud.name,
        "cloud_id": str(form.chosen_cloud.pk),
        "image": wanted.image.name if wanted.image else "",
        "flavor": wanted.flavor.name if wanted.flavor else "",
        "takes": takes,
    }


def draft_of(actor: Actor, pk: UUID) -> CarriedLaunch | None:
    """One's own that no request has yet."""
    return CarriedLaunch.objects.filter(pk=pk, tenant=actor.tenant, user=actor.user, state="draft").first()


def lacking(tenant: Tenant, launch: CarriedLaunch) -> list[Usage]:
    """The limits that are too small for it now; `after` is what they have to be."""
    cloud = Cloud.objects.filter(pk=str(launch.said["cloud_id"])).first()
    usage = usage_of(tenant, adding=launch.said.get("takes", {}), only=(), cloud_id=cloud.pk if cloud else None)
    return [one for one in usage if one.is_over and one.adds]


def prefill_of(launch: CarriedLaunch) -> Prefill:
    """The form again, as it was typed. Raises Unreadable, also where it was dropped already."""
    kept = json.loads(unseal_text(launch.sealed) or "null")
    if kept is None:
        raise Unreadable
    labels: Labels = kept["labels"]
    return Prefill(
        cloud_id=UUID(launch.said["cloud_id"]), cloud_name=launch.said["cloud"], values=kept["values"], labels=labels
    )


# --- with the steps of its request, in their transactions ----------------------------------


def attach(actor: Actor, request: QuotaRequest, pk: UUID) -> CarriedLaunch | None:
    """None where it is gone, or another request has it."""
    mine = CarriedLaunch.objects.filter(pk=pk, tenant=actor.tenant, user=actor.user, state=CarriedLaunch.State.DRAFT)
    if not mine.update(request=request, state=CarriedLaunch.State.WAITING):
        return None
    return CarriedLaunch.objects.get(pk=pk)


def make_due(request: QuotaRequest) -> bool:
    """Its request is approved: it is to start. False where it carries none that is still wanted."""
    waiting = CarriedLaunch.objects.filter(request=request, state=CarriedLaunch.State.WAITING)
    return bool(waiting.update(state=CarriedLaunch.State.DUE, due_at=timezone.now() + PATIENCE))


def drop(request: QuotaRequest) -> None:
    """Its request came to nothing: what was typed is not kept any longer."""
    waiting = CarriedLaunch.objects.filter(request=request, state=CarriedLaunch.State.WAITING)
    waiting.update(state=CarriedLaunch.State.DROPPED, sealed="", due_at=None)

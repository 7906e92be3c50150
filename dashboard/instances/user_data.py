"""User data in the row: sealed, and unsealed only for those who may launch, which is written down."""

from __future__ import annotations

from django.db import transaction

from dashboard.audit.record import record
from dashboard.clouds.secrets import unseal_text
from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Role

from .models import Instance, LaunchTemplate


def is_there(instance: Instance) -> bool:
    return Instance.objects.filter(pk=instance.pk).exclude(user_data="").exists()


@transaction.atomic
def show(actor: Actor, instance: Instance) -> str:
    """Raises Unreadable."""
    actor.require(Role.MEMBER)
    if text := unseal_text(instance.user_data):
        note_shown(actor, instance)
    return text


@transaction.atomic
def note_shown(actor: Actor, source: Instance | LaunchTemplate) -> None:
    """Somebody sees them now, as they are or in a launch form that was filled in with them."""
    actor.require(Role.MEMBER)
    record(
        "user-data.show",
        actor=actor.name,
        via=actor.via,
        address=actor.address,
        tenant=str(actor.tenant.pk),
        object_kind="instance" if isinstance(source, Instance) else "launch-template",
        object_id=source.pk,
        object_name=source.name,
        outcome="done",
    )

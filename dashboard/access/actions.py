"""What people do with their keys for the clouds' own tools. Each verb is one transaction; a worker asks the cloud."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from dashboard.accounts.models import User
from dashboard.audit.record import record
from dashboard.clouds import secrets
from dashboard.clouds.models import Cloud
from dashboard.live.publish import publish
from dashboard.operations import flow
from dashboard.operations.models import Operation
from dashboard.tenancy.access import Actor, System
from dashboard.tenancy.models import Role

from .models import AccessKey, person_of
from .rules import own_keys, why_not

TOPIC = "access-keys"
CREATE, REVOKE = "access-key.create", "access-key.revoke"


class NotPossible(Exception):
    """What is asked for is refused, in the user's words."""


@transaction.atomic
def create(actor: Actor, cloud: Cloud, *, label: str, key: str) -> AccessKey:
    """Have one made. The same `key` again returns what it asked for. Raises NotPossible.

    The person's row is held, so that of two requests at once the second counts what the first one made.
    """
    actor.require(Role.MEMBER)
    User.objects.select_for_update(no_key=True).get(pk=actor.user.pk)
    asked_with = f"{actor.user.pk}:{key}"
    if made := AccessKey.objects.for_tenant(actor.tenant).filter(key=asked_with).first():
        return made
    account = cloud.accounts.filter(tenant=actor.tenant).first()
    reason = why_not(actor, cloud, account)
    if reason or account is None:
        raise NotPossible(reason)
    if Operation.objects.open().filter(kind=REVOKE, target_id__in=own_keys(actor, account).values("pk")).exists():
        raise NotPossible(_("A key of yours is being ended here. Wait until that is done."))
    row = AccessKey.objects.create(
        tenant=actor.tenant, account=account, user=actor.user, person=person_of(actor.user), label=label, key=asked_with
    )
    ask(CREATE, actor, row, cloud=cloud)
    return row


@transaction.atomic
def revoke(actor: Actor, pk: UUID) -> AccessKey:
    """End one of one's own; managers end everybody's. One that is ended, or about to be, is success.

    Raises NotPossible while it is being made, AccessKey.DoesNotExist.
    """
    actor.require(Role.MEMBER)
    row = held(actor, pk)
    if row.user_id != actor.user.pk and not actor.may(Role.MANAGER):
        raise AccessKey.DoesNotExist
    under_way = Operation.objects.open().filter(target_id=pk).first()
    if row.revoked_at or (under_way is not None and under_way.kind == REVOKE):
        return row
    if under_way is not None:
        raise NotPossible(_("It is being made just now. Wait until that is done, or cancel it on the page Operations."))
    end(actor, row, reason="asked")
    return row


def end(actor: Actor | System, row: AccessKey, *, reason: str) -> Operation:
    """Forget the secret and have the key ended. In the caller's transaction; raises flow.AlreadyUnderWay."""
    AccessKey.objects.filter(pk=row.pk).update(sealed="")
    return ask(REVOKE, actor, row, cloud=row.account.cloud, reason=reason)


@sensitive_variables()
@transaction.atomic
def show(actor: Actor, pk: UUID) -> tuple[AccessKey, Mapping[str, str]]:
    """One's own key and its secret, which is forgotten with that: empty when it was shown before, or is over.

    Raises AccessKey.DoesNotExist for anybody else's, also to managers.
    """
    actor.require(Role.MEMBER)
    row = held(actor, pk)
    if row.user_id != actor.user.pk:
        raise AccessKey.DoesNotExist
    if not row.is_ready:
        return row, {}
    try:
        secret = secrets.unseal(row.sealed)
    except secrets.Unreadable as error:
        raise NotPossible(_("Its secret cannot be read any more. Revoke the key and make another one.")) from error
    AccessKey.objects.filter(pk=pk).update(sealed="", fetched_at=timezone.now())
    publish(actor.tenant.pk, TOPIC, object_id=pk)
    note(actor, "access-key.show", row)
    return row, secret


def held(actor: Actor, pk: UUID) -> AccessKey:
    """Locked until the commit."""
    rows = AccessKey.objects.for_tenant(actor.tenant).select_related("account__cloud")
    return rows.select_for_update(of=("self",)).get(pk=pk)


def ask(kind: str, actor: Actor | System, row: AccessKey, *, cloud: Cloud, reason: str = "") -> Operation:
    publish(row.tenant_id, TOPIC, object_id=row.pk)
    ended = kind == REVOKE
    return flow.start(
        kind,
        actor=actor,
        cloud=cloud,
        target_id=row.pk,
        target_name=row.label,
        key=uuid4().hex,  # the row itself is asked for once, and an open operation of it lets no other in
        arguments={"reason": reason} if ended else {},
        after={"person": row.user.username if row.user else row.person},
    )


def note(actor: Actor, verb: str, row: AccessKey) -> None:
    record(
        verb,
        actor=actor.name,
        via=actor.via,
        address=actor.address,
        tenant=str(actor.tenant.pk),
        object_kind="access-key",
        object_id=row.pk,
        object_name=row.label,
        outcome="done",
        after={"id": row.remote_id, "cloud": row.account.cloud.name},
    )

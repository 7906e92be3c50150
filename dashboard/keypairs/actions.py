"""What people do with key pairs. Each verb is one transaction: quota, row, event, audit."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from dashboard.audit.record import record
from dashboard.live.publish import publish
from dashboard.quotas.models import Resource
from dashboard.quotas.reservations import release, reserve
from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Role

from . import public_keys
from .models import KeyPair
from .public_keys import PublicKey, Type


class Taken(Exception):
    """Another key pair of the tenant has the name, or the key. `field` says which; the message is for the user."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """`private_key` is there once, in the answer that made it: empty when the same request came again."""

    key_pair: KeyPair
    private_key: str = ""

    def __repr__(self) -> str:
        return f"<Generated {self.key_pair.pk}>"


def import_key(actor: Actor, *, name: str, public_key: PublicKey, key: str) -> KeyPair:
    """Keep a public key. The same `key` again returns what it made. Raises Taken or QuotaExceeded; see `add`."""
    row, _is_new = add(actor, name=name, public_key=public_key, key=key)
    return row


def generate(actor: Actor, *, name: str, key: str, type: str = Type.ED25519) -> Generated:
    """Make a pair and keep its public half; the private one is in the answer only. Raises as `import_key`.

    The same `key` again makes nothing, and has no private key to give.
    """
    actor.require(Role.MEMBER)
    private_key, public_key = public_keys.generate(comment=name, type=type)
    row, is_new = add(actor, name=name, public_key=public_key, key=key, is_generated=True)
    return Generated(key_pair=row, private_key=private_key if is_new else "")


def add(
    actor: Actor, *, name: str, public_key: PublicKey, key: str, is_generated: bool = False
) -> tuple[KeyPair, bool]:
    """The row, and whether this call made it. May be part of a transaction of the caller's."""
    actor.require(Role.MEMBER)
    row = KeyPair(
        tenant=actor.tenant,
        name=name,
        public_key=public_key.text,
        fingerprint=public_key.fingerprint,
        md5=public_key.md5,
        kind=public_key.kind,
        bits=public_key.bits,
        comment=public_key.comment,
        is_generated=is_generated,
        created_by=actor.user,
        key=f"{actor.user.pk}:{key}",
    )
    try:
        with transaction.atomic():
            if made := made_with(actor, row.key):
                return made, False
            reserve(actor.tenant, {Resource.KEY_PAIRS: 1}, holder=row.pk)
            row.save(force_insert=True)
            note(actor, row, "key-pair.generate" if is_generated else "key-pair.import")
    except IntegrityError:  # somebody was first: the second of two clicks, or somebody else
        if made := made_with(actor, row.key):
            return made, False
        raise taken(row) from None
    return row, True


def made_with(actor: Actor, key: str) -> KeyPair | None:
    return KeyPair.objects.for_tenant(actor.tenant).filter(key=key).first()


def taken(row: KeyPair) -> Taken:
    mine = KeyPair.objects.for_tenant(row.tenant)
    if same := mine.filter(fingerprint=row.fingerprint).first():
        return Taken("public_key", _("This key is here already: it is the key pair “%(name)s”.") % {"name": same.name})
    return Taken("name", _("There is a key pair of this name already. Choose another name."))


def delete(actor: Actor, pk: UUID) -> KeyPair:
    """Forget it and give its quota back. Instances that have it keep it. Raises KeyPair.DoesNotExist."""
    actor.require(Role.MEMBER)
    with transaction.atomic():
        row = KeyPair.objects.for_tenant(actor.tenant).get(pk=pk)
        release(actor.tenant, holder=pk)
        deleted, _rows = KeyPair.objects.filter(pk=pk).delete()
        if not deleted:  # somebody else was first
            raise KeyPair.DoesNotExist
        note(actor, row, "key-pair.delete")
    return row


def note(actor: Actor, row: KeyPair, verb: str) -> None:
    publish(actor.tenant.pk, "key-pairs", object_id=row.pk)
    said = {"name": row.name, "fingerprint": row.fingerprint}
    is_there = verb != "key-pair.delete"
    record(
        verb,
        actor=actor.name,
        via=actor.via,
        address=actor.address,
        tenant=str(actor.tenant.pk),
        object_kind="key-pair",
        object_id=row.pk,
        object_name=row.name,
        outcome="done",
        before={} if is_there else said,
        after=said if is_there else {},
    )

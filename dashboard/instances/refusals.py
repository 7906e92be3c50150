"""Why a verb is refused, with who did what before and how long ago: for whoever was second."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dashboard.clouds.interface import Status
from dashboard.operations.models import Operation, State
from dashboard.tenancy.access import SYSTEM
from dashboard.tenancy.models import Role
from dashboard.ui.templatetags.ui import words

from .allowed import who, why_not
from .models import Instance
from .verbs import VERBS

ENDS_OF_RESIZE = ("confirm-resize", "revert-resize")


class NotPossible(Exception):
    """The verb is not allowed (any more); the message is the sentence for the user."""


def refusal(instance: Instance, name: str, *, role: Role, operation: Operation | None) -> str:
    """Why not, and whose doing that is; empty when the verb is possible."""
    reason = why_not(instance, name, role=role, operation=operation, age=True)
    if not reason or name not in VERBS or not role.includes(VERBS[name].role):
        return reason
    return f"{reason} {told_before(instance, name, operation)}".rstrip()


def told_before(instance: Instance, name: str, operation: Operation | None) -> str:
    """What was done to it that stands against the verb now; empty where that was nothing of ours."""
    if instance.deleted_at:
        return f"{removed(instance)} {asked(last_by_people(instance))}".rstrip()
    if operation is not None:
        return ""
    if instance.is_hidden:
        return asked(last(instance, "delete"))
    if name == "restore":
        return asked(last(instance, "restore"))
    if name in ENDS_OF_RESIZE and instance.status != Status.RESIZED:
        return resize_ended(instance)
    if instance.is_locked and VERBS[name].unlocked:
        return asked(last(instance, "lock"))
    return ""


def resize_ended(instance: Instance) -> str:
    """Who confirmed the size, or went back; the cloud does it too, by itself, after a time of its own."""
    ended = last(instance, *ENDS_OF_RESIZE, "resize")
    if ended is not None and ended.verb == "resize":
        return _("The cloud ended the resize by itself.")
    if ended is not None and ended.requested_by_name == SYSTEM:
        return f"{_('Nobody decided before the deadline.')} {asked(ended)}"
    return asked(ended)


def last(instance: Instance, *verbs: str, ended: bool = True) -> Operation | None:
    """The last of these that was done to it, or, with `ended` False, that was asked for."""
    found = Operation.objects.filter(target_id=instance.pk, kind__in=[f"instance.{verb}" for verb in verbs])
    return (found.filter(state=State.DONE) if ended else found).first()


def last_by_people(instance: Instance) -> Operation | None:
    """Who wanted it deleted; the system only does so in time."""
    kinds = ("instance.delete", "instance.delete-now")
    asked_for = Operation.objects.filter(target_id=instance.pk, kind__in=kinds)
    return asked_for.exclude(requested_by_name=SYSTEM).first()


def asked(operation: Operation | None) -> str:
    if operation is None:
        return ""
    values = {"who": who(operation), "verb": operation.label, "age": words(timezone.now() - operation.created_at)}
    return _("%(who)s asked for “%(verb)s” %(age)s ago.") % values


def removed(instance: Instance) -> str:
    assert instance.deleted_at is not None
    values = {
        "when": date_format(timezone.localtime(instance.deleted_at), "Y-m-d H:i:s T"),
        "age": words(timezone.now() - instance.deleted_at),
    }
    return _("It was removed at %(when)s, %(age)s ago.") % values


def too_late(instance_id: UUID, name: str, *, role: Role) -> str:
    """For the second of two who acted at once: what the first one did, also where that has ended meanwhile."""
    instance = Instance.objects.select_related("cloud").get(pk=instance_id)
    operation = Operation.objects.filter(target_id=instance.pk).first()
    is_open = operation is not None and operation.is_open
    reason = refusal(instance, name, role=role, operation=operation if is_open else None)
    return reason or f"{_('Somebody else was quicker; look at it again.')} {asked(operation)}".rstrip()

"""Whether a verb is possible now: one rule for the button, the action and the test, over the table in verbs.py.

It answers with a sentence for the user, or with nothing when the verb is allowed.
"""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.clouds.interface import Status
from dashboard.clouds.maintenance import why_closed
from dashboard.operations.models import Operation
from dashboard.tenancy.access import SYSTEM
from dashboard.tenancy.looking import only_looking
from dashboard.tenancy.models import Role
from dashboard.ui.templatetags.ui import words

from .models import Instance
from .verbs import ALWAYS, BRINGS_LOAD, EVERYTHING, OF_HIDDEN, STATUS_WORDS, VERBS, status_word


def why_no_launch(role: Role) -> str:
    """Why somebody cannot launch; empty when they can."""
    if role.includes(Role.MEMBER):
        return ""
    return only_looking(Role.MEMBER)


def why_not(instance: Instance, name: str, *, role: Role, operation: Operation | None, age: bool = False) -> str:
    """Why `name` (a verb, a console or a look) is not possible now, in the user's words; empty when it is.

    With `age` it says how long ago the open operation was asked for: for an answer, not for a page that stays open.
    """
    verb = EVERYTHING[name]
    if instance.deleted_at:
        return _("The instance is deleted.")
    if not role.includes(verb.role):
        return only_looking(verb.role)
    if operation is not None and not gives_up(instance, name, operation) and name in VERBS:
        return under_way(operation, age=age)
    if reason := why_not_deleted(instance, name):
        return reason
    if verb.feature is not None and not instance.cloud.can(verb.feature):
        return _("The cloud %(cloud)s cannot do this.") % {"cloud": instance.cloud.name}
    if name in BRINGS_LOAD and (closed := why_closed(instance.cloud)):
        return closed
    if operation is None and instance.task and name in VERBS and name not in ALWAYS:
        return _("The cloud itself is at work on it: %(doing)s.") % {"doing": status_word(instance, None)}
    if instance.status not in verb.statuses:
        return _("Not possible while its status is %(status)s.") % {"status": STATUS_WORDS[Status(instance.status)]}
    if name == "stop" and not instance.keeps_disk:
        return _("Its disk is there only as long as it runs: such an instance can be rebooted or deleted, not stopped.")
    if instance.is_locked and verb.unlocked and name in VERBS:
        return _("It is locked. Unlock it first.")
    if name in {"lock", "unlock"} and instance.is_locked == (name == "lock"):
        return _("It is locked already.") if instance.is_locked else _("It is not locked.")
    if not instance.remote_id and name not in {"delete", "delete-now"}:
        return _("It was never built on the cloud; it can only be deleted.")
    return ""


def why_not_deleted(instance: Instance, name: str) -> str:
    """One that was deleted, and is still there, can be brought back or removed; any other cannot be brought back."""
    if not instance.is_hidden:
        return _("It is not deleted.") if name == "restore" else ""
    if name not in OF_HIDDEN:
        return _("It is deleted. Restore it first.")
    if name == "restore" and not instance.is_restorable:
        return _("The time in which it could be restored is over: it is being removed.")
    return ""


def gives_up(instance: Instance, name: str, operation: Operation) -> bool:
    """Whether the verb takes the place of the open operation, which is then given up.

    Deleting gives up whatever else is under way; as long as only its guest is being turned off, it can be undone.
    """
    if name == "restore":
        return instance.is_hidden and operation.verb == "delete"
    if name == "delete-now":  # never somebody's restore: it may be from a page on which it was still deleted
        return operation.verb not in {"delete-now", "restore", "roll-back"} and (
            operation.verb != "delete" or instance.is_hidden
        )
    return name == "delete" and operation.verb not in {"delete", "delete-now", "roll-back"}


def under_way(operation: Operation, *, age: bool) -> str:
    values = {"who": who(operation), "verb": operation.label}
    if not age:
        return _("%(who)s asked for “%(verb)s”; wait for it to end.") % values
    values["age"] = words(timezone.now() - operation.created_at)
    return _("%(who)s asked for “%(verb)s” %(age)s ago; wait for it to end.") % values


def who(operation: Operation) -> str:
    """Whoever asked for it, at the beginning of a sentence."""
    return _("The system") if operation.requested_by_name == SYSTEM else operation.requested_by_name

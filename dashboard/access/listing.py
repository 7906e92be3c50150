"""Keys as the page shows them: what is under way with each, and what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.operations.models import Operation, State
from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Role

from .actions import CREATE
from .models import AccessKey

WORDS: dict[str, str | Promise] = {
    "making": _("Being made"),
    "ready": _("Ready to be shown"),
    "used": _("In use"),
    "ending": _("Being ended"),
    "failed": _("May still let in"),
}
LOOKS = {"making": "busy", "ready": "waiting", "used": "done", "ending": "busy", "failed": "failed"}
"""The colour of each, as other lists have it."""


@dataclass(frozen=True, slots=True)
class Row:
    key: AccessKey
    operation: Operation | None
    """The newest that was done with it."""
    is_own: bool

    @property
    def state(self) -> str:
        if self.operation and self.operation.is_open:
            return "making" if self.operation.kind == CREATE else "ending"
        if self.operation and self.operation.state == State.FAILED:
            return "failed"
        return "ready" if self.key.is_ready else "used"

    @property
    def word(self) -> str | Promise:
        return WORDS[self.state]

    @property
    def look(self) -> str:
        return LOOKS[self.state]

    @property
    def is_busy(self) -> bool:
        return self.state in ("making", "ending")

    @property
    def can_be_shown(self) -> bool:
        return self.is_own and self.state == "ready"


def rows_of(actor: Actor, account: CloudAccount) -> list[Row]:
    """One's own first; everybody's for managers. Three queries."""
    found = AccessKey.objects.for_tenant(actor.tenant).living().filter(account=account).select_related("user")
    if not actor.may(Role.MANAGER, look=True):
        found = found.filter(user=actor.user)
    keys = sorted(found, key=lambda key: key.user_id != actor.user.pk)
    last = last_of([key.pk for key in keys])
    return [Row(key, last.get(key.pk), key.user_id == actor.user.pk) for key in keys]


def last_of(ids: list[UUID]) -> Mapping[UUID, Operation]:
    operations = Operation.objects.filter(target_id__in=ids).order_by("created_at").prefetch_related("steps")
    return {operation.target_id: operation for operation in operations}


def failed_of(actor: Actor, cloud: Cloud) -> Operation | None:
    """The person's last attempt to make a key there, where it went wrong."""
    asked = Operation.objects.for_tenant(actor.tenant).filter(cloud=cloud, kind=CREATE, requested_by=actor.user)
    last = asked.order_by("-created_at").prefetch_related("steps").first()
    return last if last is not None and last.state == State.FAILED else None

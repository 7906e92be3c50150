"""What happens to a person's account, into the audit trail of the installation: a person is in no tenant yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from dashboard.audit.record import record

from .models import User

NOBODY = "anonymous"


def described(user: User) -> dict[str, str]:
    """A new account, for the entry of it."""
    return {"email": user.email, "name": user.get_full_name()}


@transaction.atomic
def note(
    verb: str,
    user: User,
    request: HttpRequest,
    *,
    actor: str = "",
    outcome: str = "done",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """One entry about `user`, by themselves where no other actor is named. Part of the caller's transaction."""
    record(
        verb,
        actor=actor or user.username,
        tenant="",
        object_kind="user",
        object_id=user.pk,
        object_name=user.username,
        outcome=outcome,
        address=request.META.get("REMOTE_ADDR"),
        before=before,
        after=after,
    )

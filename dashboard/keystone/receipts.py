"""Between the password and the passcode: Keystone's receipt, in the session, sealed, for a few minutes.

It is as good as the password was, so the browser never gets it. The password itself is gone: Keystone wants only the
receipt and the passcode in the second call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone

from dashboard.clouds import secrets
from dashboard.clouds.interface import Receipt

KEY = "keystone_receipt"
LONGEST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    receipt: Receipt
    next: str


def keep(request: HttpRequest, receipt: Receipt, *, next_url: str) -> None:
    until = min(receipt.expires_at, timezone.now() + LONGEST)
    fields = {"token": receipt.token, "user_id": receipt.user_id, "until": until.isoformat(), "next": next_url}
    request.session[KEY] = secrets.seal(fields)


def kept(request: HttpRequest) -> Waiting | None:
    """None when there is none, or its time is over."""
    try:
        fields = secrets.unseal(request.session.get(KEY, ""))
    except secrets.Unreadable:
        return None
    if not fields or datetime.fromisoformat(fields["until"]) < timezone.now():
        return None
    until = datetime.fromisoformat(fields["until"])
    receipt = Receipt(token=fields["token"], user_id=fields["user_id"], expires_at=until)
    return Waiting(receipt=receipt, next=fields["next"])


def forget(request: HttpRequest) -> None:
    request.session.pop(KEY, None)

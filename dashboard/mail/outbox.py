"""Sending mail from an action: a row in its transaction, delivered by a worker after the commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from .models import OutgoingMail
from .sealing import seal
from .tasks import deliver

PLAIN = "text"
"""The template engine that does not escape: what leaves us is text, not HTML."""


def send(*, to: str, template: str, context: Mapping[str, Any]) -> None:
    """`template` is a text file such as `people/mail/invitation.txt`; its first line is the subject.

    Call it inside the action's transaction: no commit, no mail.
    """
    subject, _, body = render_to_string(template, dict(context), using=PLAIN).strip().partition("\n")
    send_text(to=to, subject=subject, body=body.strip() + "\n")


def send_text(*, to: str, subject: str, body: str) -> None:
    """The same for a text that is there already. Line breaks in the subject become spaces."""
    short = " ".join(subject.split())[:200]
    OutgoingMail.objects.create(to=to, subject=short, body=seal(body), due_at=timezone.now())
    deliver.delay_on_commit()


def link(path: str) -> str:
    """The absolute address of a page of ours, as the configuration says it and never the request's Host."""
    return f"{settings.ORIGINS[0]}{path}"

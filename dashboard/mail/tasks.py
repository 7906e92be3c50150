"""Delivering what is due. A mail that left just before its worker died is sent again: better twice than never."""

from __future__ import annotations

import smtplib
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from celery import shared_task
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F
from django.utils import timezone

from .models import OutgoingMail
from .sealing import unseal

log = structlog.get_logger(__name__)
LEASE = timedelta(minutes=2)  # longer than settings.EMAIL_TIMEOUT
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=24)
FOREVER = 500
"""From this answer of a mail server on, another try will not help (RFC 5321, 4.2.1)."""


@shared_task(name="mail.deliver")
def deliver() -> None:
    """Rung after each commit that made a mail, and by the clock for what failed or was not heard."""
    waiting = OutgoingMail.objects.filter(sent_at=None, given_up_at=None, due_at__lte=timezone.now())
    for pk in waiting.order_by("due_at").values_list("pk", flat=True)[:100]:
        if mail := _claim(pk):
            _deliver(mail)


def _claim(pk: UUID) -> OutgoingMail | None:
    """Of two workers, one gets it."""
    now = timezone.now()
    mine = OutgoingMail.objects.filter(pk=pk, sent_at=None, given_up_at=None, due_at__lte=now)
    if not mine.update(due_at=now + LEASE, attempts=F("attempts") + 1):
        return None
    return OutgoingMail.objects.get(pk=pk)


def _deliver(mail: OutgoingMail) -> None:
    try:
        body = unseal(mail.body)
        with get_connection() as server:  # closed also where it refuses us
            EmailMessage(mail.subject, body, settings.DEFAULT_FROM_EMAIL, [mail.to], connection=server).send()
    except (smtplib.SMTPException, OSError, InvalidToken) as error:
        _failed(mail, error)
    else:
        OutgoingMail.objects.filter(pk=mail.pk).update(sent_at=timezone.now(), body="", problem="")
        log.info("mail sent", mail=str(mail.pk), subject=mail.subject)


def _failed(mail: OutgoingMail, error: Exception) -> None:
    """Later again, or no more. Nothing of the body is logged."""
    problem = _said(error)
    if _is_final(mail, error, now=timezone.now()):
        OutgoingMail.objects.filter(pk=mail.pk).update(given_up_at=timezone.now(), body="", problem=problem)
        log.error("mail given up", mail=str(mail.pk), subject=mail.subject, problem=problem)
        return
    pause = min(FIRST_PAUSE * 2 ** min(mail.attempts - 1, 10), LONGEST_PAUSE)
    OutgoingMail.objects.filter(pk=mail.pk).update(due_at=timezone.now() + pause, problem=problem)
    log.warning("mail not sent yet", mail=str(mail.pk), subject=mail.subject, problem=problem, again_in=str(pause))


def _is_final(mail: OutgoingMail, error: Exception, *, now: datetime) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused) and all(c >= FOREVER for c, _text in error.recipients.values()):
        return True
    return now - mail.created_at > GIVE_UP_AFTER


def _said(error: Exception) -> str:
    if isinstance(error, InvalidToken):
        return "The text cannot be opened with the keys in SKYDECK_FIELD_KEYS."
    return f"{type(error).__name__}: {error}"[:500]

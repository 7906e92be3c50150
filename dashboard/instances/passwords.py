"""The administrator's password of a guest, as its cloud has it: encrypted with the instance's public key.

Pages show our row and ring while somebody looks, as for the console log. What is in the row is of no use to us: the
private key never leaves the browser of whoever has it, and the password is decrypted there.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta

from celery import current_app
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from dashboard.clouds.interface import CloudError, Feature
from dashboard.live.publish import publish
from dashboard.operations.failures import Failure, code_of
from dashboard.operations.failures import failure as in_words

from .models import Instance, PasswordData

PERIOD_S = 10
"""How often an open page asks while there is none: Windows takes minutes. The page's script reads it from the page."""
UNTIL_THERE = timedelta(seconds=PERIOD_S - 1)
ONCE_THERE = timedelta(seconds=60)
"""A rebuilt instance has another one."""
AFTER_FAILURE = timedelta(seconds=30)
UNANSWERED = timedelta(seconds=60)
LONGEST = 4096
"""Characters; an RSA key of 16384 bits makes 2732."""
UNFIT = "password-unfit"


def exists(instance: Instance) -> bool:
    """Whether its cloud keeps any, and it may be Windows: no other system makes one."""
    return instance.cloud.can(Feature.PASSWORD) and instance.may_be_windows


def can_fetch(instance: Instance) -> bool:
    return exists(instance) and bool(instance.remote_id) and not instance.deleted_at


def look(instance: Instance) -> PasswordData:
    """Somebody looks: ring for a worker when what we have is too old. However many look, one is rung."""
    if not can_fetch(instance):
        return PasswordData(instance=instance)
    known, _made = PasswordData.objects.get_or_create(instance=instance)
    now = timezone.now()
    if PasswordData.objects.filter(_due(), pk=known.pk).update(asked_at=now):
        known.asked_at = now
        transaction.on_commit(lambda: ring(instance), robust=True)
    return known


def _due() -> Q:
    now = timezone.now()
    answered = Q(failure="", taken_at__gte=F("asked_at"))
    return (
        Q(asked_at=None)
        | answered & Q(data="", asked_at__lt=now - UNTIL_THERE)
        | answered & Q(asked_at__lt=now - ONCE_THERE)
        | ~Q(failure="") & Q(asked_at__lt=now - AFTER_FAILURE)
        | Q(asked_at__lt=now - UNANSWERED)
    )


def ring(instance: Instance) -> None:
    current_app.send_task("instances.fetch_password", (str(instance.pk),), retry=False, expires=60)


# --- the worker's part -------------------------------------------------------------


def fetch(instance_id: str) -> None:
    """Store it, or why it could not be had. Pages hear of it when something is new."""
    instance = Instance.objects.present().select_related("cloud", "image").filter(pk=instance_id).first()
    if instance is None or not can_fetch(instance):
        return
    known, _made = PasswordData.objects.get_or_create(instance=instance)
    before = (known.data, known.failure, known.taken_at is None)
    try:
        compute = instance.cloud.driver_for(instance.tenant_id).compute
        said = "".join(compute.password_data(instance.remote_id).split())
        known.data, known.failure = (said, "") if is_fit(said) else ("", UNFIT)
        now = timezone.now()
        known.taken_at = max(now, known.asked_at or now)  # two machines' clocks may differ
    except CloudError as error:
        known.failure = code_of(error)
    known.save(update_fields=["data", "taken_at", "failure"])
    if (known.data, known.failure, known.taken_at is None) != before:
        publish(instance.tenant_id, "password", object_id=instance.pk)


def is_fit(said: str) -> bool:
    """Base64 in one line, or nothing yet. It comes from a guest, and people paste it into their shells."""
    try:
        base64.b64decode(said, validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(said) <= LONGEST


# --- the page's part ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PasswordView:
    """What the page shows."""

    instance: Instance
    known: PasswordData
    exists: bool
    can_fetch: bool
    period_s: int

    @property
    def is_kept(self) -> bool:
        """Whether its cloud keeps those of its guests."""
        return self.instance.cloud.can(Feature.PASSWORD)

    @property
    def failure(self) -> Failure | None:
        return in_words(self.known.failure) if self.known.failure else None

    @property
    def waits(self) -> bool:
        """Whether one may come while somebody looks."""
        return self.can_fetch and self.has_usable_key and not self.known.data

    @property
    def has_key(self) -> bool:
        return bool(self.instance.public_key or self.instance.key_name)

    @property
    def key_kind(self) -> str:
        """`ssh-rsa`, ...; empty where only the cloud knows the key."""
        return (self.instance.public_key.split() or [""])[0]

    @property
    def has_usable_key(self) -> bool:
        """With no other kind of key can a text be encrypted in this way."""
        return self.has_key and self.key_kind in {"", "ssh-rsa"}


def view_of(instance: Instance) -> PasswordView:
    """Rings for what is too old."""
    known, there_is = look(instance), exists(instance)
    return PasswordView(instance, known, exists=there_is, can_fetch=can_fetch(instance), period_s=PERIOD_S)

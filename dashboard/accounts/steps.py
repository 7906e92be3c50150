"""A code of an authenticator app is good once: the time step of the last one is kept in its row.

django-allauth remembers codes in the cache, which web processes need not share.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.utils.crypto import constant_time_compare

LAST = "last_step"


def step_of(secret: str, code: str) -> int | None:
    """The step whose code this is, of those that are good now."""
    digits = "".join(code.split())
    for step in yield_hotp_counters_from_time():
        if constant_time_compare(format_hotp_value(hotp_value(secret, step)), digits):
            return int(step)
    return None


@transaction.atomic
def use(authenticator: Authenticator, code: str) -> bool:
    """False for a code that was used before, or that is older than one that was."""
    row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
    step = step_of(decrypt(row.data["secret"]), code)
    if step is None or step <= row.data.get(LAST, 0):
        return False
    row.data[LAST] = step
    row.save(update_fields=["data"])
    authenticator.data = row.data
    return True

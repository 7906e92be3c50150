"""Every secret in the database, sealed again under the first of settings.FIELD_KEYS.

One row at a time, by an UPDATE that finds the row only as it was read: nobody waits, a change that somebody makes at
the same moment is kept, and what was killed goes on where it stopped, since what is under the first key is left alone.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db.models import Model

from dashboard.access.models import AccessKey
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.instances.models import Instance, LaunchTemplate
from dashboard.mail.models import OutgoingMail
from dashboard.quota_requests.models import CarriedLaunch

SEALED: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (Cloud, ("sealed",)),
    (CloudAccount, ("sealed", "brought")),
    (AccessKey, ("sealed",)),
    (Instance, ("user_data",)),
    (LaunchTemplate, ("user_data",)),
    (CarriedLaunch, ("sealed",)),
    (OutgoingMail, ("body",)),
)
IN_DATA: tuple[tuple[type[Model], str, tuple[str, ...]], ...] = ((Authenticator, "data", ("secret", "seed")),)
"""Those that are names inside a field that is JSON."""
TRIES = 5


def key_id(key: str) -> str:
    """What a key is called where it must not be shown."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


@dataclass(slots=True)
class Report:
    rotated: int = 0
    already: int = 0
    unreadable: list[str] = field(default_factory=list)
    """Which rows no key opens, by kind, id and field."""


def rotate(*, progress: Callable[[], None] = lambda: None) -> Report:
    """All of them. `progress` is called after each row."""
    report = Report()
    for model, names in SEALED:
        for name in names:
            for pk in rows_with(model, name):
                rotate_field(report, model, pk, name)
                progress()
    for model, name, inside in IN_DATA:
        for pk in model._base_manager.order_by("pk").values_list("pk", flat=True).iterator():
            rotate_data(report, model, pk, name, inside)
            progress()
    return report


def rows_with(model: type[Model], name: str) -> Iterator[Any]:
    rows = model._base_manager.exclude(**{name: ""}).order_by("pk")
    yield from rows.values_list("pk", flat=True).iterator()


def rotate_field(report: Report, model: type[Model], pk: Any, name: str) -> None:
    """One column of one row; read again when somebody changed it meanwhile."""
    rows = model._base_manager.filter(pk=pk)
    for _ in range(TRIES):
        sealed = rows.values_list(name, flat=True).first()
        if not sealed:
            return
        anew = resealed(sealed)
        if anew is None:
            report.unreadable.append(f"{model._meta.label} {pk}, {name}")
            return
        if anew == sealed or rows.filter(**{name: sealed}).update(**{name: anew}):
            note(report, changed=anew != sealed)
            return
    report.unreadable.append(f"{model._meta.label} {pk}, {name}: it changed all the time")


def rotate_data(report: Report, model: type[Model], pk: Any, name: str, inside: tuple[str, ...]) -> None:
    """The secrets in one JSON field."""
    rows = model._base_manager.filter(pk=pk)
    for _ in range(TRIES):
        data = rows.values_list(name, flat=True).first() or {}
        sealed = {each: data[each] for each in inside if isinstance(data.get(each), str)}
        anew = {each: resealed(value) for each, value in sealed.items()}
        if lost := [each for each, value in anew.items() if value is None]:
            report.unreadable.append(f"{model._meta.label} {pk}, {', '.join(lost)}")
            return
        if anew == sealed or rows.filter(**{name: data}).update(**{name: {**data, **anew}}):
            for each, value in sealed.items():
                note(report, changed=anew[each] != value)
            return
    report.unreadable.append(f"{model._meta.label} {pk}, {name}: it changed all the time")


def note(report: Report, *, changed: bool) -> None:
    report.rotated += changed
    report.already += not changed


def resealed(sealed: str) -> str | None:
    """Under the first key; the same where it is already, None where no key opens it."""
    token = sealed.encode()
    try:
        Fernet(settings.FIELD_KEYS[0]).decrypt(token)
    except InvalidToken:
        try:
            return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS]).rotate(token).decode()
        except InvalidToken:
            return None
    return sealed


def in_use() -> Counter[str]:
    """How many secrets each key opens now, by the key's id; what none opens is under `none`."""
    found: Counter[str] = Counter()
    for model, names in SEALED:
        for name in names:
            for sealed in model._base_manager.exclude(**{name: ""}).values_list(name, flat=True).iterator():
                found[opener(sealed)] += 1
    for model, name, inside in IN_DATA:
        for data in model._base_manager.values_list(name, flat=True).iterator():
            found.update(opener(data[each]) for each in inside if isinstance(data.get(each), str))
    return found


def opener(sealed: str) -> str:
    for key in settings.FIELD_KEYS:
        try:
            Fernet(key).decrypt(sealed.encode())
        except InvalidToken:
            continue
        return key_id(key)
    return "none"

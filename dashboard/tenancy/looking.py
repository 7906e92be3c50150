"""Why somebody may only look: one sentence for every grey button, and for what is refused.

Whoever draws a button knows a role, and not why it is no larger. In a disabled tenant that is not the person's
doing, so while such a page is made the sentence says so: `disabled` tells it, as `translation.override` tells the
language.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils.translation import gettext as _

from .models import Role, Tenant

_disabled: ContextVar[Tenant | None] = ContextVar("disabled", default=None)


def only_looking(needed: Role) -> str:
    """Why somebody whose role does not include `needed` cannot do something."""
    return _of_disabled() or _("This needs the role %(role)s; you may only look.") % {"role": needed.label}


def why_looking(otherwise: str) -> str:
    """The same for a whole page; `otherwise` is what it says to somebody whose role is too small."""
    return _of_disabled() or otherwise


def disabled_words(tenant: Tenant) -> str:
    """That it is disabled, why, and whom to ask."""
    told = _("%(tenant)s is disabled: you may look, but change nothing. %(who)s says: “%(reason)s”. Ask %(who)s.")
    return told % {"tenant": tenant.name, "who": tenant.disabled_by, "reason": tenant.disabled_reason}


def _of_disabled() -> str:
    """Empty where the tenant is not disabled."""
    tenant = _disabled.get()
    return _("%(tenant)s is disabled: you may only look.") % {"tenant": tenant.name} if tenant else ""


@contextmanager
def because_of(tenant: Tenant | None) -> Iterator[None]:
    """While a page is made for somebody who may only look because the tenant is disabled; None: for anybody else."""
    token = _disabled.set(tenant)
    try:
        yield
    finally:
        _disabled.reset(token)

"""A tenant's short name: it stands in addresses, in files and on clouds, and is never changed."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from dashboard.tenancy.models import Tenant

LONGEST = 64
FORM = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
RESERVED = frozenset(
    {
        *("all", "any", "none", "null", "new", "create", "choose", "switch", "import", "export", "emptied"),
        *("admin", "administrator", "root", "system", "skydeck", "installation", "service", "services"),
        *("api", "static", "media", "login", "logout", "accounts", "tenants", "t", "www"),
    }
)
"""Words that mean something of their own in an address, a command, a file or a log."""


def proposed(name: str) -> str:
    """A free one for this name. A name of which no Latin letter or digit is left becomes `tenant`, with a number."""
    return free(slugify(name)[: LONGEST - 6].replace("_", "-").strip("-") or "tenant")


def free(wanted: str) -> str:
    """`wanted`, or with the smallest number with which it is neither taken nor reserved."""
    wanted = re.sub(r"-{2,}", "-", wanted)
    taken = set(Tenant.objects.filter(slug__startswith=wanted).values_list("slug", flat=True)) | RESERVED
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def check(slug: str) -> None:
    """Raises ValidationError with what would do instead."""
    if len(slug) > LONGEST:
        raise ValidationError(_("At most %(number)s characters.") % {"number": LONGEST})
    if not FORM.fullmatch(slug):
        told = _("Only the letters a to z, digits, and single hyphens between them. “%(other)s” would do.")
        raise ValidationError(told % {"other": proposed(slug)})
    if slug in RESERVED:
        told = _("“%(slug)s” has a meaning of its own here. “%(other)s” would do.")
        raise ValidationError(told % {"slug": slug, "other": free(slug)})
    if Tenant.objects.filter(slug=slug).exists():
        raise ValidationError(taken(slug))


def taken(slug: str) -> str:
    told = _("There is a tenant “%(slug)s” already. “%(other)s” is free.")
    return told % {"slug": slug, "other": free(slug)}

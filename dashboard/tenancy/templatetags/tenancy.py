"""Why somebody may only look, and whom to ask, in words."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from dashboard.tenancy import looking
from dashboard.tenancy.models import Membership, Role, Tenant

register = template.Library()
NAMED = 5


@register.simple_tag
def why_looking(otherwise: str) -> str:
    """Where the tenant is disabled, that; else `otherwise`, which speaks of the role."""
    return looking.why_looking(otherwise)


@register.simple_tag
def managers_of(tenant: Tenant) -> str:
    """Who manages the tenant: `alice, bob or carol`, not more than five of them; empty where nobody does.

    One query: only for where something went wrong.
    """
    found = Membership.objects.filter(tenant=tenant, role=Role.MANAGER, user__is_active=True)
    names = list(found.order_by("user__username").values_list("user__username", flat=True)[:NAMED])
    if len(names) < 2:
        return "".join(names)
    return _("%(several)s or %(last)s") % {"several": ", ".join(names[:-1]), "last": names[-1]}

"""What roles allow, in a sentence each."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.tenancy.models import Role

Text = str | Promise
ALLOWS: dict[Role, Text] = {
    Role.READER: _("Sees everything in the tenant, and changes nothing."),
    Role.MEMBER: _("Launches and changes instances, networks and all else."),
    Role.MANAGER: _("Does what members do, decides who is in the tenant, and sees its audit trail."),
}

"""What OpenStack's roles are here: SKYDECK_OPENSTACK_ROLES, SKYDECK_OPENSTACK_ADMIN_ROLE."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from dashboard.clouds.interface import RemotePerson
from dashboard.tenancy.models import Role


def role_of(names: Iterable[str]) -> Role | None:
    """The greatest role that any of the names stands for; None when none is known here."""
    found = [Role(settings.OPENSTACK_ROLES[name]) for name in names if name in settings.OPENSTACK_ROLES]
    return max(found, key=list(Role).index, default=None)


def is_administrator(person: RemotePerson) -> bool:
    """Of the whole installation. Only where a role was named for it: for the whole cloud, or in the admin project.

    The admin project is given by its id, since whoever administers a domain can make a project of any name there.
    """
    role = settings.OPENSTACK_ADMIN_ROLE
    if not role:
        return False
    in_project = any(
        role in membership.roles
        for membership in person.memberships
        if membership.place.id == settings.OPENSTACK_ADMIN_PROJECT
    )
    return role in person.system_roles or in_project

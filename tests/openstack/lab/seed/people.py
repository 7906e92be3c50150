"""Projects, and users with one role each."""

from __future__ import annotations

from openstack.connection import Connection

from ..clouds import PEOPLE
from ..place import Lab
from .catalogue import DOMAIN, make_roles


def make(lab: Lab, admin: Connection) -> None:
    identity, roles = admin.identity, make_roles(admin)
    root = identity.find_user("admin", domain_id=DOMAIN)
    for name, (project_name, role) in PEOPLE.items():
        project = identity.find_project(project_name, domain_id=DOMAIN)
        project = project or identity.create_project(name=project_name, domain_id=DOMAIN, description="of the lab")
        user = identity.find_user(name, domain_id=DOMAIN)
        user = user or identity.create_user(
            name=name, domain_id=DOMAIN, password=lab.secrets["people"], default_project_id=project.id
        )
        identity.assign_project_role_to_user(project.id, user.id, roles[role])
        identity.assign_project_role_to_user(project.id, root.id, roles["admin"])

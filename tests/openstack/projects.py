"""The settings of our drivers for a project of a test's own."""

from __future__ import annotations

import time

from dashboard.clouds.drivers.openstack.session import Session

from .lab.place import REGION
from .own_project import Project


def settings_of(project: Project, *, auth_url: str = "") -> dict[str, str]:
    """As its member, by the application credential: what a tenant's place has."""
    return {
        "auth_url": auth_url or project.auth_url,
        "region": REGION,
        "application_credential_id": project.credential,
        "application_credential_secret": project.credential_secret,
        "place_id": project.id,
    }


def password_settings_of(project: Project) -> dict[str, str]:
    """As its member, by the password."""
    return {
        "auth_url": project.auth_url,
        "region": REGION,
        "username": project.user_name,
        "password": project.password,
        "project": project.name,
    }


def ec2_key(admin: Session, project: Project) -> dict[str, str]:
    """As its member, by a key that Keystone keeps: what asks it whose a signature is takes one."""
    path = f"/users/{project.user}/credentials/OS-EC2"
    made = admin.post("identity", path, json={"tenant_id": project.id})["credential"]
    return {"access_key": made["access"], "secret_key": made["secret"]}


def let_roles_settle() -> None:
    """Whoever had other roles a moment ago may be told those for a second: lab/etc/keystone/keystone.conf."""
    time.sleep(1.2)

"""The settings of our driver for a project of a test's own."""

from __future__ import annotations

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

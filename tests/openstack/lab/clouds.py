"""The lab's clouds.yaml: who may sign in, and as what."""

from __future__ import annotations

import os
from typing import Any

import openstack
import yaml
from openstack.connection import Connection

from .place import REGION, Lab

# cloud -> user, project. All but admin have the password `people`.
MEMBERS = {
    "lab-admin": ("admin", "admin"),
    "lab-demo1": ("alice", "demo1"),
    "lab-demo2": ("bob", "demo2"),
    "lab-reader": ("rita", "demo1"),
    "lab-manager": ("mona", "demo1"),
}
# user -> project, role
PEOPLE = {
    "alice": ("demo1", "member"),
    "bob": ("demo2", "member"),
    "rita": ("demo1", "reader"),
    "mona": ("demo1", "manager"),
}


def write(lab: Lab) -> None:
    """Readable by its owner alone: it holds passwords."""
    with os.fdopen(os.open(lab.clouds_yaml, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        yaml.safe_dump({"clouds": _clouds(lab)}, file, sort_keys=False)


def read(lab: Lab) -> dict[str, dict[str, Any]]:
    """Each cloud's settings by its name, as in clouds.yaml."""
    clouds: dict[str, dict[str, Any]] = yaml.safe_load(lab.clouds_yaml.read_text())["clouds"]
    return clouds


def connect(lab: Lab, cloud: str) -> Connection:
    """A connection that reads nothing from the environment or from the user's own files."""
    return openstack.connect(load_yaml_config=False, load_envvars=False, **read(lab)[cloud])


def _clouds(lab: Lab) -> dict[str, dict[str, Any]]:
    system = {"user_domain_name": "Default", "system_scope": "all"}
    clouds = {name: _cloud(lab, *member) for name, member in MEMBERS.items()}
    return {**clouds, "lab-system": _with_auth(lab, "admin", system)}


def _cloud(lab: Lab, user: str, project: str) -> dict[str, Any]:
    scope = {"project_name": project, "user_domain_name": "Default", "project_domain_name": "Default"}
    return _with_auth(lab, user, scope)


def _with_auth(lab: Lab, user: str, scope: dict[str, str]) -> dict[str, Any]:
    password = lab.secrets["admin" if user == "admin" else "people"]
    auth = {"auth_url": lab.auth_url, "username": user, "password": password, **scope}
    return {"auth": auth, "region_name": REGION, "identity_api_version": 3}

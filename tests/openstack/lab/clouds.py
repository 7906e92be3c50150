"""The lab's clouds.yaml: who may sign in, and as what."""

from __future__ import annotations

import os
from typing import Any

import yaml
from keystoneauth1.loading import get_plugin_loader
from keystoneauth1.plugin import BaseAuthPlugin
from keystoneauth1.session import Session
from openstack.connection import Connection

from .place import REGION, Lab, LabFailed

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
    """Each cloud's settings by its name, as in clouds.yaml. Raises LabFailed where there is no lab."""
    if not lab.clouds_yaml.exists():
        raise LabFailed(f"There is no lab in {lab.home}: python3 manage.py lab up")
    clouds: dict[str, dict[str, Any]] = yaml.safe_load(lab.clouds_yaml.read_text())["clouds"]
    return clouds


def connect(lab: Lab, cloud: str) -> Connection:
    return sign_in(read(lab)[cloud]["auth"])


def sign_in(auth: dict[str, str], *, kind: str = "password") -> Connection:
    """Straight from Keystone's words. `openstack.connect` looks for settings of the user's own, and warns of itself."""
    plugin: BaseAuthPlugin = get_plugin_loader(kind).load_from_options(**auth)
    return Connection(session=Session(auth=plugin), region_name=REGION)


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

"""What tests against a real OpenStack stand on.

openstack_lab   the lab; started when it does not run, and then ended with the tests
clouds          the settings in its clouds.yaml, by the cloud's name: clouds["lab-demo1"]["auth"]["username"]
admin_cloud     an openstacksdk connection of its administrator
project         a project of the test's own: ids, password, application credential, `connection()`, `network()`
proxy           a fault proxy in front of its Keystone, see proxy.py
shared_project  one for many tests
place           the tenant `lab` in the shared project, as rows, through the proxy
admin           a session of our driver's, as its administrator
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from openstack.connection import Connection

from dashboard.clouds.drivers.openstack.session import Session
from dashboard.clouds.interface import Credential
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.instances import inventory
from dashboard.tenancy.models import Tenant

from . import own_project
from .lab import clouds as lab_clouds
from .lab import life, packages, place
from .lab.place import Lab
from .own_project import Project
from .proxy import FaultProxy

ROOT = Path(__file__).resolve().parents[2]


def manage_lab(verb: str, *options: str) -> None:
    """In a process of its own, as people do it."""
    command = [sys.executable, "manage.py", "lab", verb, *options]
    subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "SKYDECK_NO_BOOTSTRAP": "1"})


@pytest.fixture(scope="session")
def openstack_lab() -> Iterator[Lab]:
    if reason := packages.unsupported():
        pytest.skip(reason)
    lab = place.from_environment()
    if life.is_up(lab):
        yield lab
        return
    manage_lab("up", "--yes")
    try:
        yield place.from_environment()
    finally:
        manage_lab("down")


@pytest.fixture(scope="session")
def clouds(openstack_lab: Lab) -> dict[str, dict[str, Any]]:
    return lab_clouds.read(openstack_lab)


@pytest.fixture(scope="session")
def admin_cloud(openstack_lab: Lab) -> Iterator[Connection]:
    with lab_clouds.connect(openstack_lab, "lab-admin") as connection:
        yield connection


@pytest.fixture
def project(openstack_lab: Lab, admin_cloud: Connection) -> Iterator[Project]:
    with own_project.fresh(admin_cloud, auth_url=openstack_lab.auth_url) as project:
        yield project


@pytest.fixture(scope="session")
def shared_project(openstack_lab: Lab, admin_cloud: Connection) -> Iterator[Project]:
    """One for many tests, since making and emptying one takes long: each removes its own servers."""
    with own_project.fresh(admin_cloud, auth_url=openstack_lab.auth_url) as project:
        project.network()
        yield project


@pytest.fixture
def proxy(openstack_lab: Lab) -> Iterator[FaultProxy]:
    with FaultProxy(openstack_lab.auth_url) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def admin_settings(openstack_lab: Lab) -> dict[str, str]:
    """How our driver connects as the lab's administrator."""
    return {
        "auth_url": openstack_lab.auth_url,
        "region": place.REGION,
        "username": "admin",
        "password": openstack_lab.secrets["admin"],
        "project": "admin",
        "user_domain": "Default",
        "project_domain": "Default",
    }


@pytest.fixture(scope="session")
def admin(admin_settings: dict[str, str]) -> Iterator[Session]:
    with closing(Session(admin_settings)) as session:
        yield session


@pytest.fixture(name="place")
def rows_of_place(lab: Tenant, shared_project: Project, proxy: FaultProxy) -> CloudAccount:
    """The tenant `lab` in the shared project, all through the proxy; with a network, and synced once."""
    project = shared_project
    settings = {"auth_url": proxy.auth_url, "region": project.region}
    cloud = Cloud.objects.create(name="openstack", kind="openstack", settings=settings)
    credential = {
        "application_credential_id": project.credential,
        "application_credential_secret": project.credential_secret,
        "place_id": project.id,
    }
    account = CloudAccount(tenant=lab, cloud=cloud, remote_id=project.id, remote_name=project.name)
    account.keep(Credential(id=project.credential, settings=credential))
    account.save()
    assert inventory.sync_account(account.pk), CloudAccount.objects.get().health_detail
    return CloudAccount.objects.select_related("cloud", "tenant").get(pk=account.pk)

"""Launches on a real Nova with real workers: killed, answers lost, refused, slow; always one server for each."""

from __future__ import annotations

import re
import uuid
from collections import Counter

import pytest

from dashboard.images.models import Image
from dashboard.instances import actions
from dashboard.instances.models import Flavor, Instance
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import drift
from tests import stack as stacks
from tests.operations.test_kills import PLACES, ended

from .proxy import NOBODY, Garbage, LostAnswer, PartialBody, Reset, Status

pytestmark = [pytest.mark.openstack, pytest.mark.django_db(transaction=True)]
VERSIONS = re.compile(r"^/(v[0-9.]+/?)?$")
"""What anybody may ask of a service: which versions it speaks."""
SERVERS = {"service": "compute", "method": "POST", "path": r"/servers$"}


@pytest.fixture
def stack(place, tmp_path):
    with stacks.running(tmp_path) as stack:
        yield stack


@pytest.fixture
def launch(place, as_bob, stack, shared_project, admin_cloud):
    """Ask for an instance of the smallest flavor; all servers of the project are removed after the test."""
    Quota.objects.filter(tenant=place.tenant).update(limit=1000)
    flavor = Flavor.objects.get(cloud=place.cloud, name="m1.nano")
    image = Image.objects.get(cloud=place.cloud, name="tiny")

    def ask(name: str) -> Instance:
        return actions.launch(as_bob, cloud=place.cloud, image=image, flavor=flavor, name=name, key=uuid.uuid4().hex)

    yield ask
    with shared_project.connection() as connection:
        for server in connection.compute.servers(details=False):
            connection.compute.delete_server(server)


def servers(project) -> Counter[str]:
    """How many servers there are for each of our instances."""
    with project.connection() as connection:
        marks = [server.metadata.get("skydeck_instance", "") for server in connection.compute.servers()]
    return Counter(mark for mark in marks if mark)


def wait(what: str, *, seconds: float = 150) -> None:
    stacks.wait_until(ended, seconds=seconds, what=what)


def assert_one_each(launched, project, lab) -> None:
    rows = Instance.objects.filter(pk__in=[instance.pk for instance in launched])
    assert set(rows.values_list("status", flat=True)) == {"ACTIVE"}, rows.values_list("status", "fault")
    assert {mark: n for mark, n in servers(project).items() if uuid.UUID(mark) in {i.pk for i in launched}} == {
        str(instance.pk): 1 for instance in launched
    }
    assert drift(lab) == {}


def test_killed_at_every_step_there_is_one_server_for_each_launch(stack, launch, shared_project, lab):
    launched = []
    for point in PLACES:
        stack.order(point)
        launched.append(launch(point))
        stacks.wait_until(lambda point=point: point in stack.fired(), seconds=60, what=f"{point} is reached")
    wait("the launches end")
    assert_one_each(launched, shared_project, lab)


FAULTS = (LostAnswer(), Reset(), PartialBody(), Garbage(), Status(500), Status(503), Status(429, retry_after_s=1))


def test_a_create_that_goes_wrong_ends_with_one_server(launch, shared_project, lab, proxy):
    launched = []
    for number, fault in enumerate(FAULTS):
        proxy.inject(fault, **SERVERS)
        launched.append(launch(f"{number}-{type(fault).__name__.lower()}"))
        hit = number + 1
        stacks.wait_until(lambda hit=hit: spoiled(proxy) >= hit, seconds=60, what=f"{fault} is met")
    wait("the launches end")
    assert_one_each(launched, shared_project, lab)


def spoiled(proxy) -> int:
    return sum(bool(call.fault) for call in proxy.calls(service="compute", method="POST"))


def test_a_tenants_work_uses_its_own_credential_and_no_other(launch, shared_project, proxy):
    launch("whose")
    wait("it is built")
    signed_in = [call for call in proxy.calls() if call.who != NOBODY]
    assert {call.who.application_credential for call in signed_in} == {shared_project.credential}
    asked_by_nobody = [call.path for call in proxy.calls() if call.who == NOBODY and call.service != "identity"]
    assert all(VERSIONS.search(path) for path in asked_by_nobody), asked_by_nobody

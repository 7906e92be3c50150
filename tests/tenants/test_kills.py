"""Whoever empties a tenant is killed with -9 at each step: in the end it is gone, and all that was in it, once."""

import os
import traceback

import pytest
from django.db import connections

from dashboard.audit.models import Chain, Entry
from dashboard.audit.verify import first_broken
from dashboard.clouds.drivers.fake.store import reading
from dashboard.clouds.models import CloudAccount
from dashboard.instances.models import Instance, LaunchTemplate
from dashboard.operations import run
from dashboard.operations.flow import FLOWS
from dashboard.operations.models import Operation, long_ago
from dashboard.operations.reconcile import free_leases_of_the_dead
from dashboard.quotas.models import Quota, Reservation
from dashboard.tenancy.models import Membership, Tenant
from dashboard.tenants import deleting
from dashboard.tenants.emptying import ENDS
from dashboard.tenants.left import KINDS, counts
from dashboard.tenants.models import Emptying
from dashboard.tenants.tasks import empty_due
from tests.instances.conftest import placed  # noqa: F401
from tests.tenants.test_deleting import full  # noqa: F401

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
DELETES = [kinds[0] for kinds in ENDS.values()]
ASKED = [f"tenant.empty.{kind.name}.asked" for kind in KINDS if kind.name != "operations"]
STEPS = [
    f"{kind}.{step.name}.{when}"
    for kind in DELETES
    for step in FLOWS[kind].steps
    for when in ("before", "after")
    # the first only where an address was still on its way, the second only where somebody asked for it
    if step.name not in {"release-planned", "remove-place"}
]
PLACES = [*ASKED, *STEPS, "tenant.empty.remove.before", "tenant.empty.remove.after"]


@pytest.fixture
def failpoints(tmp_path, settings):
    """The folder in which a file of a failpoint's name kills whoever comes there."""
    folder = tmp_path / "failpoints"
    folder.mkdir()
    settings.FAILPOINT_FOLDER = str(folder)
    return folder


def in_a_process_of_its_own(work) -> int:
    """What `waitpid` says of its end: 0 well, 9 killed. A fork costs milliseconds, and -9 is as real as ever."""
    connections.close_all()
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1]
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def clock_and_worker() -> None:
    """What they do until nothing is being emptied, without the pauses."""
    for _ in range(80):
        Emptying.objects.update(due_at=long_ago())
        empty_due()
        if not Emptying.objects.filter(state=Emptying.State.RUNNING).exists():
            return
        free_leases_of_the_dead()
        Operation.objects.open().update(due_at=long_ago())
        for pk in Operation.objects.open().values_list("pk", flat=True):
            run.advance(pk)
    raise AssertionError(f"still running: {list(Emptying.objects.values('left', 'problems'))}")


def good_on_the_cloud(path, account) -> dict[str, int]:
    """What the tenant's place there holds and can be used with, by table; its default group belongs to the place."""
    tables = ("instances", "networks", "routers", "floating_ips", "ports", "security_groups", "credentials")
    more = {"security_groups": "AND name != 'default'", "credentials": "AND NOT is_revoked"}
    found = {}
    with reading(str(path)) as db:
        for table in tables:
            query = f"SELECT count(*) FROM {table} WHERE place_id = ? {more.get(table, '')}"
            found[table] = db.execute(query, [account.remote_id]).fetchone()[0]
    return {table: number for table, number in found.items() if number}


def test_killed_at_every_step_the_tenant_and_all_in_it_are_gone_once(
    full,  # noqa: F811
    placed,  # noqa: F811
    administrator,
    fake_path,
    failpoints,
):
    LaunchTemplate.objects.create(tenant=full, cloud=placed, name="like web")
    account, had = CloudAccount.objects.get(tenant=full), counts(full)
    assert set(had) == {kind.name for kind in KINDS} - {"operations"}
    assert {"instances", "networks", "credentials"} <= set(good_on_the_cloud(fake_path, account))
    row = deleting.empty(administrator, full)
    for place in PLACES:
        (failpoints / place).write_text("kill")

    deaths = 0
    while (status := in_a_process_of_its_own(clock_and_worker)) == 9:
        deaths += 1

    fired = [line.split()[0] for line in (failpoints / "fired").read_text().splitlines()]
    assert (status, deaths, sorted(fired)) == (0, len(PLACES), sorted(PLACES))
    row.refresh_from_db()
    assert (row.state, row.tenant, row.left, row.problems) == (Emptying.State.DONE, None, {}, [])
    assert good_on_the_cloud(fake_path, account) == {}
    assert not Tenant.objects.filter(pk=full.pk).exists()
    for model in (Quota, Reservation, Membership, Operation, Instance, CloudAccount, LaunchTemplate):
        assert not model.objects.filter(tenant=full.pk).exists(), model
    entries = Entry.objects.filter(tenant=str(full.pk))
    for kind, verb in zip(ENDS, DELETES, strict=True):  # asked for once and done once, each of them
        for outcome in ("accepted", "done"):
            said = entries.filter(verb=verb, outcome=outcome)
            assert said.values("object_id").distinct().count() == said.count() == had[kind], (verb, outcome)
    assert entries.filter(verb="tenant.delete").count() == 1
    assert [first_broken(chain.name) for chain in Chain.objects.all()] == [None] * Chain.objects.count()

"""A worker killed with -9 at each step of making, rotating and unlinking: one project, one good credential."""

import pytest

from dashboard.clouds.drivers.fake.store import reading
from dashboard.clouds.models import CloudAccount
from dashboard.operations.models import Operation
from dashboard.places import actions
from tests import stack as stacks
from tests.conftest import actor_of, make_tenant

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MAKING = (
    "place.make.project.done",
    "place.grant.done",
    "place.make.push-limits.after",
    "place.make.first-network.after",
)
ROTATING = ("place.grant.done", "place.rotate.grant.after")
UNLINKING = ("place.unlink.let-go.after", "place.unlink.withdraw.after")


@pytest.fixture
def stack(placed, tmp_path):
    with stacks.running(tmp_path) as stack:
        yield stack


@pytest.fixture
def killed(stack):
    """Do something, kill the worker there, and wait until another has brought it to its end."""

    def run(place, do):
        stack.order(place)
        do()
        stacks.wait_until(lambda: place in stack.fired(), seconds=180, what=f"{place} is reached")
        # a sync that died with the worker holds its place for 120 s, and unlinking waits for it: they passed
        CloudAccount.objects.update(sync_lease_until=None)
        stacks.wait_until(ended, seconds=180, what=f"what was killed at {place} ends")

    return run


def ended():
    return not Operation.objects.open().exists()


def good(fake_path):
    """Every good credential: `[(the place's id, its own id)]`."""
    with reading(str(fake_path)) as db:
        rows = db.execute("SELECT place_id, id FROM credentials WHERE NOT is_revoked ORDER BY place_id").fetchall()
    return [(row["place_id"], row["id"]) for row in rows]


def kept():
    return sorted(CloudAccount.objects.values_list("remote_id", "credential_id"))


def test_killed_at_every_step_each_tenant_has_one_project_and_one_credential(killed, placed, root, fake_path):
    for number, place in enumerate(MAKING):
        actor = actor_of(root, make_tenant(f"t-{number}"))
        killed(place, lambda actor=actor: actions.make(actor, placed, name=actor.tenant.slug, network=True))
    assert set(Operation.objects.values_list("state", flat=True)) == {"done"}
    marks = [place.mark for place in placed.driver().places.list()]
    assert len(marks) == len(set(marks)) == len(MAKING)
    assert good(fake_path) == kept()
    for account in CloudAccount.objects.all():
        assert sum(network.is_own for network in account.driver().networks.networks()) == 1


def test_killed_while_rotating_the_one_that_is_kept_is_the_only_good_one(killed, placed, for_lab, fake_path, stack):
    actions.make(for_lab, placed, name="lab")
    stacks.wait_until(ended, seconds=60, what="the project is made")
    for place in ROTATING:
        before = kept()
        killed(place, lambda: actions.rotate(for_lab, CloudAccount.objects.get()))
        assert kept() != before
        assert good(fake_path) == kept()


def test_killed_while_unlinking_no_credential_stays(killed, placed, root, fake_path, stack):
    actors = [actor_of(root, make_tenant(f"t-{number}")) for number, _ in enumerate(UNLINKING)]
    for actor in actors:
        actions.make(actor, placed, name=actor.tenant.slug)
    stacks.wait_until(ended, seconds=60, what="the projects are made")
    for place, actor in zip(UNLINKING, actors, strict=True):
        account = CloudAccount.objects.get(tenant=actor.tenant)
        killed(place, lambda actor=actor, account=account: actions.unlink(actor, account))
    assert good(fake_path) == []
    assert not CloudAccount.objects.exists()
    assert len(list(placed.driver().places.list())) == len(UNLINKING)

"""A cloud that says that its limit is reached although the quota here said yes: asked twice, then told with numbers."""

import pytest

from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.models import CloudAccount
from dashboard.operations import run
from dashboard.operations.models import Operation

CORES = "Quota exceeded for cores: Requested 1, but already used 18 of 18 cores"


@pytest.fixture
def faults(cloud, fake_path):
    return Faults(str(fake_path))


def test_it_is_asked_once_more_and_the_user_never_sees_it(launch, work, faults):
    faults.fail("Refused", reason="quota", detail=CORES, call="create", times=1)
    instance = launch()
    run.advance(Operation.objects.get().pk)
    waiting = Operation.objects.get()
    assert (waiting.state, waiting.waiting_for, waiting.error_code) == ("waiting", "cloud-limit-again", "")
    work()
    instance.refresh_from_db()
    assert (instance.status, instance.failure) == ("ACTIVE", "")


def test_refused_twice_it_says_the_clouds_numbers_and_ours(launch, work, faults):
    faults.fail("Refused", reason="quota", detail=CORES, call="create", times=2)
    instance = launch()
    work()
    operation = Operation.objects.get()
    assert (operation.state, operation.error_code) == ("failed", "cloud-limit")
    assert "It allows 18 vCPUs; 18 are used and 1 more were asked for. The quota here allows 20." in str(
        operation.failure.cause
    )
    instance.refresh_from_db()
    assert (instance.failure, instance.failure_values["limit"], instance.failure_values["ours"]) == (
        "cloud-limit",
        "18",
        "20",
    )


def test_where_the_cloud_says_no_numbers_those_last_read_are_said(launch, work, faults, cloud, lab):
    CloudAccount.objects.filter(cloud=cloud, tenant=lab).update(limits={"ports": {"limit": 5, "used": 5}})
    faults.fail("Refused", reason="quota", detail="Maximum number of ports exceeded", call="create", times=2)
    launch()
    work()
    cause = str(Operation.objects.get().failure.cause)
    assert "It concerns: ports. The cloud allows 5, of which 5 are used." in cause


def test_another_refusal_is_not_asked_again(launch, work, faults):
    faults.fail("Refused", reason="capacity", detail="No more IP addresses available on network " + "a" * 32, times=1,
                call="create")  # fmt: skip
    launch()
    run.advance(Operation.objects.get().pk)
    assert Operation.objects.get().error_code == "addresses-used-up"

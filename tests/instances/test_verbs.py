"""Start, stop, reboot, delete: allowed when, refused why, and what comes of it."""

import pytest
from django.core.exceptions import PermissionDenied

from dashboard.clouds.interface import Feature, Status
from dashboard.instances import actions, inventory
from dashboard.instances.models import Instance
from dashboard.instances.verbs import CONSOLES, VERBS, why_not
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota
from dashboard.tenancy.models import Role
from tests.conftest import actor_of


@pytest.fixture
def active(launch, work):
    instance = launch()
    work()
    instance.refresh_from_db()
    assert instance.status == Status.ACTIVE
    return instance


def after(instance, work):
    work()
    instance.refresh_from_db()
    return instance.status


def test_stop_then_start(active, as_bob, work):
    actions.change(as_bob, active.pk, "stop")
    assert after(active, work) == Status.SHUTOFF
    actions.change(as_bob, active.pk, "start")
    assert after(active, work) == Status.ACTIVE


@pytest.mark.parametrize("verb", ["reboot", "hard-reboot"])
def test_reboot_ends_active(active, as_bob, work, verb):
    operation = actions.change(as_bob, active.pk, verb)
    assert after(active, work) == Status.ACTIVE
    operation.refresh_from_db()
    assert operation.state == "done"


def test_delete_gives_the_quota_back_and_keeps_the_row_for_its_timeline(active, as_bob, work, lab, cloud):
    actions.change(as_bob, active.pk, "delete")
    assert Quota.objects.get(tenant=lab, resource="instances").used == 1
    assert after(active, work) == Status.DELETED
    assert Quota.objects.get(tenant=lab, resource="instances").used == 0
    assert list(cloud.driver().compute.list()) == []


def test_deleting_twice_is_one_deletion(active, as_bob):
    first = actions.change(as_bob, active.pk, "delete")
    assert actions.change(as_bob, active.pk, "delete") == first


def test_a_second_verb_waits_for_the_first(active, as_bob):
    actions.change(as_bob, active.pk, "stop")
    with pytest.raises(actions.NotPossible, match="Stopping is under way"):
        actions.change(as_bob, active.pk, "reboot")
    assert Operation.objects.filter(target_id=active.pk).count() == 2


def test_a_verb_that_the_status_does_not_allow_any_more_is_refused_in_words(active, as_bob, cloud):
    cloud.driver().compute.stop(active.remote_id, force=True)
    inventory.sync_cloud(cloud.pk)
    with pytest.raises(actions.NotPossible, match="while its status is Stopped"):
        actions.change(as_bob, active.pk, "reboot")


def test_a_reader_may_not_change_anything(active, rita, lab):
    with pytest.raises(PermissionDenied, match="needs the role Member"):
        actions.change(actor_of(rita, lab), active.pk, "stop")


def test_another_tenants_instance_does_not_exist(active, charlie, other):
    with pytest.raises(Instance.DoesNotExist):
        actions.change(actor_of(charlie, other), active.pk, "delete")


def test_deleted_behind_our_back_while_stopping_ends_with_a_word(active, as_bob, work, cloud):
    operation = actions.change(as_bob, active.pk, "stop")
    cloud.driver().compute.delete(active.remote_id)
    work()
    operation.refresh_from_db()
    assert (operation.state, operation.error_code) == ("failed", "gone")


@pytest.mark.parametrize("name", [*VERBS, *CONSOLES])
@pytest.mark.parametrize("status", list(Status))
def test_the_table_is_what_decides(active, name, status):
    active.status, active.is_locked = status.value, name == "unlock"
    verb = VERBS.get(name) or CONSOLES[name]
    active.cloud.features = [feature.value for feature in Feature]
    reason = why_not(active, name, role=Role.MEMBER, operation=None)
    assert (reason == "") == (status in verb.statuses)


def test_a_grey_verb_says_which_role_feature_or_status_is_missing(active):
    assert "Member" in why_not(active, "stop", role=Role.READER, operation=None)
    active.cloud.features = []
    assert "pretend cannot do this" in why_not(active, "stop", role=Role.MEMBER, operation=None)


def test_what_was_never_built_can_only_be_deleted(launch, work, fake_path):
    from dashboard.clouds.drivers.fake.faults import Faults

    Faults(str(fake_path)).fail("Refused", reason="capacity", call="create")
    instance = launch()
    work()
    instance.refresh_from_db()
    assert "only be deleted" in why_not(instance, "start", role=Role.MEMBER, operation=None)
    assert why_not(instance, "delete", role=Role.MEMBER, operation=None) == ""

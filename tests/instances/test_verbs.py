"""Start, stop, reboot, delete: allowed when, refused why, and what comes of it."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import Feature, Status
from dashboard.clouds.models import Cloud
from dashboard.instances import actions, inventory
from dashboard.instances.allowed import why_not
from dashboard.instances.menu import GROUPS
from dashboard.instances.models import Instance
from dashboard.instances.refusals import NotPossible
from dashboard.instances.verb_forms import FORMS
from dashboard.instances.verbs import CONSOLES, EVERY, LOOKS, VERBS
from dashboard.instances.words import CONSEQUENCES
from dashboard.operations import run
from dashboard.operations.choices import choices
from dashboard.operations.failures import failure
from dashboard.operations.flow import FLOWS
from dashboard.operations.models import Operation
from dashboard.operations.stuck import stuck
from dashboard.operations.words import KINDS, STEPS
from dashboard.quotas.models import Quota
from dashboard.tenancy.models import Role
from dashboard.ui import sprite
from tests.conftest import actor_of

from .conftest import at_once


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


def test_a_soft_reboot_is_waited_for_until_the_guest_is_at_rest(active, as_bob, fake_path):
    Faults(str(fake_path)).never_finish(call="reboot")
    operation = actions.change(as_bob, active.pk, "reboot")
    run.advance(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, [step.state for step in operation.steps.all()]) == ("waiting", ["done", "waiting"])
    assert stuck(operation) is None
    operation.slow_at = timezone.now() - timedelta(seconds=1)
    assert stuck(operation).what == failure("slower-than-usual")
    assert {choice.name for choice in choices(operation, role=Role.MEMBER)} == {"wait-on", "cancel"}


def test_delete_now_gives_the_quota_back_and_keeps_the_row_for_its_timeline(active, as_bob, work, lab, cloud):
    actions.change(as_bob, active.pk, "delete-now")
    assert Quota.objects.get(tenant=lab, resource="instances").used == 1
    assert after(active, work) == Status.DELETED
    assert Quota.objects.get(tenant=lab, resource="instances").used == 0
    assert list(cloud.driver().compute.list()) == []


def test_deleting_twice_is_one_deletion(active, as_bob):
    first = actions.change(as_bob, active.pk, "delete")
    assert actions.change(as_bob, active.pk, "delete") == first


def test_a_second_verb_waits_for_the_first(active, as_bob):
    actions.change(as_bob, active.pk, "stop")
    with pytest.raises(actions.NotPossible, match=r"bob asked for “Stop” . s ago; wait for it to end\."):
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


@pytest.mark.parametrize("name", [*VERBS, *CONSOLES, *LOOKS])
@pytest.mark.parametrize("status", list(Status))
def test_the_table_is_what_decides(name, status):
    cloud = Cloud(name="pretend", features=[feature.value for feature in Feature])
    instance = Instance(name="web-1", cloud=cloud, remote_id="1", status=status.value, is_locked=name == "unlock")
    instance.delete_at = timezone.now() + timedelta(minutes=5) if name == "restore" else None
    verb = {**VERBS, **CONSOLES, **LOOKS}[name]
    reason = why_not(instance, name, role=Role.MEMBER, operation=None)
    assert (reason == "") == (status in verb.statuses)


def test_a_grey_verb_says_which_role_feature_or_status_is_missing(active):
    assert "Member" in why_not(active, "stop", role=Role.READER, operation=None)
    active.cloud.features = []
    assert "pretend cannot do this" in why_not(active, "stop", role=Role.MEMBER, operation=None)


def test_what_was_never_built_can_only_be_deleted(launch, work, fake_path):
    Faults(str(fake_path)).fail("Refused", reason="capacity", call="create")
    instance = launch()
    work()
    instance.refresh_from_db()
    assert "only be deleted" in why_not(instance, "start", role=Role.MEMBER, operation=None)
    assert why_not(instance, "delete", role=Role.MEMBER, operation=None) == ""


# --- what each verb has ---------------------------------------------------------------

ICONS = set(re.findall(r'<symbol id="([\w-]+)"', sprite.target().read_text()))


@pytest.mark.parametrize("name", sorted(VERBS))
def test_every_verb_is_whole(name):
    """A flow, the words of its operation and of its steps, an icon, a place in a menu, and what it does or asks for."""
    verb, flow_ = VERBS[name], FLOWS[f"instance.{name}"]
    assert flow_.kind in KINDS
    assert {step.name for step in flow_.steps} <= set(STEPS)
    assert verb.icon in ICONS
    assert str(verb.doing)
    assert any(name in members for _label, members in GROUPS)
    assert name in CONSEQUENCES or name in FORMS or name in EXPLAINED or name in SAYS_IT_ALL
    assert verb.asks == (name in FORMS)
    assert verb.statuses <= EVERY


EXPLAINED = {"delete", "restore"}
"""By consequences.py, which looks at the instance."""
SAYS_IT_ALL = {"start", "reboot", "pause", "unpause", "suspend", "resume", "unshelve", "unrescue", "unlock"}
"""Nothing is lost, and the word says all."""


# --- two at once ----------------------------------------------------------------------


@pytest.fixture
def as_alice(alice, lab):
    return actor_of(alice, lab)


@pytest.mark.parametrize("name", sorted(set(VERBS) - {"delete", "delete-now"}))
def test_while_anothers_verb_is_under_way_every_verb_says_whose_and_since_when(active, as_bob, as_alice, name):
    actions.change(as_bob, active.pk, "reboot")
    Operation.objects.open().update(created_at=timezone.now() - timedelta(seconds=125))
    with pytest.raises(NotPossible, match=r"bob asked for “Reboot” 2 min ago; wait for it to end\."):
        actions.change(as_alice, active.pk, name)


def test_a_page_that_was_opened_before_says_it_when_it_is_sent(active, as_bob, alice, client):
    client.force_login(alice)
    url = f"/t/lab/instances/{active.pk}/hard-reboot/"
    assert "asked for" not in client.get(url).content.decode()
    actions.change(as_bob, active.pk, "stop")
    answer = client.post(url, headers={"HX-Request": "true"})
    assert (answer.status_code, "bob asked for \\u201cStop\\u201d" in answer["HX-Trigger"]) == (409, True)
    assert "bob asked for “Stop”" in client.get(url).content.decode()


def test_a_grey_button_names_who_keeps_it_grey(active, as_bob, alice, client):
    actions.change(as_bob, active.pk, "stop")
    client.force_login(alice)
    assert "bob asked for “Stop”; wait for it to end." in client.get(f"/t/lab/instances/{active.pk}/").content.decode()


def test_two_who_delete_the_same_are_told_apart(active, as_bob, as_alice):
    actions.change(as_bob, active.pk, "delete-now")
    with pytest.raises(NotPossible, match=r"bob asked for “Delete for good” . s ago"):
        actions.change(as_alice, active.pk, "delete-now")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verbs", [("stop", "reboot"), ("delete-now", "stop"), ("stop", "stop"), ("delete", "delete")])
def test_of_two_at_once_one_wins_and_the_other_is_told_who_and_when(active, as_bob, as_alice, verbs, work):
    for _ in range(5):
        Operation.objects.open().delete()
        Instance.objects.filter(pk=active.pk).update(delete_at=None)
        outcomes = at_once(
            partial(actions.change, as_bob, active.pk, verbs[0]), partial(actions.change, as_alice, active.pk, verbs[1])
        )
        opened = Operation.objects.open().get(target_id=active.pk)
        lost = [error for error in outcomes if error is not None]
        assert all(isinstance(error, NotPossible) for error in lost), lost
        assert len(lost) == 1 or verbs == ("delete-now", "stop")  # which takes the place of a stop a moment before
        for error in lost:
            assert re.search(f"{opened.requested_by_name} asked for “{opened.label}” . s ago", str(error))


def test_a_locked_instance_says_who_locked_it(active, as_bob, as_alice, work):
    Operation.objects.create(
        tenant=active.tenant, cloud=active.cloud, kind="instance.lock", target_id=active.pk, target_name="web-1",
        key="k", requested_by_name="alice", state="done", deadline_at=timezone.now(),
    )  # fmt: skip
    Instance.objects.filter(pk=active.pk).update(is_locked=True)
    for verb in ("delete", "delete-now", "stop"):
        with pytest.raises(NotPossible, match=r"It is locked\. Unlock it first\. alice asked for “Lock” . s ago\."):
            actions.change(as_bob, active.pk, verb)

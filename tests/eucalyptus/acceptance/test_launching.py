"""Launches: answers that are lost, three reasons why not, things that change behind our back."""

from __future__ import annotations

from html import unescape

import pytest

from dashboard.clouds.interface import Status
from dashboard.instances import actions, inventory
from dashboard.instances.models import Instance
from dashboard.operations.failures import failure
from dashboard.quotas.reservations import drift

from .conftest import again, on, operation_of, text_of, used

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def tokens(remote):
    return {one.parameters["ClientToken"] for one in remote.asked("RunInstances")}


# --- one launch is one instance ----------------------------------------------------------


@pytest.mark.parametrize("fault", ["lost", "cut", "dropped", "unavailable", "internal", "entities", "page"])
@pytest.mark.parametrize(
    "remote", [{"release": "4.4", "mode": "edge"}, {"release": "5.1"}], indirect=True, ids=["4.4", "5.1"]
)
def test_whatever_becomes_of_the_answer_there_is_one_instance_of_the_name(remote, launch, work, lab, fault):
    remote.faults.next(fault, "RunInstances")
    instance = launch("web")
    work()
    assert (again(instance).status, instance.name) == (Status.ACTIVE, "web")
    assert tokens(remote) == {f"skydeck-{instance.pk}"}
    assert list(remote.instances) == [instance.remote_id]
    assert remote.tags_of(remote.instances[instance.remote_id].account, instance.remote_id)["Name"] == "web"
    assert (used(lab), drift(lab)) == (1, {})


def test_what_was_launched_behind_a_lost_answer_is_found_by_its_token_alone(remote, launch, work):
    """Before 5.x the tags come in a second call: whoever looks in between has only the token."""
    remote.faults.next("lost", "RunInstances")
    instance = launch()
    work()
    asked = [one.parameters for one in remote.asked("DescribeInstances") if "Filter.1.Name" in one.parameters]
    assert {"client-token", f"skydeck-{instance.pk}"} <= set(asked[-1].values())
    assert len(remote.asked("RunInstances")) == 1


def test_pressed_twice_it_is_one_launch(remote, launch, work):
    assert launch(key="same") == launch(key="same")
    work()
    assert len(remote.instances) == 1


# --- three reasons, three messages ---------------------------------------------------------


def fill(remote):
    remote.outside.fill("zone-a")


def limit(remote):
    remote.outside.edit_quota("lab-account", vminstancenumber=0)


@pytest.mark.parametrize("status", [503, 500])
@pytest.mark.parametrize("code", ["ServiceUnavailable", "InsufficientInstanceCapacity"])
def test_without_room_the_person_reads_so_and_the_cloud_is_asked_once(remote, launch, work, lab, code, status):
    remote.faults.capacity_code, remote.faults.capacity_status = code, status
    remote.faults.next("capacity", "RunInstances", times=9)
    instance = launch()
    work()
    assert (again(instance).status, operation_of(instance).error_code) == (Status.ERROR, "ec2-no-room")
    assert (len(remote.asked("RunInstances")), used(lab)) == (1, 0)


def test_beyond_the_clouds_limit_the_person_reads_so_and_the_cloud_is_asked_once(remote, launch, work, lab):
    limit(remote)
    instance = launch()
    work()
    assert operation_of(instance).error_code == "ec2-limit"
    assert (len(remote.asked("RunInstances")), used(lab)) == (1, 0)


def test_beyond_the_clouds_limit_administrators_are_led_to_the_limits_there_and_others_are_not(
    remote, launch, work, cloud, as_root, as_person
):
    limit(remote)
    instance = launch()
    work()
    path, there = f"/t/lab/instances/{instance.pk}/", f'<a href="/clouds/{cloud.pk}/tenants/lab/">'
    page = text_of(as_root.get(path))
    assert (there in page, "/quotas/tenants/lab/" in page) == (True, False)
    assert there not in text_of(as_person.get(path))


def test_a_service_that_is_down_is_waited_for_and_asked_about_before_it_is_asked_again(remote, launch, work):
    """503 of a write: one request; the next one only after a look that found nothing."""
    remote.faults.next("unavailable", "RunInstances")
    instance = launch()
    work()
    assert again(instance).status == Status.ACTIVE
    actions = [one.action for one in remote.requests if one.action in ("RunInstances", "DescribeInstances")]
    first, second = (number for number, action in enumerate(actions) if action == "RunInstances")
    assert "DescribeInstances" in actions[first:second]
    assert (len(tokens(remote)), len(remote.instances)) == (1, 1)


def test_the_three_messages_are_different_and_are_on_the_page(remote, launch, work, as_person):
    told = {}
    for spoil in (fill, limit):
        spoil(remote)
        instance = launch(spoil.__name__)
        work()
        told[spoil] = unescape(text_of(as_person.get(f"/t/lab/instances/{instance.pk}/")))
        assert str(operation_of(instance).failure.cause) in told[spoil]
        remote.outside.edit_quota("lab-account")
    words = {str(failure(code).cause) for code in ("ec2-no-room", "ec2-limit", "unavailable")}
    assert len(words) == 3


# --- what happens behind our back -------------------------------------------------------------


@pytest.mark.parametrize("how", ["terminate", "bury"])
def test_an_instance_that_somebody_ends_during_the_launch_is_told_as_gone(remote, launch, work, lab, how):
    remote.delays_s["launch"] = 30.0
    instance = launch()
    with pytest.raises(AssertionError, match="still open"):
        work(rounds=2)
    getattr(remote.outside, how)(again(instance).remote_id)
    work()
    operation = operation_of(instance)
    assert (operation.state, operation.error_code) == ("failed", "gone")
    for _ in range(2):
        assert inventory.sync_account(instance.cloud.accounts.get().pk)
    assert (used(lab), drift(lab)) == (0, {})
    assert len(remote.asked("RunInstances")) == 1


@pytest.mark.parametrize(
    "said",
    [
        ("InvalidParameterValue", "Instance type does not exist"),
        ("InvalidParameterValue", "No"),
        ("InvalidInstanceTypeName.NotFound", "No"),
        ("Unsupported", "No"),
    ],
)
def test_a_type_that_disappeared_before_the_worker_came_is_told(remote, launch, work, lab, as_person, said):
    """Whatever the cloud's words for it are."""
    remote.faults.gone_type_said = said
    instance = launch()
    remote.outside.remove_type("m1.small")
    work()
    assert again(instance).status == Status.ERROR
    assert operation_of(instance).error_code == "gone-flavor"
    page = unescape(text_of(as_person.get(f"/t/lab/instances/{instance.pk}/")))
    assert "The flavor does not exist any more on the cloud." in page
    assert "Choose another flavor." in page
    assert (len(remote.instances), used(lab)) == (0, 0)


def test_an_image_that_disappeared_before_the_worker_came_is_told(remote, launch, work, image, lab):
    instance = launch()
    remote.outside.remove_image(image.remote_id)
    work()
    assert operation_of(instance).error_code == "refused-image-missing"
    assert (len(remote.instances), used(lab)) == (0, 0)


def test_a_full_round_leaves_nothing(remote, launch, work, as_bob, lab):
    instance = launch()
    work()
    actions.change(as_bob, instance.pk, "delete-now")
    work()
    assert {one.state for one in remote.instances.values()} == {"terminated"}
    assert (used(lab), drift(lab)) == (0, {})
    assert not Instance.objects.present().exists()


@on(release="4.4", mode="edge")
def test_a_look_between_a_launch_and_its_tags_takes_no_name_away(remote, launch, work):
    remote.faults.next("lost", "RunInstances")
    instance = launch("web")
    with pytest.raises(AssertionError, match="still open"):
        work(rounds=1)
    assert inventory.sync_account(instance.cloud.accounts.get().pk)
    assert (again(instance).name, instance.remote_id != "") == ("web", True)
    work()
    assert again(instance).name == "web"
    assert len(remote.instances) == 1

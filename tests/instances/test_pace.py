"""Nobody launches in a loop: more than the setting says in a minute are refused in words, and nothing is written."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.instances.models import Instance
from dashboard.instances.refusals import NotPossible
from dashboard.operations.models import Operation
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_a_minute(settings):
    settings.LAUNCHES_PER_MINUTE = 2


def test_the_third_in_a_minute_is_refused_and_a_minute_later_is_not(launch):
    launch("web-1")
    launch("web-2")
    with pytest.raises(NotPossible, match="2 instances in the last minute"):
        launch("web-3")
    assert Instance.objects.count() == 2
    Operation.objects.update(created_at=timezone.now() - timedelta(seconds=61))
    launch("web-3")


def test_somebody_else_is_not_held_up(launch, alice, lab):
    launch("web-1")
    launch("web-2")
    launch("web-3", actor=actor_of(alice, lab))


def test_the_form_says_so_and_keeps_what_was_typed(client, bob, launch, cloud, image, small):
    launch("web-1")
    launch("web-2")
    client.force_login(bob)
    form = {"name": "web-3", "cloud": cloud.pk, "image": image.pk, "flavor": small.pk, "key": "0" * 32}
    answer = client.post("/t/lab/instances/launch/", form)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "2 a minute are allowed" in text
    assert 'value="web-3"' in text

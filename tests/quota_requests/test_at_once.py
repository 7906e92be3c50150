"""Several at the same time: a rule approves one, one approver decides, and a launch starts once or is taken back."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.urls import reverse

from dashboard.audit.verify import first_broken
from dashboard.instances.models import Instance
from dashboard.operations.flow import AlreadyUnderWay
from dashboard.quota_requests import actions, starting
from dashboard.quota_requests.actions import NotPossible
from dashboard.quota_requests.models import CarriedLaunch, QuotaRequest, Rules
from dashboard.quotas.actions import Meanwhile
from dashboard.quotas.models import Quota

pytestmark = pytest.mark.django_db(transaction=True)


def together(*deeds):
    """Do them in threads of their own; what each returned, or raised."""

    def one(deed):
        try:
            return deed()
        except (NotPossible, Meanwhile, AlreadyUnderWay) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds))


def test_of_eight_small_requests_at_once_a_rule_approves_one(ask, lab, limit):
    Rules.objects.create(pk=1, is_on=True, percent=10, days=30, resources=["vcpus"])
    together(*[lambda: ask(vcpus=22)] * 8)
    states = sorted(QuotaRequest.objects.values_list("state", flat=True))
    assert states == ["approved", *["open"] * 7]
    assert limit(lab) == 22
    assert first_broken(str(lab.pk)) is None


def test_of_two_approvers_at_once_one_decides(ask, approve, as_alice, as_root, lab, limit):
    for _ in range(4):
        Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=20)
        request = ask(vcpus=32)
        answers = together(
            lambda asked=request: approve(asked),
            lambda asked=request: actions.deny(as_alice, asked.pk, comment="no"),
            lambda asked=request: approve(asked, was=20),
        )
        request.refresh_from_db()
        assert sum(isinstance(answer, QuotaRequest) for answer in answers) == 1
        assert request.lines.count() == 2
        assert limit(lab) == (32 if request.state == "approved" else 20)


def test_two_clicks_at_once_are_one_request(ask):
    made = together(*[lambda: ask(key="k")] * 4)
    assert len({request.pk for request in made}) == 1
    assert QuotaRequest.objects.count() == 1


def test_a_launch_starts_once_or_is_taken_back(ask, approve, as_bob, browser_of, bob, lab, cloud, image):
    browser, flavor = browser_of(bob), cloud.flavors.get(name="small")
    for number in range(4):
        typed = {"name": f"db-{number}", "cloud": cloud.pk, "image": image.pk, "flavor": flavor.pk, "key": "k"}
        answer = browser.post(reverse("quota-requests:carry", args=["lab"]), typed)
        request = ask(vcpus=40 + number, launch_id=uuid.UUID(answer["Location"].rpartition("=")[2]))
        approve(request)
        together(
            lambda pk=request.pk: starting.start(pk),
            lambda pk=request.pk: actions.take_back(as_bob, pk),
            lambda pk=request.pk: starting.start(pk),
        )
        launch = CarriedLaunch.objects.get(request=request)
        assert Instance.objects.filter(name=f"db-{number}").count() == (launch.state == "started")
        assert launch.state in {"started", "taken-back"}

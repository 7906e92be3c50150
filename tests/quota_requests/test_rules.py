"""The rule that approves small requests: at most so much more, and not twice within its days. Exact, whoever asks."""

from datetime import timedelta

import pytest

from dashboard.audit.models import Entry
from dashboard.instances.models import Instance
from dashboard.mail.models import OutgoingMail
from dashboard.quota_requests.models import QuotaRequest, Rules
from dashboard.quotas.models import Quota


@pytest.fixture
def rule(db):
    """At most 10 % more of vCPUs and memory, once in 30 days. vCPUs are 20."""
    return Rules.objects.create(pk=1, is_on=True, percent=10, days=30, resources=["vcpus", "ram_mib"])


def test_a_small_request_is_approved_at_once_by_the_system_with_the_rules_words(ask, rule, lab, bob, alice, limit):
    request = ask(vcpus=22)
    assert (request.state, request.by_rule, limit(lab)) == ("approved", True, 22)
    said = Entry.objects.get(verb="quota-request.approve")
    assert (said.actor, said.on_behalf_of) == ("system", "bob")
    assert said.after["comment"] == "By rule: at most 10 % more, and not twice within 30 days."
    changed = Entry.objects.get(verb="quota.change")
    assert (changed.actor, changed.on_behalf_of) == ("system", "bob")
    assert list(Entry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "quota-request.ask",
        "quota-request.approve",
        "quota.change",
    ]
    assert list(OutgoingMail.objects.values_list("to", flat=True)) == ["bob@example.org"]


@pytest.mark.parametrize(
    "limits",
    [
        {"vcpus": 23},  # 15 %
        {"vcpus": None},
        {"instances": 11},  # no resource of the rule
        {"vcpus": 22, "instances": 11},  # all of it has to be small
    ],
)
def test_what_is_not_small_waits(ask, rule, lab, limit, limits):
    assert ask(**limits).state == "open"
    assert limit(lab) == 20


def test_it_is_computed_in_whole_numbers(ask, rule, lab):
    Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=19)  # 10 % are 1.9
    assert ask(vcpus=21).state == "open"
    assert ask(vcpus=20).state == "approved"


def test_of_nothing_no_per_cent_is_given(ask, rule, lab):
    Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=0)
    assert ask(vcpus=1).state == "open"


def test_not_twice_within_its_days_and_again_afterwards(ask, rule, lab, limit):
    first = ask(vcpus=21)
    assert ask(vcpus=22).state == "open"
    assert ask(ram_mib=16400).state == "approved"  # another limit
    QuotaRequest.objects.filter(pk=first.pk).update(decided_at=first.decided_at - timedelta(days=30))
    assert ask(vcpus=22).state == "approved"
    assert limit(lab) == 22


def test_what_an_administrator_approved_does_not_count(ask, approve, rule):
    approve(ask(vcpus=40))
    assert ask(vcpus=41).state == "approved"


def test_another_tenant_has_its_own(ask, rule, charlie, other):
    from tests.conftest import actor_of

    assert ask(vcpus=22).state == ask(actor_of(charlie, other), vcpus=22).state == "approved"


@pytest.mark.parametrize("fields", [{"is_on": False}, {"resources": []}])
def test_a_rule_that_is_off_approves_nothing(ask, rule, fields):
    Rules.objects.update(**fields)
    assert ask(vcpus=21).state == "open"


def test_without_any_rule_everything_waits(ask):
    assert ask(vcpus=21).state == "open"
    assert Instance.objects.count() == 0

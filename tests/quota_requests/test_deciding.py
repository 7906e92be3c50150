"""Asking for limits, and what approvers make of it. Of two who decide at once exactly one does."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from dashboard.audit.models import Entry
from dashboard.mail.models import OutgoingMail
from dashboard.quota_requests import actions, tidying
from dashboard.quota_requests.actions import NotPossible
from dashboard.quota_requests.models import QuotaRequest, Rules
from dashboard.quotas.actions import Meanwhile
from dashboard.quotas.models import Plan, Quota, TenantPlan
from tests.conftest import actor_of


def entries():
    return list(Entry.objects.order_by("pk").values_list("actor", "verb"))


def mails():
    return sorted(OutgoingMail.objects.values_list("to", "subject"))


def lines(request):
    return list(request.lines.values_list("who", "what"))


def test_what_is_asked_for_changes_no_limit_and_approvers_are_told(ask, lab, alice, root, limit):
    request = ask(vcpus=32, instances=12)
    assert (request.state, limit(lab)) == ("open", 20)
    assert entries() == [("bob", "quota-request.ask")]
    subject = "bob asks for more quota in Lab"
    assert mails() == [("alice@example.org", subject), ("root@example.org", subject)]


def test_asking_twice_with_one_key_is_one_request(ask):
    assert ask(key="k").pk == ask(key="k").pk
    assert QuotaRequest.objects.count() == 1


def test_the_key_of_one_person_is_not_that_of_another(ask, as_alice):
    assert ask(key="k").pk != ask(as_alice, key="k").pk


def test_readers_cannot_ask(ask, rita, lab):
    with pytest.raises(PermissionDenied):
        ask(actor_of(rita, lab))


def test_a_person_has_at_most_twenty_that_wait(ask, approve):
    requests = [ask(vcpus=21 + number) for number in range(20)]
    with pytest.raises(NotPossible, match="Withdraw one"):
        ask()
    approve(requests[0])
    ask(vcpus=50)


def test_approving_raises_the_limits_and_tells_everybody(ask, approve, lab, limit):
    request = approve(ask(vcpus=32, instances=12), comment="until June")
    assert (request.state, request.decided_by_name) == ("approved", "root")
    assert (limit(lab), limit(lab, "instances")) == (32, 12)
    said = [("root", "quota-request.approve"), ("root", "quota.change"), ("root", "quota.change")]
    assert entries()[1:] == said
    assert lines(request) == [("bob", "ask"), ("root", "approve")]
    (mail,) = OutgoingMail.objects.filter(to="bob@example.org")
    assert mail.subject == "Your quota request in Lab is approved"


def test_less_is_given_and_what_is_as_it_was_is_not(ask, approve, lab, limit):
    request = approve(ask(vcpus=32, instances=12), vcpus=24, instances=10)
    assert request.state == "approved-less"
    assert (limit(lab), limit(lab, "instances")) == (24, 10)
    assert list(request.wishes.values_list("resource", "is_granted", "granted")) == [
        ("vcpus", True, 24),
        ("instances", False, None),
    ]


def test_less_than_is_used_may_be_given(ask, approve, lab, limit):
    Quota.objects.filter(tenant=lab, resource="vcpus").update(used=30)
    assert approve(ask(vcpus=40), vcpus=25).state == "approved-less"
    assert limit(lab) == 25


@pytest.mark.parametrize(
    ("given", "said"),
    [(33, "32 was asked for"), (None, "32 was asked for"), (19, "never lowers"), (20, "Nothing of it")],
)
def test_neither_more_nor_lower_nor_nothing_is_given(ask, approve, lab, limit, given, said):
    with pytest.raises(NotPossible, match=said):
        approve(ask(vcpus=32), vcpus=given)
    assert limit(lab) == 20
    assert QuotaRequest.objects.get().state == "open"


def test_unlimited_is_given_when_it_was_asked_for(ask, approve, lab, limit):
    approve(ask(vcpus=None))
    assert limit(lab) is None


def test_a_limit_that_somebody_changed_meanwhile_is_not_overwritten(ask, approve, lab, limit):
    request = ask(vcpus=32)
    Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=24)
    with pytest.raises(Meanwhile):
        approve(request, was=20)
    request.refresh_from_db()
    assert (request.state, limit(lab), lines(request)) == ("open", 24, [("bob", "ask")])


def test_what_was_withdrawn_cannot_be_approved(ask, approve, as_bob, lab, limit):
    request = ask()
    actions.withdraw(as_bob, request.pk)
    with pytest.raises(NotPossible, match="bob withdrew it 0 s ago"):
        approve(request)
    assert limit(lab) == 20


def test_the_second_who_decides_is_told_who_was_first(ask, approve, as_alice, lab, limit):
    request = ask()
    actions.deny(as_alice, request.pk, comment="not now")
    with pytest.raises(NotPossible, match="alice denied it 0 s ago"):
        approve(request)
    with pytest.raises(NotPossible, match="alice denied it"):
        actions.deny(as_alice, request.pk, comment="no")
    with pytest.raises(NotPossible, match="alice denied it"):
        actions.withdraw(as_alice, request.pk)
    assert limit(lab) == 20


@pytest.mark.parametrize("comment", ["", "  \n "])
def test_denying_needs_a_reason(ask, as_root, comment):
    with pytest.raises(NotPossible, match="Say why"):
        actions.deny(as_root, ask().pk, comment=comment)


def test_members_decide_nothing_and_withdraw_only_their_own(ask, as_bob, as_alice, approve, lab):
    mine, hers = ask(), ask(as_alice)
    for refused in (lambda: approve(mine, as_bob), lambda: actions.deny(as_bob, mine.pk, comment="x")):
        with pytest.raises(PermissionDenied):
            refused()
    with pytest.raises(PermissionDenied, match="Only alice"):
        actions.withdraw(as_bob, hers.pk)
    assert actions.withdraw(as_alice, mine.pk, comment="for now").state == "withdrawn"
    entry = Entry.objects.get(verb="quota-request.withdraw")
    assert (entry.before, entry.after) == ({"state": "open"}, {"state": "withdrawn", "comment": "for now"})


def test_another_tenants_manager_finds_nothing(ask, charlie, other):
    with pytest.raises(QuotaRequest.DoesNotExist):
        actions.deny(actor_of(charlie, other), ask().pk, comment="no")


# --- managers -----------------------------------------------------------------------------


def test_a_manager_endorses_and_administrators_hear_of_it(ask, as_alice, root):
    request = actions.endorse(as_alice, ask().pk, comment="we need it")
    assert request.state == "endorsed"
    assert ("root@example.org", "alice endorsed a quota request of bob in Lab") in mails()
    with pytest.raises(NotPossible, match="endorsed already"):
        actions.endorse(as_alice, request.pk)


def test_what_a_manager_asks_for_is_endorsed_and_not_their_own_to_decide(ask, as_alice, approve):
    request = ask(as_alice)
    assert request.state == "endorsed"
    with pytest.raises(NotPossible, match="your own request"):
        actions.deny(as_alice, request.pk, comment="x")
    approve(request)


def test_managers_approve_nothing_until_administrators_let_them(ask, as_alice, approve, lab, limit):
    with pytest.raises(NotPossible, match="Only administrators may approve"):
        approve(ask(vcpus=21), as_alice)
    assert limit(lab) == 20


def test_managers_approve_up_to_their_ceiling_over_the_plan(ask, as_alice, approve, lab, limit):
    plan = Plan.objects.create(name="Small", key="small", limits={"vcpus": 20})
    TenantPlan.objects.create(tenant=lab, plan=plan)
    Rules.objects.create(pk=1, managers_percent=25)
    request = ask(vcpus=26)
    with pytest.raises(NotPossible, match="Managers may approve up to 25"):
        approve(request, as_alice)
    assert approve(request, as_alice, vcpus=25).state == "approved-less"
    assert limit(lab) == 25
    with pytest.raises(NotPossible, match="up to 25"):  # the ceiling does not move with the limit
        approve(ask(vcpus=26), as_alice)


# --- what time makes of them --------------------------------------------------------------


def test_a_request_whose_limits_were_raised_otherwise_is_closed(ask, lab):
    request, other = ask(vcpus=32), ask(vcpus=64)
    Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=32)
    tidying.tidy()
    assert [QuotaRequest.objects.get(pk=one.pk).state for one in (request, other)] == ["obsolete", "open"]


def test_what_nobody_decided_within_thirty_days_is_closed_and_told(ask, approve):
    request = ask()
    QuotaRequest.objects.update(created_at=timezone.now() - tidying.KEPT)
    tidying.tidy()
    request.refresh_from_db()
    assert (request.state, lines(request)[-1]) == ("obsolete", ("system", "obsolete"))
    assert ("bob@example.org", "Your quota request in Lab is closed") in mails()
    with pytest.raises(NotPossible, match="no longer needed"):
        approve(request)


def test_what_is_there_by_now_can_still_be_approved(ask, approve, lab, limit):
    request = ask(vcpus=32)
    Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=40)
    assert approve(request).state == "approved"
    assert limit(lab) == 40

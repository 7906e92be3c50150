"""What the mails of requests say: to whom, what was asked for and given, and where to go on."""

import pytest

from dashboard.accounts.models import User
from dashboard.mail import tasks
from dashboard.quota_requests import actions
from dashboard.quota_requests.models import Rules


@pytest.fixture
def sent(mailoutbox):
    """The mails that left, by address; the last to each."""

    def deliver():
        tasks.deliver()
        return {mail.to[0]: mail for mail in mailoutbox}

    return deliver


def test_approvers_read_what_is_asked_for_and_where_to_decide(ask, alice, sent):
    request = ask(vcpus=32, ram_mib=None, reason="for R&D <soon>")
    mail = sent()["alice@example.org"]
    assert mail.subject == "bob asks for more quota in Lab"
    assert "- vCPUs: 20 → 32\n- Memory: 16 GiB → unlimited\n" in mail.body
    assert "for R&D <soon>" in mail.body
    assert f"/t/lab/quota/requests/{request.pk}/" in mail.body


def test_a_manager_reads_what_they_may_do_and_an_administrator_that_they_decide(ask, alice, root, sent):
    ask()
    mails = sent()
    assert "Decide it here: http" in mails["root@example.org"].body
    assert "Decide" not in mails["alice@example.org"].body
    assert "You can endorse it, so that administrators see it first, or deny it." in mails["alice@example.org"].body
    Rules.objects.create(pk=1, managers_percent=25)
    ask(disk_gib=200)
    assert "Decide it here: http" in sent()["alice@example.org"].body


def test_whoever_asked_reads_what_is_given_by_whom_and_why(ask, approve, sent):
    approve(ask(vcpus=32), vcpus=24, comment="until June")
    mail = sent()["bob@example.org"]
    assert mail.subject == "Your quota request in Lab is approved in part"
    assert "- vCPUs: 20 → 32 (24 given)" in mail.body
    assert "By root.\nuntil June\n" in mail.body


def test_a_limit_of_which_nothing_is_given_says_so(ask, approve, sent):
    approve(ask(vcpus=32, ram_mib=34 * 1024), ram_mib=16 * 1024)
    body = sent()["bob@example.org"].body
    assert "- vCPUs: 20 → 32\n" in body
    assert "- Memory: 16 GiB → 34 GiB (nothing given)\n" in body


def test_nobody_is_told_of_what_they_did_themselves_nor_without_an_address(ask, as_bob, alice, root, sent):
    User.objects.filter(pk=alice.pk).update(email="")
    actions.withdraw(as_bob, ask().pk)
    assert set(sent()) == {"root@example.org"}

"""Asking for an account: off by default, the address proven first, decided by an administrator."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.audit.models import Entry
from dashboard.mail import tasks
from dashboard.mail.models import OutgoingMail
from dashboard.people import sign_up
from dashboard.people.actions import NotPossible
from dashboard.people.models import Invitation, SignUp
from dashboard.tenancy.access import Administrator
from dashboard.tenancy.models import Membership, Role
from tests.conftest import make_user

from .conftest import done, links, text

ASK = "/accounts/request/"
DORA = {"address": "dora@example.org", "full_name": "Dora Explorer", "wish": "Lab <1>", "purpose": "To compute."}


@pytest.fixture(autouse=True)
def is_open(settings, db):
    settings.SIGN_UP = True


@pytest.fixture
def admin(signed_in, root):
    return signed_in(root)


@pytest.fixture
def waiting(client, root, mailoutbox) -> SignUp:
    """Dora asked, and proved her address."""
    client.post(ASK, DORA)
    client.post(links(mailoutbox)[0])
    return SignUp.objects.get()


def test_it_is_off_until_a_setting_turns_it_on(client, settings):
    assert ASK in text(client.get("/accounts/login/"))
    settings.SIGN_UP = False
    assert ASK not in text(client.get("/accounts/login/"))
    assert client.get(ASK).status_code == client.post(ASK, DORA).status_code == 404


def test_the_whole_way_from_asking_to_being_in(client, admin, lab, mailoutbox):
    assert "Look into your mail" in text(client.post(ASK, DORA))
    assert "Nobody waits" in text(admin.get("/users/requests/")), "not before the address is proven"
    (prove,) = links(mailoutbox)
    assert "Lab" not in mailoutbox[0].body, "what a stranger typed is not mailed to an address that is anybody's"
    client.get(prove)
    assert SignUp.objects.get().verified_at is None, "looking proves nothing"
    assert "Your request is on its way" in text(client.post(prove))
    page = links(mailoutbox)[1]
    assert mailoutbox[1].to == ["root@example.org"]
    assert "Lab <1>" in mailoutbox[1].body
    assert "1 request" in text(admin.get("/users/"))
    shown = text(admin.get(page))
    assert "To compute." in shown
    assert client.get(page)["Location"].startswith("/accounts/login/?next=/users/requests/")
    assert "is accepted" in done(admin, f"{page}accept/", {"tenant": "lab", "role": "reader"})
    invitation = links(mailoutbox)[2]
    assert 'value="Dora Explorer"' in text(client.get(invitation))
    client.post(invitation, {"username": "dora", "full_name": "Dora", "password": "eleven small oranges"})
    assert Membership.objects.get(user__username="dora", tenant=lab).role == Role.READER
    verbs = list(Entry.objects.filter(object_kind="sign-up").order_by("pk").values_list("verb", "actor"))
    assert verbs == [("sign-up.ask", "anonymous"), ("sign-up.accept", "root")]


def test_who_is_rejected_is_told_why(waiting, admin, mailoutbox):
    here = f"/users/requests/{waiting.pk}/reject/"
    wrong = admin.post(here, {"reason": ""})
    assert wrong.status_code == 422
    for answer in (admin.get(f"/users/requests/{waiting.pk}/"), wrong):
        assert "It is mailed to them word for word" in text(answer)
        assert "Other administrators see it" not in text(answer)
    assert "is rejected" in done(admin, here, {"reason": "Ask your own department."})
    tasks.deliver()
    assert mailoutbox[-1].to == ["dora@example.org"]
    assert "Ask your own department." in mailoutbox[-1].body
    assert not Invitation.objects.exists()


def test_a_known_address_is_answered_the_same_and_only_its_owner_learns_of_it(client, bob, mailoutbox):
    pages = [text(client.post(ASK, DORA | {"address": a})) for a in ("bob@example.org", "new@example.org")]
    same = [page.split("<main")[1].replace("bob@", "@").replace("new@", "@") for page in pages]
    assert same[0] == same[1]
    assert links(mailoutbox)[0] == "/accounts/login/"
    assert SignUp.objects.get().address == "new@example.org"


@pytest.mark.parametrize(
    "wrong", [{"address": "x"}, {"address": ""}, {"full_name": ""}, {"wish": ""}, {"purpose": ""}, {"wish": "a\nb"},
              {"purpose": "x" * 2001}, {"full_name": "a\0"}]
)  # fmt: skip
def test_what_is_missing_is_said_and_what_was_typed_stays(client, wrong):
    answer = client.post(ASK, DORA | wrong)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in text(answer)
    assert not SignUp.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_asking_often_is_slowed_down_for_known_and_unknown_alike(client, bob):
    for address in ("bob@example.org", "new@example.org"):
        asked = DORA | {"address": address}
        answers = [client.post(ASK, asked, REMOTE_ADDR=f"10.0.0.{number}").status_code for number in range(5)]
        assert answers == [200, 200, 200, 429, 429]


def test_the_last_that_was_typed_counts_until_the_address_is_proven(client, mailoutbox):
    client.post(ASK, DORA)
    client.post(ASK, DORA | {"address": "DORA@example.org", "wish": "Other"})
    old, new = links(mailoutbox)
    assert client.get(old).status_code == 410
    client.post(new)
    client.post(ASK, DORA | {"wish": "Third"})
    assert SignUp.objects.get().wish == "Other"


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_is_too_old_or_none(client, mailoutbox, method):
    client.post(ASK, DORA)
    (link,) = links(mailoutbox)
    SignUp.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for url in (link, f"{ASK}nonsense/"):
        answer = getattr(client, method)(url)
        assert answer.status_code == 410
        assert "This link is not good" in text(answer)
    assert SignUp.objects.get().verified_at is None


def test_proving_twice_tells_the_administrators_once(waiting, client, mailoutbox):
    client.post(links(mailoutbox)[0])
    links(mailoutbox)
    assert [mail.to for mail in mailoutbox].count(["root@example.org"]) == 1


def test_who_got_an_account_meanwhile_is_not_accepted_again(waiting, admin, lab):
    make_user("dora")
    answer = admin.post(f"/users/requests/{waiting.pk}/accept/", {"tenant": "lab", "role": "member"})
    assert answer.status_code == 422
    assert "has an account already: dora." in text(answer)
    assert SignUp.objects.get().decision == ""


def test_the_second_decision_is_refused_and_names_the_first(waiting, admin):
    done(admin, f"/users/requests/{waiting.pk}/reject/", {"reason": "no"})
    answer = admin.post(f"/users/requests/{waiting.pk}/accept/", {"tenant": "", "role": "member"})
    assert answer.status_code == 422
    assert "root decided on this already." in text(answer)


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_at_once_one_decides(waiting, root):
    second = make_user("second", is_superuser=True)
    start = Barrier(2)

    def run(user: User) -> str:
        start.wait()
        try:
            sign_up.accept(Administrator(user=user), waiting.pk, tenant=None, role=Role.READER)
        except NotPossible:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(run, [root, second])) == ["done", "refused"]
    assert Invitation.objects.count() == 1

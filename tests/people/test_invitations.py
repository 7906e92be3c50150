"""Inviting by mail: what leaves, who may come in by it, and everything that is wrong with a link."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.audit.models import Entry
from dashboard.mail.models import OutgoingMail
from dashboard.people import accepting, invitations
from dashboard.people.models import Invitation
from dashboard.tenancy.models import Membership, Role
from tests.conftest import PASSWORD, actor_of, make_user

from .conftest import done, links, text

INVITE = "/t/lab/people/invite/"
DORA = {"username": "dora", "full_name": "Dora Explorer", "password": "eleven small oranges"}


def invite(browser, addresses="dora@example.org", role="member", **more):
    return browser.post(INVITE, {"addresses": addresses, "role": role, **more})


@pytest.fixture
def by_alice(signed_in, alice, lab):
    return signed_in(alice)


@pytest.fixture
def link(by_alice, mailoutbox):
    """Alice invited dora@example.org as a member."""
    assert invite(by_alice).status_code == 303
    return links(mailoutbox)[0]


def test_the_mail_says_who_invites_where_as_what_and_for_how_long(by_alice, mailoutbox):
    invite(by_alice, message="See you on Monday <b>!</b>")
    links(mailoutbox)
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["dora@example.org"], "Invitation to Lab (lab) on Skydeck")
    for part in ("alice invites you to “Lab (lab)” as Member.", "See you on Monday <b>!</b>", "It is good for 7 days"):
        assert part in mail.body
    assert "\n\n\n" not in mail.body


def test_the_mail_to_whoever_is_to_manage_says_what_that_is(by_alice, mailoutbox):
    invite(by_alice, role="manager")
    links(mailoutbox)
    assert "Does what members do, decides who is in the tenant, and sees its audit trail." in mailoutbox[0].body


def test_the_link_never_comes_from_the_host_header(signed_in, alice, mailoutbox, settings):
    settings.ALLOWED_HOSTS = ["evil.example"]
    signed_in(alice).post(INVITE, {"addresses": "d@example.org", "role": "reader"}, headers={"Host": "evil.example"})
    assert links(mailoutbox)
    assert "evil" not in mailoutbox[0].body


def test_only_a_hash_of_the_link_is_kept(link):
    token = link.split("/")[2]
    assert len(token) == 43  # 256 bits
    assert token not in str(list(Invitation.objects.values()) + list(Entry.objects.values()))


def test_several_at_once_each_once_and_all_or_none(by_alice, bob, mailoutbox):
    answer = invite(by_alice, "a@example.org, B@example.org\nb@example.org;c@example.org  a@example.org")
    assert "3 invitations are on their way." in text(by_alice.get(answer["Location"]))
    assert len(links(mailoutbox)) == 3
    refused = invite(by_alice, "x@example.org bob@example.org")
    assert refused.status_code == 422
    assert "bob@example.org is Member here already." in text(refused)
    assert "x@example.org" in text(refused), "what was typed stays"
    assert Invitation.objects.count() == 3


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "This field is required."),
        ("nonsense", "“nonsense” is no email address."),
        ("a@b@c", "is no email address"),
        ("a@example.org\nBcc:x@example.org", "is no email address"),
        (" ".join(f"a{number}@example.org" for number in range(51)), "Not more than 50 at once."),
        ("x" * 250 + "@example.org", "is too long"),
    ],
)
def test_what_is_no_address_is_said_at_the_field(by_alice, typed, said):
    answer = invite(by_alice, typed)
    assert answer.status_code == 422
    assert said in text(answer)
    assert not OutgoingMail.objects.exists()


def test_a_role_of_the_installation_cannot_be_given(by_alice):
    assert invite(by_alice, role="admin").status_code == 422


def test_whether_an_address_has_an_account_elsewhere_cannot_be_seen(by_alice, charlie, mailoutbox):
    pages = [
        done(by_alice, INVITE, {"addresses": a, "role": "member"}) for a in ("charlie@example.org", "n@example.org")
    ]
    links(mailoutbox)
    assert mailoutbox[0].body.split("http")[0] == mailoutbox[1].body.split("http")[0]
    assert ["1 invitation is on its way." in page for page in pages] == [True, True]


def test_the_second_to_the_same_address_takes_the_place_of_the_first(by_alice, client, mailoutbox):
    invite(by_alice)
    page = done(by_alice, INVITE, {"addresses": "DORA@example.org", "role": "reader"})
    assert "Sent again, and the link before is no good any more: DORA@example.org." in page
    first, second = links(mailoutbox)
    old = client.get(first)
    assert old.status_code == 410
    assert "There is a newer invitation" in text(old)
    assert client.get(second).status_code == 200
    assert [i.role for i in Invitation.objects.pending()] == ["reader"]
    assert [e.verb for e in Entry.objects.order_by("pk")] == ["invitation.send", "invitation.resend"]


# --- coming in ----------------------------------------------------------------------


def test_looking_at_the_link_accepts_nothing(link, client, signed_in, other):
    make_user("dora", other, Role.READER)
    for browser in (client, signed_in(User.objects.get(username="dora"))):
        for method in (browser.get, browser.head):
            assert method(link).status_code == 200
    assert Invitation.objects.get().ending == ""


def test_somebody_new_chooses_a_name_and_a_password_and_is_in(link, client, lab):
    page = client.get(link)
    assert "Join Lab (lab)" in text(page)
    assert 'value="dora"' in text(page), "the address suggests a name"
    answer = client.post(link, DORA)
    assert answer["Location"] == "/t/lab/"
    assert client.get("/t/lab/instances/").status_code == 200
    dora = User.objects.get(username="dora")
    assert (dora.email, dora.get_full_name()) == ("dora@example.org", "Dora Explorer")
    assert dora.check_password(DORA["password"])
    assert Membership.objects.get(user=dora, tenant=lab).role == Role.MEMBER
    said = {(entry.verb, entry.actor, bool(entry.tenant)) for entry in Entry.objects.filter(actor="dora")}
    assert said == {
        ("invitation.accept", "dora", True),
        ("user.create", "dora", False),
        ("user.sign-in", "dora", False),
    }
    assert Entry.objects.get(verb="user.create").after == {"email": "dora@example.org", "name": "Dora Explorer"}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password": "short"}, "too short"),
        ({"password": "password123"}, "too common"),
        ({"password": "x" * 10_000}, ">At most 256 characters are possible.</span>"),
        ({"username": ""}, "This field is required."),
        ({"username": "alice"}, "Somebody has that name already."),
        ({"username": "ALICE"}, "Somebody has that name already."),
        ({"username": "system"}, "Somebody has that name already."),
        ({"username": "\u0430lice"}, "It mixes letters of several scripts"),  # the first one is Cyrillic
        ({"username": "\u0430\u04cf\u0456\u0441\u0435"}, "Somebody has that name already."),  # all are
        ({"username": "\uff41\uff4c\uff49\uff43\uff45"}, "Somebody has that name already."),  # full width
        ({"username": "boss@example.org"}, "A username has no @."),
        ({"username": "a b"}, "Enter a valid username."),
        ({"full_name": "a\u202eb"}, "cannot be seen"),
        ({"username": "x\0"}, "Null characters are not allowed."),
    ],
)
def test_a_bad_choice_is_said_at_its_field_and_nothing_is_made(link, client, typed, said):
    answer = client.post(link, DORA | typed)
    assert answer.status_code == 422
    assert said in text(answer)
    assert DORA["password"] not in text(answer)
    assert not User.objects.filter(email="dora@example.org").exists()
    assert Invitation.objects.get().ending == ""


def test_who_has_an_account_signs_in_first_and_then_accepts(link, client, other, lab):
    make_user("dora", other, Role.READER)
    page = text(client.get(link))
    sign_in = f"/accounts/login/?next={link.replace('/', '%2F')}"
    assert sign_in in page
    assert client.post(link, DORA).status_code == 409, "nobody gets a second account with the address"
    answer = client.post("/accounts/login/", {"login": "dora", "password": PASSWORD, "next": link})
    assert answer["Location"] == link
    assert "You are Member of Lab (lab) now." in done(client, link)
    assert Membership.objects.filter(user__username="dora").count() == 2


def test_somebody_else_is_told_for_whom_it_is(link, signed_in, charlie):
    browser = signed_in(charlie)
    page = text(browser.get(link))
    assert "It was sent to dora@example.org, and you are signed in as charlie." in page
    assert f'name="next" value="{link}"' in page
    assert browser.post(link).status_code == 409
    assert not Membership.objects.filter(user=charlie, tenant__slug="lab").exists()
    assert browser.post("/accounts/logout/", {"next": link})["Location"] == link


@pytest.mark.parametrize(
    ("state", "status", "said"),
    [
        ("used", 410, "This invitation was accepted already"),
        ("withdrawn", 410, "This invitation was withdrawn"),
        ("late", 410, "This invitation is too old"),
        ("cut off", 404, "This link is not good"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_is_no_good_says_why_and_whom_to_ask(link, client, by_alice, state, status, said, method):
    pk = Invitation.objects.get().pk
    if state == "used":
        client.post(link, DORA)
        client.logout()
    elif state == "withdrawn":
        by_alice.post(f"/t/lab/people/invitations/{pk}/withdraw/")
    elif state == "late":
        Invitation.objects.update(expires_at=timezone.now())
    else:
        link = link[:-3] + "/"
    before = User.objects.count()
    answer = getattr(client, method)(link, DORA | {"username": "dora2"})
    assert answer.status_code == status
    assert said in text(answer)
    assert ("alice" in text(answer)) or state == "cut off"
    assert User.objects.count() == before


def test_who_was_let_in_meanwhile_keeps_their_role(link, signed_in, lab):
    dora = make_user("dora", lab, Role.MANAGER)
    assert "You are in Lab (lab) already." in done(signed_in(dora), link)
    assert Membership.objects.get(user=dora).role == Role.MANAGER


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_one_link_at_once_one_gets_in(link):
    found, start = Invitation.objects.get(), Barrier(2)

    def run(name) -> str:
        start.wait()
        try:
            accepting.begin(found, username=name, full_name="", password="x", address=None)
        except (accepting.Over, accepting.NotPossible):
            return "refused"
        finally:
            connection.close()
        return "in"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(run, ("dora", "dora2"))) == ["in", "refused"]
    assert User.objects.filter(email="dora@example.org").count() == 1


# --- those that wait ------------------------------------------------------------------


def test_managers_see_who_waits_and_members_do_not(link, by_alice, signed_in, bob):
    assert "dora@example.org" in text(by_alice.get("/t/lab/people/"))
    assert "dora@example.org" not in text(signed_in(bob).get("/t/lab/people/"))


def test_sending_again_gives_it_a_new_link_and_a_new_end(link, by_alice, client, mailoutbox):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "Expired" in text(by_alice.get("/t/lab/people/"))
    pk = Invitation.objects.get().pk
    assert "is sent again" in done(by_alice, f"/t/lab/people/invitations/{pk}/send-again/")
    assert client.get(links(mailoutbox)[-1]).status_code == 200
    assert Invitation.objects.pending().get().expires_at > timezone.now() + timedelta(days=6)
    page = done(by_alice, f"/t/lab/people/invitations/{pk}/send-again/")
    assert "accepted or withdrawn already" in page


def test_an_invitation_of_another_tenant_cannot_be_touched(link, signed_in, charlie, other):
    pk = Invitation.objects.get().pk
    for verb in ("send-again", "withdraw"):
        signed_in(charlie).post(f"/t/other/people/invitations/{pk}/{verb}/")
    assert Invitation.objects.get().ending == ""


def test_one_address_gets_five_mails_a_day_and_then_no_more(by_alice):
    for _ in range(5):
        assert invite(by_alice).status_code == 303
    sixth = invite(by_alice)
    assert sixth.status_code == 422
    assert "dora@example.org got 5 mails within a day." in text(sixth)
    again = f"/t/lab/people/invitations/{Invitation.objects.pending().get().pk}/send-again/"
    assert "got 5 mails within a day" in done(by_alice, again)
    assert OutgoingMail.objects.count() == 5


def test_so_many_an_hour_and_no_more_also_by_two_managers(by_alice, signed_in, lab, monkeypatch):
    monkeypatch.setattr(invitations, "PER_HOUR", 4)
    second = make_user("second", lab, Role.MANAGER)
    invite(by_alice, "a@example.org b@example.org c@example.org")
    answer = invite(signed_in(second), "d@example.org e@example.org")
    assert "More than 4 invitations an hour are not possible." in text(answer)
    assert invite(signed_in(second), "d@example.org").status_code == 303
    assert Invitation.objects.count() == 4


def test_a_manager_no_more_invites_nobody(by_alice, alice, lab):
    actor = actor_of(alice, lab)
    Membership.objects.filter(user=alice).update(role=Role.MEMBER)
    with pytest.raises(PermissionDenied):
        invitations.invite(actor, ["d@example.org"], role=Role.MANAGER)

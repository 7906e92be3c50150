"""Who gets a ticket, and what makes it worthless."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard.clouds.interface import ConsoleKind, Status
from dashboard.consoles.endings import Close, Ended
from dashboard.consoles.models import Ticket
from dashboard.consoles.tickets import PER_MINUTE, issue, redeem, visitor_of
from dashboard.instances.models import Instance
from dashboard.tenancy.models import Membership, Role
from tests.conftest import actor_of
from tests.web import cookie_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cookie(bob):
    return cookie_of(bob)


@pytest.fixture
def token(bob, lab, instance, cookie):
    return issue(actor_of(bob, lab), instance, kind=ConsoleKind.SERIAL, session_key=cookie.partition("=")[2])


def use(token, cookie):
    return redeem(token, visitor=visitor_of(cookie), address="127.0.0.1", process="here")


def refusal(token, cookie):
    with pytest.raises(Ended) as raised:
        use(token, cookie)
    return raised.value.code


def test_it_opens_the_console_that_it_was_given_for(token, cookie, instance, bob):
    console = use(token, cookie)
    assert (console.instance, console.kind) == (instance, ConsoleKind.SERIAL)
    assert console.visit.user_id == bob.pk


def test_it_opens_once(token, cookie):
    use(token, cookie)
    assert refusal(token, cookie) is Close.TICKET


def test_it_is_worthless_after_thirty_seconds(token, cookie):
    Ticket.objects.update(created_at=timezone.now() - timedelta(seconds=31))
    assert refusal(token, cookie) is Close.TICKET


def test_it_still_works_after_twenty_nine_seconds(token, cookie):
    Ticket.objects.update(created_at=timezone.now() - timedelta(seconds=29))
    assert use(token, cookie)


def test_it_is_worthless_for_another_user(token, cookie, alice):
    assert refusal(token, cookie_of(alice)) is Close.TICKET
    assert use(token, cookie), "and the attempt did not use it up"


def test_it_is_worthless_in_another_session_of_the_same_user(token, bob):
    assert refusal(token, cookie_of(bob)) is Close.TICKET


@pytest.mark.parametrize("cookies", [None, "", "skydeck=", "skydeck=nonsense"])
def test_it_is_worthless_without_a_sign_in(token, cookies):
    assert refusal(token, cookies) is Close.TICKET


def test_a_forged_one_opens_nothing(token, cookie):
    for forged in ("", "x", token[:-1], token + "x", token.swapcase()):
        assert refusal(forged, cookie) is Close.TICKET


def test_it_is_worthless_after_the_membership_ended(token, cookie, bob):
    Membership.objects.filter(user=bob).delete()
    assert refusal(token, cookie) is Close.RIGHTS


def test_it_is_worthless_for_who_may_only_read_now(token, cookie, bob):
    Membership.objects.filter(user=bob).update(role=Role.READER)
    assert refusal(token, cookie) is Close.RIGHTS


@pytest.mark.parametrize(
    "changed", [{"deleted_at": timezone.now()}, {"status": Status.SHUTOFF}], ids=["deleted", "stopped"]
)
def test_it_is_worthless_when_the_instance_is_not_there_any_more(token, cookie, instance, changed):
    Instance.objects.filter(pk=instance.pk).update(**changed)
    assert refusal(token, cookie) is Close.GONE


def test_only_hashes_are_kept(token, cookie):
    kept = Ticket.objects.values().get()
    assert token not in str(kept)
    assert cookie.partition("=")[2] not in str(kept)


def test_it_has_256_bits(token):
    assert len(token) == 43  # 32 bytes in base64


# --- asking for one ------------------------------------------------------------


def refused(reason):
    return {"reason": reason, "held": False, "full": False}


def ask(user, instance, kind="serial", tenant="lab"):
    browser = Client()
    browser.force_login(user)
    return browser.post(reverse("consoles:ticket", args=[tenant, instance.pk, kind]))


def test_a_member_gets_one_and_a_reader_does_not(bob, rita, instance):
    assert ask(bob, instance).status_code == 200
    assert ask(rita, instance).status_code == 403


def test_a_stranger_gets_none_and_learns_nothing(charlie, instance):
    assert ask(charlie, instance).status_code == 404
    assert ask(charlie, instance, tenant="other").status_code == 404


def test_an_unknown_kind_of_console_is_not_found(bob, instance):
    assert ask(bob, instance, kind="telnet").status_code == 404


def test_it_says_why_there_is_none(bob, instance):
    answer = ask(bob, instance, kind="vnc")
    assert (answer.status_code, answer.json()) == (409, refused("The cloud pretend cannot do this."))
    Instance.objects.update(status=Status.SHUTOFF)
    answer = ask(bob, instance)
    assert (answer.status_code, answer.json()) == (409, refused("Not possible while its status is Stopped."))


def test_one_person_gets_so_many_in_a_minute(bob, alice, instance):
    browser = Client()
    browser.force_login(bob)
    url = reverse("consoles:ticket", args=["lab", instance.pk, "serial"])
    assert [browser.post(url).status_code for _ in range(PER_MINUTE + 1)] == [200] * PER_MINUTE + [429]
    assert ask(alice, instance).status_code == 200


def test_it_is_never_stored_by_a_browser_or_a_proxy(bob, instance):
    assert ask(bob, instance)["Cache-Control"] == "no-store"


def test_the_form_of_another_site_gets_none(bob, instance):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(bob)
    assert browser.post(reverse("consoles:ticket", args=["lab", instance.pk, "serial"])).status_code == 403


def test_before_a_new_size_is_confirmed_one_can_look_inside(bob, token, cookie, instance):
    Instance.objects.filter(pk=instance.pk).update(status=Status.RESIZED)
    assert use(token, cookie), "a console that was asked for before stays good, too"
    assert ask(bob, instance).status_code == 200

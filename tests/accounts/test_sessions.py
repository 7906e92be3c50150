"""The list of one's sessions, and ending them."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from dashboard.accounts.sessions import device_of
from dashboard.audit.models import Entry
from tests.web import EventReader, web_process

from .conftest import signed_in

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


def row_of(client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


def test_what_a_browser_calls_itself():
    assert device_of(FIREFOX) == "Firefox on Linux"
    assert device_of(CHROME) == "Chrome on Windows"
    assert device_of("curl/8.5.0") == "curl/8.5.0"
    assert device_of("") == "Unknown browser"


def test_one_ends_another_session_of_ones_own(bob):
    here, there = signed_in(bob), signed_in(bob)
    page = here.get("/accounts/").content.decode()
    assert page.count("This one") == 1
    assert page.count(">End<") == 1
    here.post(f"/accounts/sessions/{row_of(there).pk}/end/")
    assert there.get("/accounts/").status_code == 302
    assert here.get("/accounts/").status_code == 200
    assert Entry.objects.get(verb="user.session-end").before == {"device": "Unknown browser", "address": "127.0.0.1"}


def test_nobody_ends_a_session_of_somebody_else(bob, alice):
    of_bob, of_alice = signed_in(bob), signed_in(alice)
    assert of_bob.post(f"/accounts/sessions/{row_of(of_alice).pk}/end/").status_code == 404
    assert of_alice.get("/accounts/").status_code == 200


def test_all_others_end_at_once(bob, alice):
    here, *others = (signed_in(bob) for _ in range(3))
    of_alice = signed_in(alice)
    here.post("/accounts/sessions/end-others/")
    assert [client.get("/accounts/").status_code for client in (here, *others, of_alice)] == [200, 302, 302, 200]
    assert Entry.objects.filter(verb="user.session-end").count() == 2


def test_a_changed_password_ends_all_others_and_this_one_goes_on(bob):
    here, there = signed_in(bob), signed_in(bob)
    before = here.session.session_key
    data = {
        "oldpassword": "correct horse battery",
        "password1": "staple of the horse",
        "password2": "staple of the horse",
    }
    assert here.post("/accounts/password/", data)["Location"] == "/accounts/"
    assert here.get("/accounts/").status_code == 200
    assert here.get("/accounts/").content.decode().count("This one") == 1
    assert here.session.session_key != before
    assert there.get("/accounts/").status_code == 302
    assert UserSession.objects.filter(user=bob).count() == 1


def test_the_list_costs_the_same_however_many_there_are(bob, django_assert_max_num_queries):
    here = signed_in(bob)
    for _ in range(5):
        signed_in(bob)
    here.get("/accounts/")
    with django_assert_max_num_queries(8):
        here.get("/accounts/")


def test_being_seen_is_written_once_a_minute(bob, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, settings.LAST_SEEN]
    here, long_ago = signed_in(bob), timezone.now() - timedelta(hours=1)
    UserSession.objects.update(last_seen_at=long_ago)
    here.get("/accounts/", headers={"User-Agent": FIREFOX})
    assert row_of(here).last_seen_at == long_ago  # the sign-in was a moment ago
    cache.clear()
    here.get("/accounts/", headers={"User-Agent": FIREFOX})
    assert (row_of(here).last_seen_at > long_ago, row_of(here).user_agent) == (True, FIREFOX)


def test_no_session_is_made_for_somebody_who_is_not_signed_in(client, bob):
    for _ in range(20):
        client.get("/accounts/login/?next=/t/lab/")
        client.get("/accounts/login/passkey/")
        client.post("/accounts/login/passkey/", {"credential": "{}"})
        client.post("/accounts/app/", {"code": "1"})
        client.post("/accounts/sessions/end-others/")
        Client().get("/accounts/recovery-codes/")
    assert Session.objects.count() == 0


def test_signing_out_empties_the_browser(bob):
    answer = signed_in(bob).post("/accounts/logout/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'


def test_an_ended_session_ends_its_streams(transactional_db, bob):
    here, there = signed_in(bob), signed_in(bob)
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in there.cookies.items())
    with web_process() as web:
        reader = EventReader(web, cookie)
        try:
            assert reader.response.status_code == 200
            here.post(f"/accounts/sessions/{row_of(there).pk}/end/")
            assert reader.ended(within_s=5) < 5
        finally:
            reader.close()

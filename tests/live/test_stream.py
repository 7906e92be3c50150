"""The event stream over real sockets: delivery, tenants, rights, limits, replay."""

import time
import uuid

import httpx
import pytest
from django.contrib.sessions.models import Session
from django.db import transaction

from dashboard.live.models import Event
from dashboard.live.publish import publish
from dashboard.tenancy.models import Membership
from tests.web import EventReader, cookie_of, reading, wait_until

pytestmark = pytest.mark.slow


def test_a_change_arrives_within_a_second(web, bob, lab):
    with reading(web, bob) as reader:
        start = time.monotonic()
        publish(lab.pk, "instances", object_id="one")
        assert reader.next_change() == ("instances", "one")
        assert time.monotonic() - start < 1


def test_a_change_for_everybody_arrives_at_both_tenants(web, bob, charlie):
    with reading(web, bob) as one, reading(web, charlie, tenant="other") as two:
        publish(None, "clouds", object_id="c")
        assert one.next_change() == two.next_change() == ("clouds", "c")


def test_a_tenant_never_hears_of_another(web, bob, charlie, lab, other):
    with reading(web, bob) as one, reading(web, charlie, tenant="other") as two:
        publish(lab.pk, "instances", object_id="ours")
        publish(other.pk, "instances", object_id="theirs")
        assert one.next_change() == ("instances", "ours")
        assert two.next_change() == ("instances", "theirs")
        assert one.is_silent()
        assert two.is_silent()


def test_it_says_only_topic_and_id_and_is_never_stored(web, bob, lab):
    with reading(web, bob) as reader:
        headers = reader.response.headers
        publish(lab.pk, "instances", object_id="one")
        block = reader.next()
    assert block.keys() == {"id", "data"}
    assert block["data"] == '{"topic": "instances", "id": "one"}'
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")
    assert headers["x-content-type-options"] == "nosniff"


def test_nobody_is_told_what_was_rolled_back(web, bob, lab):
    with reading(web, bob) as reader:
        with transaction.atomic():
            publish(lab.pk, "instances", object_id="undone")
            transaction.set_rollback(True)
        publish(lab.pk, "instances", object_id="done")
        assert reader.next_change() == ("instances", "done")


# --- who may ------------------------------------------------------------------


def status(web, *, cookie="", tenant="lab", method="GET"):
    return httpx.request(method, f"{web}/t/{tenant}/events/", headers={"Cookie": cookie})


def test_nobody_without_a_sign_in(web, bob):
    assert status(web).status_code == 401
    assert status(web, cookie=cookie_of(bob)[:-3] + "xyz").status_code == 401


def test_a_stranger_learns_nothing_of_the_tenant(web, charlie, lab):
    cookie = cookie_of(charlie)
    missing = status(web, cookie=cookie, tenant="no-such-tenant")
    assert status(web, cookie=cookie).status_code == missing.status_code == 404
    assert status(web, cookie=cookie).content == missing.content


def test_it_is_only_read(web, bob):
    assert status(web, cookie=cookie_of(bob), method="POST").status_code == 405


def test_a_reader_and_an_administrator_may_listen(web, rita, root, lab):
    for user in (rita, root):
        with reading(web, user):
            pass


def remove_membership(user):
    Membership.objects.filter(user=user).delete()


def end_session(user):
    Session.objects.all().delete()


def disable(user):
    user.is_active = False
    user.save(update_fields=["is_active"])


def change_password(user):
    user.set_password("another horse battery")
    user.save(update_fields=["password"])


@pytest.mark.parametrize("take_away", [remove_membership, end_session, disable, change_password])
def test_it_ends_within_five_seconds_of_losing_the_right(web, bob, take_away):
    with reading(web, bob) as reader:
        take_away(bob)
        assert reader.ended() < 5


def test_it_goes_on_for_who_keeps_the_right(web, alice, bob, lab):
    with reading(web, alice) as stays, reading(web, bob) as goes:
        remove_membership(bob)
        goes.ended()
        publish(lab.pk, "instances", object_id="one")
        assert stays.next_change() == ("instances", "one")


# --- limits ----------------------------------------------------------------------


def test_one_person_may_hold_so_many_and_everybody_else_is_served(web, alice, bob, settings):
    cookie = cookie_of(bob)
    held = [EventReader(web, cookie) for _ in range(settings.STREAMS_PER_USER)]
    try:
        assert [reader.response.status_code for reader in held] == [200] * settings.STREAMS_PER_USER
        refused = status(web, cookie=cookie)
        assert (refused.status_code, refused.text) == (429, "Too many pages of yours are open; close some.")
        with reading(web, alice):
            pass
    finally:
        for reader in held:
            reader.close()


def test_a_closed_stream_frees_its_seat(web, bob, settings):
    cookie = cookie_of(bob)
    for _ in range(settings.STREAMS_PER_USER + 5):
        reader = EventReader(web, cookie)
        reader.next(within_s=5)
        reader.close()
    wait_until(lambda: EventReader(web, cookie).close() is None)


# --- coming back -------------------------------------------------------------------


def test_who_comes_back_hears_what_was_missed(web, bob, lab, other):
    with reading(web, bob) as reader:
        publish(lab.pk, "instances", object_id="heard")
        last_id = reader.next()["id"]
    Event.objects.update(at="2020-01-01T00:00:00Z")
    publish(lab.pk, "instances", object_id="missed")
    publish(other.pk, "instances", object_id="not ours")
    with reading(web, bob, last_id=last_id) as reader:
        assert reader.next_change() == ("instances", "missed")
        assert reader.is_silent()


def test_who_comes_for_the_first_time_hears_the_last_seconds(web, bob, lab):
    publish(lab.pk, "instances", object_id="old")
    Event.objects.update(at="2020-01-01T00:00:00Z")
    publish(lab.pk, "instances", object_id="just now")
    with reading(web, bob) as reader:
        assert reader.next_change() == ("instances", "just now")
        assert reader.is_silent()


@pytest.mark.parametrize("last_id", ["1", "99999999", "-1", "words"])
def test_who_comes_back_too_late_is_told_to_look_at_everything(web, bob, lab, last_id):
    publish(lab.pk, "instances", object_id="x")
    Event.objects.filter(id=1).delete()
    with reading(web, bob, last_id=last_id) as reader:
        assert reader.next()["event"] == "resync"
        assert reader.is_silent(for_s=0.4)


def test_who_missed_very_much_is_told_to_look_at_everything(web, bob, lab):
    first = Event.objects.create(tenant_id=lab.pk, topic="instances")
    Event.objects.bulk_create(
        Event(tenant_id=lab.pk, topic="instances", object_id=str(uuid.uuid4())) for _ in range(600)
    )
    with reading(web, bob, last_id=str(first.pk)) as reader:
        assert reader.next()["event"] == "resync"


def test_the_first_block_says_where_to_come_back(web, bob, lab):
    newest = Event.objects.create(tenant_id=lab.pk, topic="instances").pk
    reader = EventReader(web, cookie_of(bob))
    assert reader.next(within_s=5)["id"] == str(newest)
    reader.close()

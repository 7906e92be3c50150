"""The WebSocket of a console, over real sockets and the fake cloud's serial line."""

import asyncio
import logging
import resource
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from websockets.asyncio.client import connect

from dashboard.audit.models import Entry
from dashboard.clouds.interface import ConsoleKind, Status
from dashboard.consoles import viewings
from dashboard.consoles.models import Viewing
from dashboard.instances.models import Instance
from dashboard.tenancy.models import Membership
from tests.consoles.browsers import refused_with
from tests.web import wait_until

pytestmark = pytest.mark.slow


def test_typing_is_answered(tab, bob):
    one = tab(bob).open()
    one.type(b"demo\rsecret\recho hello\r")
    assert b"\r\nhello\r\n" in one.read_until(b"hello\r\n")
    assert one.socket.subprotocol == "binary"


def test_text_messages_are_typed_as_well(tab, bob):
    one = tab(bob).open()
    one.socket.send("demö\r")
    assert "demö".encode() in one.read_until(b"Password: ")


def test_it_is_written_down_who_looked_into_which_guest(tab, bob, instance):
    tab(bob).open()
    entry = Entry.objects.get(verb="instance.serial")
    assert (entry.actor, entry.object_id, entry.address) == ("bob", str(instance.pk), "127.0.0.1")


# --- Origin ------------------------------------------------------------------------


def origins(web):
    """Everything that is not exactly ours."""
    host = web.removeprefix("http://")
    name, port = host.split(":")
    return {
        "absent": None,
        "null": "null",
        "another port": f"http://{name}:{int(port) + 1}",
        "no port": f"http://{name}",
        "suffix": f"{web}.evil.example",
        "prefix": f"http://evil.example.{host}",
        "user part": f"http://{host}@evil.example",
        "https for http": f"https://{host}",
        "another name of the same machine": f"http://localhost:{port}",
        "upper case": web.upper(),
        "a path": f"{web}/",
        "a space": f"{web} x",
        "empty": " ",
    }


def test_only_the_configured_origin_is_let_in(tab, bob, web):
    one = tab(bob)
    ticket = one.ticket()
    for what, origin in origins(web).items():
        assert refused_with(one.dial, ticket, origin=origin) == 403, what
    one.dial(ticket).read_until(b"login: ")  # which proves that nothing used it up before


def test_another_path_is_refused(tab, bob, web):
    one = tab(bob)
    ticket = one.ticket()
    one.web += "/other"  # /other/console/<instance>
    assert refused_with(one.dial, ticket, origin=web) == 403


def test_without_a_ticket_the_handshake_is_refused(tab, bob, web):
    one = tab(bob)
    for offered in (["binary"], ["skydeck.ticket.x"], ["skydeck.ticket.x", "skydeck.ticket.y", "binary"]):
        assert refused_with(one.dial, "", subprotocols=offered) == 403


# --- tickets ------------------------------------------------------------------------


def test_a_ticket_opens_one_console(tab, bob):
    one, two = tab(bob), tab(bob)
    ticket = one.ticket()
    one.dial(ticket).read_until(b"login: ")
    two.browser = one.browser
    assert two.dial(ticket).ended() == (4401, "The ticket is used or too old. Reconnect to get a new one.")
    one.type(b"x")
    one.read_until(b"x")


def test_the_ticket_of_another_person_opens_nothing(tab, bob, alice):
    ticket = tab(bob).ticket()
    assert tab(alice).dial(ticket).ended()[0] == 4401


def test_without_a_session_a_ticket_opens_nothing(tab, bob):
    one = tab(bob)
    assert one.dial(one.ticket(), additional_headers={}).ended()[0] == 4401


def test_no_log_holds_a_ticket(tab, bob, caplog):
    with caplog.at_level(logging.DEBUG):
        one = tab(bob)
        ticket = one.ticket()
        one.dial(ticket).read_until(b"login: ")
        used = one.dial(ticket)
        used.ended()
    ours = [r for r in caplog.records if not r.name.startswith("websockets.client")]  # the browser's own log
    assert any("console opened" in r.getMessage() for r in ours)
    assert not any(ticket in r.getMessage() for r in ours)


# --- the end -------------------------------------------------------------------------


def remove_membership(bob, instance):
    Membership.objects.filter(user=bob).delete()


def sign_out(bob, instance):
    Session.objects.all().delete()


def disable(bob, instance):
    bob.is_active = False
    bob.save(update_fields=["is_active"])


def make_reader(bob, instance):
    Membership.objects.filter(user=bob).update(role="reader")


def expire_session(bob, instance):
    Session.objects.update(expire_date=timezone.now())


def ask_to_delete(bob, instance):
    Instance.objects.filter(pk=instance.pk).update(delete_at=timezone.now() + timedelta(minutes=10))


def delete_instance(bob, instance):
    Instance.objects.filter(pk=instance.pk).update(deleted_at=timezone.now())


def stop_instance(bob, instance):
    Instance.objects.filter(pk=instance.pk).update(status=Status.SHUTOFF)


RIGHTS = (4403, "You may not use this console any more, or you signed out.")


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (remove_membership, RIGHTS),
        (sign_out, RIGHTS),
        (expire_session, RIGHTS),
        (disable, RIGHTS),
        (make_reader, RIGHTS),
        (ask_to_delete, (4404, "The instance is being deleted. While it can be restored, its page says so.")),
        (delete_instance, (4404, "The instance is deleted.")),
        (stop_instance, (4404, "Closed: the status of the instance is Stopped now.")),
    ],
)
def test_it_ends_within_five_seconds_and_says_why(tab, bob, instance, happens, said):
    one = tab(bob).open()
    happens(bob, instance)
    assert one.ended(within_s=5) == said


def test_a_guest_that_stops_by_itself_ends_it_with_the_right_reason(tab, bob, instance):
    one = tab(bob).open()
    instance.cloud.driver().compute.stop(instance.remote_id, force=True)
    time.sleep(0.3)  # the cloud's word comes after the guest's end
    Instance.objects.filter(pk=instance.pk).update(status=Status.SHUTOFF)
    assert one.ended() == (4404, "Closed: the status of the instance is Stopped now.")


def test_a_cloud_that_does_not_answer_is_said(tab, bob, instance):
    one = tab(bob)
    ticket = one.ticket()
    cloud = instance.cloud
    cloud.settings = {**cloud.settings, "path": "/nonexistent/fake.sqlite3"}
    cloud.save(update_fields=["settings"])
    code, reason = one.dial(ticket).ended()
    assert (code, reason) == (4502, "The cloud did not give the console. Try again in a moment.")


def test_it_closes_after_a_long_silence(tab, bob, settings):
    settings.CONSOLE_IDLE_S = 0.5
    one = tab(bob).open()
    assert one.ended() == (4408, "Closed because nothing was typed for a long time.")


def test_it_closes_after_its_longest_time_however_much_is_typed(tab, bob, settings):
    settings.CONSOLE_MAX_S = 1
    one = tab(bob).open()
    for _ in range(3):
        one.type(b"x")
    said = "Closed: this is the longest that a console stays open. Reconnect to go on."
    assert one.ended() == (4410, said)


def test_it_says_what_time_is_left_at_first_and_when_something_was_typed(tab, bob, settings, monkeypatch):
    monkeypatch.setattr("dashboard.consoles.clock.TOLD_AGAIN_S", 0.3)
    settings.CONSOLE_IDLE_S, settings.CONSOLE_MAX_S = 100, 1000
    one = tab(bob).open()
    assert 99 < one.told("idle_s") <= 100
    time.sleep(0.5)
    one.type(b"x")
    note = one.told("longest_s")
    assert 998 < note < 999.6


# --- limits -----------------------------------------------------------------------------


FULL = "You have 3 consoles open, and no more are possible. Close one first."


def test_one_person_may_open_so_many_and_everybody_else_is_served(tab, bob, alice):
    late = tab(bob)
    ticket = late.ticket()  # given while there was room
    tabs = [tab(bob).open() for _ in range(3)]
    assert late.dial(ticket).ended() == (4429, FULL)
    answer = late.ask()
    assert (answer.status_code, answer.json()) == (429, {"reason": FULL, "held": False, "full": True})
    for one in tabs:
        one.type(b"?")
        one.read_until(b"?")
    tab(alice).open()


def test_everybody_together_may_open_so_many(tab, bob, alice, settings):
    settings.CONSOLES_IN_ALL = 2
    first, _second = tab(bob).open(), tab(bob).open()
    said = "Everybody together has 2 consoles open, and no more are possible. Try again later."
    assert tab(alice).ask().json()["reason"] == said
    first.close()
    wait_until(lambda: Viewing.objects.count() == 1)
    tab(alice).open()


def test_those_of_a_web_process_that_died_count_no_more_after_fifteen_seconds(bob, instance, settings):
    settings.CONSOLES_PER_USER = 1
    left = viewings.enter(bob, instance, kind=ConsoleKind.SERIAL, process="dead")
    assert viewings.full_reason(bob)
    Viewing.objects.filter(pk=left.pk).update(alive_until=timezone.now() - timedelta(seconds=1))
    assert not viewings.full_reason(bob)


def test_a_closed_console_frees_its_place(tab, bob, settings):
    for _ in range(settings.CONSOLES_PER_USER + 2):
        tab(bob).open().close()
        wait_until(lambda: not Viewing.objects.exists())


def test_one_is_closed_from_the_list_of_ones_own(tab, bob, alice):
    one, hers = tab(bob).open(), tab(alice).open()
    assert "web-1" in one.browser.get("/consoles/").content.decode()
    for viewing in Viewing.objects.all():  # hers, too, which the list of bob does not have
        assert one.browser.post(f"/consoles/{viewing.pk}/close/").status_code == 303
    code, reason = one.ended(within_s=3)
    assert code == 4409
    assert reason.startswith("Closed by you at ")
    assert "web-1" not in one.browser.get("/consoles/").content.decode()
    hers.type(b"still here")
    hers.read_until(b"still here")


def test_a_message_that_is_too_large_ends_the_console(tab, bob):
    one = tab(bob).open()
    one.type(b"x" * 70_000)
    assert one.ended()[0] == 1009


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


async def type_much_and_read_nothing(browser, *, bytes_in_all: int) -> tuple[int, int]:
    """How much was taken until it stalled, and how much this process grew. TimeoutError if reading helps nothing."""
    chunk, sent, before = b"echo " + b"x" * 4000 + b"\r", 0, resident_bytes()

    async def type_on():
        nonlocal sent
        while sent < bytes_in_all:
            await browser.send(chunk)
            sent += len(chunk)

    typist = asyncio.create_task(type_on())
    stalled_at = -1
    while stalled_at != sent:
        stalled_at = sent
        await asyncio.sleep(1.5)
    grown = resident_bytes() - before
    async with asyncio.timeout(20):
        while sent == stalled_at:
            await browser.recv()
    typist.cancel()
    return stalled_at, grown


@pytest.mark.slow
def test_a_browser_that_does_not_read_holds_little_memory(tab, bob, web):
    """The guest echoes 64 MiB and nobody reads: the relay stops reading too, until somebody does."""
    one = tab(bob)
    options = one.handshake(one.ticket()) | {"max_queue": 1}

    async def run():
        async with connect(one.url, **options) as browser:
            await browser.send(b"demo\rsecret\r")
            return await type_much_and_read_nothing(browser, bytes_in_all=64 * 2**20)

    stalled_at, grown = asyncio.run(run())
    print(f"\ntaken: {stalled_at / 2**20:.1f} MiB, most of it in the kernel's buffers; grown: {grown / 2**20:.1f} MiB")
    assert stalled_at < 16 * 2**20
    assert grown < 8 * 2**20

"""Several people at one console: over real sockets, the fake cloud's serial line, a small VNC server."""

import re
import time

import pytest
from django.db.models.functions import Now

from dashboard.audit.models import Entry
from dashboard.clouds.interface import ConsoleKind
from dashboard.consoles import viewings
from dashboard.consoles.models import Viewing
from tests.conftest import make_user
from tests.web import web_process

pytestmark = pytest.mark.slow

VERSION = b"RFB 003.008\n"


def test_all_see_what_one_types(tab, bob, alice):
    one, two = tab(bob).open(), tab(alice).open()
    one.type(b"from bob")
    one.read_until(b"from bob")
    two.read_until(b"from bob")
    two.type(b" and alice")
    one.read_until(b" and alice")


def test_who_comes_later_sees_what_was_there(tab, bob, alice):
    one = tab(bob).open()
    one.type(b"demo\rsecret\r")
    one.read_until(b":~$ ")
    two = tab(alice)
    two.dial(two.ticket())
    assert two.told("replay") > 0
    two.read_until(b"Welcome to the fake cloud.")


def test_each_reads_who_else_is_there_and_that_they_left(tab, bob, alice):
    one, two = tab(bob).open(), tab(alice).open()
    assert one.told("company", ["alice"], within_s=3)
    assert two.told("company", ["bob"], within_s=3)
    two.close()
    assert one.told("company", [], within_s=3) == []


def test_one_terminal_alone_answers_the_guest_and_the_next_one_after_it(tab, bob, alice):
    one, two = tab(bob).open(), tab(alice).open()
    assert one.told("leads", True)
    assert two.told("leads", False) is False
    one.close()
    assert two.told("leads", True)


def test_it_is_written_down_who_typed_and_not_only_looked(tab, bob, alice):
    one, two = tab(bob).open(), tab(alice).open()
    one.type(b"x")
    one.type(b"y")
    two.read_until(b"xy")
    assert [entry.actor for entry in Entry.objects.filter(verb="instance.serial-typed")] == ["bob"]


def test_the_line_outlives_who_opened_it(tab, bob, alice):
    one, two = tab(bob).open(), tab(alice).open()
    one.close()
    time.sleep(0.3)
    two.type(b"still")
    two.read_until(b"still")


# --- through several web processes -------------------------------------------------


@pytest.fixture
def second_web(web, settings):
    with web_process() as address:
        settings.ORIGINS = [*settings.ORIGINS, address]
        yield address


def test_through_another_server_it_is_said_who_has_the_line_and_taken_only_when_asked(tab, bob, alice, second_web):
    one = tab(bob).open()
    two = tab(alice)
    two.web = second_web
    code, reason = two.dial(two.ticket()).ended()
    assert (code, bool(re.fullmatch(r"bob has had it open for \d+ s\.", reason))) == (4423, True)
    one.type(b"mine")
    one.read_until(b"mine")
    two.dial(two.ticket("take")).read_until(b"login: ")
    code, reason = one.ended(within_s=3)
    assert (code, bool(re.fullmatch(r"Taken over by alice at \d\d:\d\d, through another server\.", reason))) == (
        4409,
        True,
    )
    two.type(b"hers")
    two.read_until(b"hers")


# --- screens -----------------------------------------------------------------------


def watch(tab, user, how=""):
    one = tab(user, kind="vnc")
    one.dial(one.ticket(how)).read_until(VERSION)
    return one


def test_who_wants_a_screen_that_somebody_has_is_asked_first(tab, bob, alice, screen):
    watch(tab, bob)
    answer = tab(alice, kind="vnc").ask()
    assert answer.status_code == 409
    assert answer.json()["held"]
    assert re.fullmatch(r"bob has had it open for \d+ s\.", answer.json()["reason"])


def test_a_screen_is_shared_by_those_who_want_to(tab, bob, alice, screen):
    one = watch(tab, bob)
    two = watch(tab, alice, "share")
    assert one.told("company", ["alice"], within_s=3)
    assert two.told("company", ["bob"], within_s=3)


def test_who_is_taken_over_reads_by_whom_and_when_and_may_take_it_back(tab, bob, alice, screen):
    one = watch(tab, bob)
    two = watch(tab, alice, "take")
    code, reason = one.ended(within_s=3)
    assert (code, bool(re.fullmatch(r"Taken over by alice at \d\d:\d\d\.", reason))) == (4409, True)
    watch(tab, bob, "take")
    assert two.ended(within_s=3)[1].startswith("Taken over by bob at ")
    opened = Entry.objects.filter(verb="instance.console").order_by("pk")
    assert [entry.after.get("taken_from", "") for entry in opened] == ["", "bob", "alice"]


def test_ones_own_other_window_is_shared_without_a_question(tab, bob, screen):
    watch(tab, bob)
    watch(tab, bob)


def test_a_picture_that_changes_by_itself_keeps_no_screen_open(tab, bob, screen, settings):
    settings.CONSOLE_IDLE_S = 1
    one = watch(tab, bob)
    for _ in range(4):
        one.type(b"\x03" + bytes(9))  # as a browser asks for what changed
        time.sleep(0.2)
    assert one.ended(within_s=1)[0] == 4408


# --- words -------------------------------------------------------------------------


def test_long_names_fit_into_the_reason_of_a_closed_websocket(bob, instance):
    for name in ("x" * 150, "ü" * 150):
        viewings.enter(make_user(name), instance, kind=ConsoleKind.VNC, process="here")
    said = viewings.held_by(viewings.others(instance, kind=ConsoleKind.VNC, than=bob))
    assert said.startswith("x" * 39 + "…, ")


def test_nobody_is_there_whose_process_is_gone(bob, alice, instance):
    left = viewings.enter(alice, instance, kind=ConsoleKind.VNC, process="dead")
    assert viewings.others(instance, kind=ConsoleKind.VNC, than=bob).exists()
    Viewing.objects.filter(pk=left.pk).update(alive_until=Now())
    assert not viewings.others(instance, kind=ConsoleKind.VNC, than=bob).exists()

"""Whoever is removed or disabled loses their stream and their console within five seconds, in a real web process."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.people import actions, users
from dashboard.tenancy.access import Administrator
from dashboard.tenancy.models import Membership
from tests.conftest import actor_of
from tests.consoles.conftest import instance, tab, web  # noqa: F401
from tests.web import reading

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("how", ["removed", "disabled"])
def test_stream_and_console_end_within_five_seconds(web, tab, alice, bob, root, lab, how, record_property):  # noqa: F811
    console = tab(bob).open()
    with reading(web, bob) as stream, reading(web, alice) as of_another, ThreadPoolExecutor(2) as threads:
        start = time.monotonic()
        if how == "removed":
            actions.remove(actor_of(alice, lab), Membership.objects.get(user=bob, tenant=lab).pk)
        else:
            users.disable(Administrator(user=root), bob.pk, reason="left")
        ends = [threads.submit(stream.ended), threads.submit(console.ended)]
        code, reason = ends[1].result()
        assert ends[0].result() < 5
        took = time.monotonic() - start
        assert of_another.next_change(within_s=5)[0]  # alice hears of it, and goes on
    record_property("seconds", took)
    print(f"{how}: stream and console ended after {took:.1f} s")
    assert took < 5
    assert (code, reason) == (4403, "You may not use this console any more, or you signed out.")

"""What one reader of events keeps for each browser, and in which order rows may appear."""

import asyncio
import uuid

from dashboard.live.feed import PENDING, Change, Feed, Subscriber
from dashboard.live.lane import in_thread
from dashboard.live.models import Event

TENANT = uuid.uuid4()


def change(number, topic="instances", object_id="x"):
    return Change(number, TENANT, topic, object_id)


def test_a_slow_browser_is_told_each_thing_once():
    subscriber = Subscriber(TENANT)
    for number in range(1000):
        subscriber.put(change(number, object_id=str(number % 3)))
    must_resync, changes = subscriber.take()
    assert not must_resync
    assert [(c.id, c.object_id) for c in changes] == [(997, "1"), (998, "2"), (999, "0")]


def test_a_browser_that_missed_too_much_is_told_only_that():
    subscriber = Subscriber(TENANT)
    for number in range(PENDING + 1):
        subscriber.put(change(number, object_id=str(number)))
    assert len(subscriber.pending) == 0
    assert subscriber.take() == (True, [])


def test_nothing_is_left_after_it_was_taken():
    subscriber = Subscriber(TENANT)
    subscriber.put(change(1))
    subscriber.take()
    assert subscriber.take() == (False, [])
    assert not subscriber.ready.is_set()


def looks(feed, *steps):
    """Look, then do each step and look again, in one event loop."""

    async def run():
        await feed._look()
        for step in steps:
            await in_thread(step)
            await feed._look()

    asyncio.run(run())


def add(number, topic="instances"):
    return lambda: Event.objects.create(id=number, tenant_id=TENANT, topic=topic, object_id=str(number))


def test_a_row_that_is_committed_after_a_larger_one_is_not_missed(transactional_db):
    feed = Feed()
    with feed.listening(TENANT) as subscriber:
        looks(feed, add(10), add(12), add(11))
    assert [c.id for c in subscriber.take()[1]] == [10, 11, 12]


def test_a_row_is_told_once_however_often_it_is_read(transactional_db):
    feed, told = Feed(), []
    with feed.listening(TENANT) as subscriber:
        subscriber.put = told.append
        looks(feed, add(10), lambda: None, lambda: None)
    assert [c.id for c in told] == [10]


def test_what_was_there_before_anybody_listened_is_not_told(transactional_db):
    add(10)()
    feed = Feed()
    with feed.listening(TENANT) as subscriber:
        looks(feed)
    assert subscriber.take() == (False, [])


def test_it_remembers_no_more_than_its_window(transactional_db):
    feed = Feed()
    with feed.listening(TENANT):
        looks(feed, add(10), lambda: Event.objects.bulk_create(Event(id=n, topic="t") for n in range(20, 5020)))
    assert len(feed.seen) <= 2048
    assert feed.floor == 5019 - 2048

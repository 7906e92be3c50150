"""What one reader of events keeps for each browser, and in which order rows may appear."""

import asyncio
import uuid

from dashboard.live.feed import PENDING, PERIOD_S, Change, Feed, Subscriber
from dashboard.live.lane import first_of, in_thread
from dashboard.live.models import Event
from dashboard.live.stream import write

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


def test_a_stream_ends_at_once_even_if_there_is_something_to_tell_just_then():
    subscriber = Subscriber(TENANT)

    async def end():
        await asyncio.sleep(0.05)
        subscriber.put(change(1))

    async def send(message):
        pass

    asyncio.run(asyncio.wait_for(first_of(end(), write(subscriber, send)), 3))


def listen(*steps) -> tuple[list[int], Feed]:
    """The ids that one listener is told, and by whom: each step's rows are looked for before the next step."""
    feed, heard = Feed(), []

    async def run():
        task = asyncio.create_task(feed.run())
        async with feed.listening(TENANT) as subscriber:
            subscriber.put = lambda change: heard.append(change.id)
            for step in steps:
                await in_thread(step)
                await asyncio.sleep(PERIOD_S + 0.1)
        task.cancel()

    asyncio.run(run())
    return heard, feed


def told(*steps) -> list[int]:
    return listen(*steps)[0]


def add(number, topic="instances"):
    return lambda: Event.objects.create(id=number, tenant_id=TENANT, topic=topic, object_id=str(number))


def test_a_row_that_is_committed_after_a_larger_one_is_not_missed(transactional_db):
    assert told(add(10), add(12), add(11)) == [10, 12, 11]


def test_a_row_is_told_once_however_often_it_is_read(transactional_db):
    assert told(add(10), lambda: None, lambda: None) == [10]


def test_what_was_there_before_anybody_listened_is_not_told(transactional_db):
    add(10)()
    assert told(lambda: None) == []


def test_a_row_right_after_somebody_began_to_listen_is_told(transactional_db):
    """The feed has begun to look when `listening` lets in: no row falls between its first look and the replay."""

    async def run():
        feed = Feed()
        task = asyncio.create_task(feed.run())
        async with feed.listening(TENANT) as subscriber:
            assert feed.floor is not None
            await in_thread(add(10))
            await asyncio.wait_for(subscriber.ready.wait(), 2)
        task.cancel()

    asyncio.run(run())


def test_it_remembers_no_more_than_its_window(transactional_db):
    many = [Event(id=number, topic="t") for number in range(20, 5020)]
    _, feed = listen(add(10), lambda: Event.objects.bulk_create(many))
    assert len(feed.seen) <= 2048
    assert feed.floor == 5019 - 2048

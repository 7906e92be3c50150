"""The event stream of one tenant, `GET /t/<tenant>/events/`, and for administrators that of all, `GET /clouds/events/`.

    id: 4711
    data: {"topic": "instances", "id": "6f0c..."}

says that this thing changed; the browser asks the ordinary page again. The event
`resync` says that anything may have. Nothing else is ever sent.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

from django.utils.translation import gettext as _

from dashboard.tenancy.models import Role

from .feed import Change, Subscriber, replay
from .guard import Watched
from .lane import Receive, Scope, Send, first_of, header, headers_of, in_thread, say
from .seats import Full
from .streams import Streams
from .visits import visit_of

BEAT_S = 15.0


async def answer(scope: Scope, receive: Receive, send: Send, *, slug: str) -> None:
    streams: Streams = scope["state"]["streams"]
    if scope["method"] != "GET":
        return await say(send, 405, _("Only GET is possible here."))
    try:
        visit = await in_thread(visit_of, header(scope, b"cookie"), slug)
    except PermissionError:
        return await say(send, 401, _("Sign in first."))
    if visit is None:
        return await say(send, 404, _("There is no such page."))
    role = Role.READER if slug else Role.ADMIN
    try:
        with streams.seats.taking(visit.user_id), streams.guard.watching(visit, role=role) as watched:
            await serve(streams, watched, receive, send, last_id=last_id_of(scope))
    except TimeoutError:
        await say(send, 503, _("The database does not answer; try again in a moment."))
    except Full:
        await say(send, 429, _("Too many pages of yours are open; close some."))


def last_id_of(scope: Scope) -> int | None:
    """What the browser heard last. None when it comes for the first time; what is no number is very old."""
    text = header(scope, b"last-event-id")
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


async def serve(streams: Streams, watched: Watched, receive: Receive, send: Send, *, last_id: int | None) -> None:
    """Until the browser goes, its right is over, or this process ends."""
    visit = watched.visit
    async with streams.feed.listening(visit.tenant_id, visit.user_id) as subscriber:
        newest, missed = await in_thread(replay, visit.tenant_id, last_id, user_id=visit.user_id)
        subscriber.start(newest, missed)
        await first_of(gone(receive), over(watched), ending(streams), write(subscriber, send))
    with suppress(TimeoutError):  # of a browser that does not read
        async with asyncio.timeout(1):
            await send({"type": "http.response.body", "body": b""})


async def gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def over(watched: Watched) -> None:
    await watched.over.wait()


async def ending(streams: Streams) -> None:
    await streams.ending.wait()


async def write(subscriber: Subscriber, send: Send) -> None:
    """`send` waits while the browser does not read; meanwhile the subscriber gathers, each thing once."""
    headers = [*headers_of("text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await put(send, f"id: {subscriber.newest}\n: here\n\n")
    while True:
        # not wait_for: until Python 3.12 it swallows a cancellation that comes together with what it waits for
        with suppress(TimeoutError):
            async with asyncio.timeout(BEAT_S):
                await subscriber.ready.wait()
        must_resync, changes = subscriber.take()
        text = "event: resync\ndata: {}\n\n" if must_resync else ""
        await put(send, text + "".join(map(as_event, changes)) or ": beat\n\n")


async def put(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


def as_event(change: Change) -> str:
    data = json.dumps({"topic": change.topic, "id": change.object_id})
    return f"id: {change.id}\ndata: {data}\n\n"

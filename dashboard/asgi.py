"""The web process, in two lanes.

    pages     Django's WSGI handler on a fixed pool of threads
    streams   server-sent events and consoles as plain ASGI, outside Django's handler

Inside Django's own ASGI handler every open stream would hold a thread, and every
page would cost 2 to 3 ms more.
"""

from __future__ import annotations

import asyncio
import re

from a2wsgi import WSGIMiddleware
from django.conf import settings

# isort: split
from .wsgi import application as wsgi_application  # sets Django up, so it comes before what needs models

# isort: split
from dashboard.consoles import relay
from dashboard.consoles.desk import Desk
from dashboard.live import stream
from dashboard.live.lane import Message, Receive, Scope, Send, say
from dashboard.live.streams import Streams

THREADS = 8
# A browser that reads slowly must not hold a thread: that many pieces of an answer wait for it in memory.
PIECES = 1024
BODY_TIMEOUT_S = 30.0
EVENTS = re.compile(r"/t/(?P<slug>[-\w]+)/events/|/clouds/events/", re.ASCII)

_wsgi = WSGIMiddleware(wsgi_application, workers=THREADS, send_queue_size=PIECES)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
    elif scope["type"] == "websocket":
        await relay.answer(scope, receive, send)
    elif found := EVENTS.fullmatch(scope["path"]):
        await stream.answer(scope, receive, send, slug=found["slug"] or "")
    else:
        await page(scope, receive, send)


async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    streams = Streams()
    desk = Desk()
    scope["state"] |= {"streams": streams, "desk": desk}
    async with streams.running(), desk.running():
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    """The whole body is read here, so that a browser which sends slowly holds no thread."""
    if not scope["query_string"].isascii():
        return await say(send, 400, "Bad request")
    try:
        body = await asyncio.wait_for(read_body(receive), BODY_TIMEOUT_S)
    except TimeoutError:
        return await say(send, 408, "The request did not come to its end in time.")
    except ValueError:
        return await say(send, 413, "The request is too large.")
    if body is None:
        return None
    # A header with an underscore reads as one with a dash in WSGI: nobody gets past a proxy's own header so.
    headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]

    async def given() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    await _wsgi({**scope, "headers": headers}, given, send)


async def read_body(receive: Receive) -> bytes | None:
    """None when the browser went away; ValueError when it is more than a form of ours can be."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > 2 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise ValueError
        if not message.get("more_body", False):
            return bytes(body)

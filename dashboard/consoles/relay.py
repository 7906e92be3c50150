"""The WebSocket of a console: `/console`, between a browser of ours and a guest.

    browser ── WebSocket, same origin and port ── here ── ConsoleStream of the driver ── guest

Nothing is asked of a cloud before the Origin, the session and the ticket were
accepted. The bytes are never looked at. Neither side is read faster than the other
one takes: at most a few messages of 64 KiB are held.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.utils.translation import gettext as _

from dashboard.clouds.interface import CloudError, Conflict, ConsoleStream, NotFound
from dashboard.live.guard import Watched
from dashboard.live.lane import Receive, Scope, Send, first_of, header, in_thread
from dashboard.live.seats import Full, Seats
from dashboard.live.streams import Streams
from dashboard.tenancy.models import Role

from .tickets import Close, Console, Ended, redeem, visitor_of, why_over
from .websocket import WebSocket, ticket_of

PATH = "/console"
CHUNK = 64 * 1024
IN_ALL = 200
OPEN_TIMEOUT_S = 20.0
LOOK_S = 2.5
# The guest's end is often here before the cloud's word on it.
AFTERMATH_S = 3.0
log = structlog.get_logger()


def seats() -> Seats:
    return Seats(per_user=settings.CONSOLES_PER_USER, in_all=IN_ALL)


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    token = ticket_of(scope)
    if scope["path"] != PATH or header(scope, b"origin") not in settings.ORIGINS or not token:
        # before `accept` this is a plain 403: nothing is said to a page that is not ours
        return await send({"type": "websocket.close", "code": Close.RIGHTS})
    browser = WebSocket(receive, send)
    try:
        await relay(scope, browser, token=token)
    except Ended as end:
        await browser.close(end)
    except OSError:
        return  # the browser is gone


async def relay(scope: Scope, browser: WebSocket, *, token: str) -> None:
    """Raises Ended with the reason; returns when the browser left."""
    streams: Streams = scope["state"]["streams"]
    places: Seats = scope["state"]["console_seats"]
    address = (scope.get("client") or [None])[0]
    visitor = await in_thread(visitor_of, header(scope, b"cookie"))
    try:
        with places.taking(visitor.user.pk):  # before the ticket, which would take a serial line over
            console = await in_thread(redeem, token, visitor=visitor, address=address)
            with streams.guard.watching(console.visit, role=Role.MEMBER) as watched:
                async with opened(console) as stream:
                    await browser.accept()  # only now: an open WebSocket means a connected console
                    await carry(console, stream, watched, streams, browser=browser)
    except Full:
        raise Ended(Close.TOO_MANY, _("Too many consoles of yours are open; close some.")) from None


@asynccontextmanager
async def opened(console: Console) -> AsyncIterator[ConsoleStream]:
    """The guest's end, closed afterwards whatever happens. Raises Ended where the cloud gives none."""
    try:
        consoles = (await in_thread(console.instance.cloud.driver_for, console.instance.tenant_id)).consoles
        if consoles is None:
            raise Ended(Close.CLOUD, _("The cloud has no consoles."))
        async with asyncio.timeout(OPEN_TIMEOUT_S):
            stream = await consoles.open(console.instance.remote_id, console.kind)
    except (Conflict, NotFound) as error:
        raise await in_thread(why_over, console) or silent(error) from error
    except (CloudError, OSError, TimeoutError) as error:
        raise silent(error) from error
    log.info("console opened", instance=str(console.instance.pk), kind=console.kind.value)
    try:
        yield stream
    finally:
        await stream.close()
        log.info("console closed", instance=str(console.instance.pk), kind=console.kind.value)


def silent(error: Exception) -> Ended:
    log.warning("console not opened", error=type(error).__name__, detail=str(error)[:500])
    return Ended(Close.CLOUD, _("The cloud did not give the console. Try again in a moment."))


async def carry(
    console: Console, stream: ConsoleStream, watched: Watched, streams: Streams, *, browser: WebSocket
) -> None:
    typing = Typing()
    try:
        end = await first_of(
            up(stream, browser, typing),
            down(console, stream, browser),
            lost_right(watched),
            process_ends(streams),
            look(console),
            idle(typing),
        )
    except CloudError:
        end = await aftermath(console)
    if end:
        raise end


class Typing:
    """When the browser last sent anything."""

    def __init__(self) -> None:
        self.at = time.monotonic()


async def up(stream: ConsoleStream, browser: WebSocket, typing: Typing) -> None:
    """From the browser. No further message is taken before the guest took this one."""
    while (data := await browser.read()) is not None:
        typing.at = time.monotonic()
        await stream.write(data)


async def down(console: Console, stream: ConsoleStream, browser: WebSocket) -> Ended:
    """From the guest, no faster than the browser takes it."""
    while data := await stream.read():
        for start in range(0, len(data), CHUNK):
            await browser.write(data[start : start + CHUNK])
    return await aftermath(console)


async def aftermath(console: Console) -> Ended:
    """Why the guest's end closed, as soon as our rows know it."""
    until = time.monotonic() + AFTERMATH_S
    while time.monotonic() < until:
        if end := await in_thread(why_over, console):
            return end
        await asyncio.sleep(0.25)
    return Ended(Close.CLOUD, _("The cloud ended the console."))


async def lost_right(watched: Watched) -> Ended:
    await watched.over.wait()
    return Ended(Close.RIGHTS, _("You may not use this console any more, or you signed out."))


async def process_ends(streams: Streams) -> Ended:
    await streams.ending.wait()
    return Ended(Close.RESTART, _("Skydeck is being restarted. Reconnect in a moment."))


async def look(console: Console) -> Ended:
    while True:
        await asyncio.sleep(LOOK_S)
        with suppress(DatabaseError):  # live/guard.py ends everything when that lasts
            if end := await in_thread(why_over, console):
                return end


async def idle(typing: Typing) -> Ended:
    while (quiet_s := time.monotonic() - typing.at) < settings.CONSOLE_IDLE_S:
        await asyncio.sleep(settings.CONSOLE_IDLE_S - quiet_s)
    return Ended(Close.IDLE, _("Closed because nothing was typed for a long time."))

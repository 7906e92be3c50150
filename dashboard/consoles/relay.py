"""The WebSocket of a console: `/console/<instance>`, between a browser of ours and a guest.

    browser ── WebSocket, same origin and port ── here ── ConsoleStream of the driver ── guest

Nothing is asked of a cloud before the Origin, the session and the ticket were
accepted. Binary messages are the guest's and the person's bytes, as they are; text
messages to the browser are notes for its page (JSON): who else is there, what time is
left. A guest's screen is opened for each browser, its serial line once (line.py).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.utils.translation import gettext as _

from dashboard.clouds.interface import CloudError, Conflict, ConsoleKind, ConsoleStream, NotFound
from dashboard.live.guard import Watched
from dashboard.live.lane import Receive, Scope, Send, first_of, header, in_thread
from dashboard.live.streams import Streams
from dashboard.tenancy.models import Role

from . import viewings
from .clock import Clock, is_typing
from .desk import Desk, Open
from .endings import Close, Ended
from .line import Note, Seat
from .tickets import Console, note_typing, redeem, visitor_of, why_over
from .websocket import WebSocket, ticket_of

PATH = "/console"
CHUNK = 64 * 1024
OPEN_TIMEOUT_S = 20.0
# The guest's end is often here before the cloud's word on it.
AFTERMATH_S = 3.0
# How long a web process that lost a serial line may take to let it go.
LET_GO_S = 4.0
log = structlog.get_logger()


class Guest(Protocol):
    """The guest's end, for one browser: a ConsoleStream, or a seat at one that several share."""

    async def read(self) -> bytes | Note: ...

    async def write(self, data: bytes) -> None: ...


def is_path(path: str) -> bool:
    """The id of the instance is for proxies only, which can send all who look at it to one web process."""
    return path == PATH or path.startswith(f"{PATH}/")


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    token = ticket_of(scope)
    if not is_path(scope["path"]) or header(scope, b"origin") not in settings.ORIGINS or not token:
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
    desk: Desk = scope["state"]["desk"]
    address = (scope.get("client") or [None])[0]
    visitor = await in_thread(visitor_of, header(scope, b"cookie"))
    console = await in_thread(redeem, token, visitor=visitor, address=address, process=desk.process)
    try:
        await make_way(console)
        with streams.guard.watching(console.visit, role=Role.MEMBER) as watched, desk.watching(console) as open_:
            async with guest_of(console, desk) as guest:
                await browser.accept()  # only now: an open WebSocket means a connected console
                await carry(open_, guest, watched, streams, browser=browser)
    finally:
        with suppress(DatabaseError):  # then the row ends by itself
            await in_thread(viewings.leave, console.viewing.pk)
        desk.hurry.set()


async def make_way(console: Console) -> None:
    """Where it is taken over, close the others. Raises Ended where another web process has the serial line."""
    if console.takes_over:
        await in_thread(viewings.take_over, console.viewing)
    if console.kind is not ConsoleKind.SERIAL:
        return
    until = time.monotonic() + LET_GO_S
    while there := await in_thread(list, viewings.elsewhere(console.viewing)):
        if not console.takes_over:
            raise Ended(Close.HELD, viewings.held_by(there))
        if time.monotonic() > until:
            return  # the cloud decides whose it is
        await asyncio.sleep(0.2)


@asynccontextmanager
async def guest_of(console: Console, desk: Desk) -> AsyncIterator[Guest]:
    """The guest's end, closed afterwards whatever happens. Raises Ended where the cloud gives none."""
    if console.kind is ConsoleKind.SERIAL:
        async with desk.lines.seat(console.instance.pk, opening=lambda: opened(console)) as seat:
            yield seat
        return
    stream = await opened(console)
    try:
        yield stream
    finally:
        await stream.close()
        log.info("console closed", instance=str(console.instance.pk), kind=console.kind.value)


async def opened(console: Console) -> ConsoleStream:
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
    return stream


def silent(error: Exception) -> Ended:
    log.warning("console not opened", error=type(error).__name__, detail=str(error)[:500])
    return Ended(Close.CLOUD, _("The cloud did not give the console. Try again in a moment."))


async def carry(open_: Open, guest: Guest, watched: Watched, streams: Streams, *, browser: WebSocket) -> None:
    clock = Clock()
    try:
        end = await first_of(
            up(guest, browser, clock, console=open_.console),
            down(open_.console, guest, browser),
            lost_right(watched),
            process_ends(streams),
            over(open_),
            clock.run_out(),
            clock.tell(browser),
            tell_company(open_, guest, browser),
        )
    except CloudError:
        end = await aftermath(open_.console)
    if end:
        raise end


async def up(guest: Guest, browser: WebSocket, clock: Clock, *, console: Console) -> None:
    """From the browser. No further message is taken before the guest took this one."""
    has_typed = False
    while (data := await browser.read()) is not None:
        if is_typing(data, kind=console.kind):
            clock.typed()
            if not has_typed:
                has_typed = True
                await in_thread(note_typing, console)
        await guest.write(data)


async def down(console: Console, guest: Guest, browser: WebSocket) -> Ended:
    """From the guest, no faster than the browser takes it."""
    while piece := await guest.read():
        if not isinstance(piece, bytes):
            await browser.tell(piece)
        elif len(piece) <= CHUNK:
            await browser.write(piece)
        else:
            for start in range(0, len(piece), CHUNK):
                await browser.write(piece[start : start + CHUNK])
    return await aftermath(console)


async def tell_company(open_: Open, guest: Guest, browser: WebSocket) -> None:
    """Who else is there, as it changes."""
    while True:
        await open_.news.wait()
        open_.news.clear()
        leads = guest.leads if isinstance(guest, Seat) else True
        await browser.tell({"company": open_.company, "leads": leads})


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


async def over(open_: Open) -> Ended:
    await open_.is_over.wait()
    assert open_.end is not None
    return open_.end

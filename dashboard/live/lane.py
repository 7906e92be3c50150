"""What every stream outside Django's handler needs: the shapes of ASGI, plain answers, rows in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from django.db import close_old_connections

from dashboard.ui.headers import protection

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

P = ParamSpec("P")
T = TypeVar("T")

PLAIN = "text/plain; charset=utf-8"
# Each thread keeps one database connection; two are enough for what streams ask.
_threads = ThreadPoolExecutor(2, thread_name_prefix="streams")


async def in_thread(ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run something that reads or writes rows. Django's request signals do not reach here."""

    def asked() -> T:
        close_old_connections()
        try:
            return ask(*args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(_threads, asked)


async def first_of(*jobs: Coroutine[Any, Any, T]) -> T:
    """What the first of them to end returns or raises; the others are cancelled, and over when this returns."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task in done).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def headers_of(content_type: str = PLAIN) -> list[tuple[bytes, bytes]]:
    """As an answer of Django's has them."""
    headers = {"Content-Type": content_type, "Cache-Control": "no-store", **protection()}
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


async def say(send: Send, status: int, text: str) -> None:
    """A whole answer in one sentence."""
    await send({"type": "http.response.start", "status": status, "headers": headers_of()})
    await send({"type": "http.response.body", "body": text.encode()})


def header(scope: Scope, name: bytes) -> str | None:
    """One header's value; None when it is absent, and when it is there twice."""
    values = [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]
    return values[0] if len(values) == 1 else None

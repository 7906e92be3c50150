"""A thousand open pages: what each costs the web process, and how soon all of them hear of a change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from django.db import transaction

from dashboard.accounts.models import User
from dashboard.live.publish import publish
from dashboard.tenancy.models import Membership, Role, Tenant
from tests.web import cookie_of

from .figures import Figure
from .load import resident_kib

OPEN = 1000
PEOPLE = 100
PATH = "/t/lab/events/"


class Page:
    """One open event stream. `heard` is when it was last told of a change."""

    def __init__(self, address: str, cookie: str) -> None:
        self.address = urlsplit(address)
        self.cookie = cookie
        self.heard = 0.0
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(self.address.hostname, self.address.port)
        request = f"GET {PATH} HTTP/1.1\r\nHost: {self.address.netloc}\r\nCookie: {self.cookie}\r\n\r\n"
        self.writer.write(request.encode())
        status = await self.reader.readline()
        assert b" 200 " in status, status

    async def listen(self) -> None:
        with suppress(asyncio.CancelledError, ConnectionError):
            while line := await self.reader.readline():
                if line.startswith(b"data:") and b"instances" in line:
                    self.heard = time.monotonic()


def cookies() -> Iterator[str]:
    """Of so many members of `lab`, one for each page in turn."""
    lab = Tenant.objects.get(slug="lab")
    people = list(User.objects.exclude(username__in=("root", "bob")).order_by("username")[:PEOPLE])
    for user in people:
        Membership.objects.get_or_create(user=user, tenant=lab, defaults={"role": Role.READER})
    signed_in = [cookie_of(user) for user in people]
    return (signed_in[number % PEOPLE] for number in range(OPEN))


def measure(address: str, *, pid: int) -> list[Figure]:
    return asyncio.run(_measure(address, list(cookies()), pid=pid))


async def _measure(address: str, signed_in: list[str], *, pid: int) -> list[Figure]:
    first, *others = [Page(address, cookie) for cookie in signed_in]
    await first.open()  # what only the first one costs is not the price of one more
    await asyncio.sleep(2)
    before = resident_kib(pid)
    for start in range(0, len(others), 50):
        await asyncio.gather(*(page.open() for page in others[start : start + 50]))
    await asyncio.sleep(3)
    each = (resident_kib(pid) - before) / len(others)
    late = await _tell([first, *others])
    return [
        Figure(f"memory of each of {OPEN} open event streams", each * 1.024, 50, "kB"),
        Figure(f"until the last of {OPEN} has heard of a change, the slowest of 5", late, 1, "s"),
    ]


async def _tell(pages: list[Page]) -> float:
    listening = [asyncio.create_task(page.listen()) for page in pages]
    slowest = 0.0
    for number in range(5):
        await asyncio.sleep(1)
        began = time.monotonic()
        await asyncio.to_thread(_change, number)
        while any(page.heard < began for page in pages):
            assert time.monotonic() < began + 20, sum(page.heard < began for page in pages)
            await asyncio.sleep(0.01)
        slowest = max(slowest, *(page.heard - began for page in pages))
    for task, page in zip(listening, pages, strict=True):
        task.cancel()
        page.writer.close()
    await asyncio.gather(*listening)
    return slowest


@transaction.atomic
def _change(number: int) -> None:
    publish(Tenant.objects.get(slug="lab").pk, "instances", object_id=f"bench-{number}")

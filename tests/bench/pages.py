"""Lists and search on data set L: how fast, and with how many queries."""

from __future__ import annotations

from collections.abc import Sequence

import httpx
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.accounts.models import User

from .figures import Figure, share_below
from .load import at_rate, signed_in, timed

PER_SECOND = 30
LISTS = (
    "q=status:active&sort=name",
    "q=image:debian+-tag:prod&sort=-name",
    "q=web&sort=status",
    "q=ip:10.0.&sort=-age",
    "q=flavor:small,medium+status:stopped&sort=image",
    "sort=-size",
    "q=-status:active+cloud:beta&sort=flavor",
    "q=tag:team-red",
)
TENANTS = ("tenant:lab", "tenant:tenant-0042", "", "-tenant:lab")
WORDS = ("web-0", "db-00123", "10.0.7", "debian", "tenant-0042", "cache", "launch", "no-such-thing", "team", "stop")


def measure(addresses: Sequence[str], *, seconds: float) -> list[Figure]:
    """At each of the web processes in turn."""
    bob, root = ([beside(signed_in(addresses[0], name), one) for one in addresses] for name in ("bob", "root"))
    return [
        *_list(bob, "/t/lab/instances/", LISTS, what="list of 50, sorted and filtered", goals=(150, 300), s=seconds),
        *_list(root, "/instances/", _everywhere(), what="the same over all tenants", goals=(200, 400), s=seconds),
        *_list(bob, "/t/lab/search/", _words(), what="global search", goals=(150, 300), s=seconds),
        *_list(root, "/t/lab/search/", _words(), what="global search by an administrator", goals=(150, 300), s=seconds),
        *queries(),
    ]


def beside(client: httpx.Client, address: str) -> httpx.Client:
    """The same browser at another web process."""
    return httpx.Client(base_url=address, timeout=60, cookies=client.cookies)


def _everywhere() -> tuple[str, ...]:
    return (
        tuple(query.replace("q=", f"q={tenant}+", 1) if tenant else query for query in LISTS for tenant in TENANTS[:2])
        + LISTS
    )


def _words() -> tuple[str, ...]:
    return tuple(f"q={word}" for word in WORDS)


def _list(
    clients: Sequence[httpx.Client], path: str, queries: tuple[str, ...], *, what: str, goals: tuple[int, int], s: float
) -> list[Figure]:
    def ask(number: int) -> float:
        client, query = clients[number % len(clients)], queries[number // len(clients) % len(queries)]
        return timed(lambda: client.get(f"{path}?{query}"))

    for number in range(len(queries) * len(clients)):  # once each, as a page that somebody looked at before
        ask(number)
    taken = at_rate(ask, per_second=PER_SECOND, seconds=s)
    p95, p99 = share_below(taken, 95), share_below(taken, 99)
    return [
        Figure(f"{what}, {PER_SECOND}/s, p95", p95, goals[0], "ms"),
        Figure(f"{what}, {PER_SECOND}/s, p99", p99, goals[1], "ms"),
    ]


def queries() -> list[Figure]:
    """Of a page in this process, the session's and the user's own among them."""
    figures = []
    for name, path in (
        ("bob", "/t/lab/instances/?sort=name&size=100"),
        ("root", "/instances/?q=web&sort=name"),
        ("root", "/quotas/?sort=-fill"),
    ):
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(User.objects.get(username=name))
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        figures.append(Figure(f"queries of {path}", len(captured), 8, "queries"))
    return figures

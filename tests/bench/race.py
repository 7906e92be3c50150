"""Two hundred ask for the last five of one tenant's quota: who wins, and what another tenant feels of it.

The two hundred compute on the machine that also answers the other tenant. How much of the wait is that, and how much
is waiting for locks, shows a second measurement beside as many processes that compute and touch no row.
"""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
from django.db import connection, transaction

from dashboard.accounts.models import User
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import release, reserve
from dashboard.tenancy.models import Membership, Tenant
from tests.quotas.contest import PROCESSES, ready

from .figures import Figure, share_below
from .load import signed_in, timed

ALONE_S = 5.0
LAST = 5


def measure(address: str) -> list[Figure]:
    """5 win, 195 are told why, nothing fails, and what another tenant waits for takes less than twice as long."""
    bob, other = User.objects.get(username="bob"), neighbour()
    work = {"page": page_of(address, other), "reservation": reservation_of(other.tenant)}
    leave(Tenant.objects.get(slug="lab"), LAST)
    alone: dict[str, list[float]] = {name: [] for name in work}
    beside: dict[str, list[float]] = {name: [] for name in work}
    crowded: dict[str, list[float]] = {name: [] for name in work}
    with ready(bob.pk) as race:
        end = time.monotonic() + ALONE_S
        measure_while(lambda: time.monotonic() < end, work, alone)
        race.go()
        began = time.monotonic()
        measure_while(lambda: not race.is_over(), work, beside)
        took_s = time.monotonic() - began
        answers = race.answers()
    with computing():
        end = time.monotonic() + took_s
        measure_while(lambda: time.monotonic() < end, work, crowded)
    for name in work:
        print(f"        ({PROCESSES} processes that only compute: {slowdown(name, alone[name], crowded[name])})")
    refused = sum(number for answer, number in answers.items() if answer.startswith("refused: instances 1 of 0"))
    return [
        Figure("200 ask for the last 5: more or fewer than 5 that win", abs(answers["accepted"] - LAST), 0, "launches"),
        Figure("200 ask for the last 5: told why, of 195", refused, 195, "launches", more_is_better=True),
        *(slowdown(name, alone[name], beside[name]) for name in work),
    ]


def slowdown(name: str, alone: list[float], beside: list[float]) -> Figure:
    before, during = share_below(alone, 95), share_below(beside, 95)
    said = f"another tenant's {name} meanwhile, p95 {during:.0f} ms instead of {before:.0f} ms ({len(beside)})"
    return Figure(said, during / before, 2, "times")


@contextmanager
def computing() -> Iterator[None]:
    """As many processes as race, each as busy as it can be, and none of them with a database."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(PROCESSES)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def neighbour() -> Membership:
    """Somebody in another tenant than the one whose quota is fought for."""
    others = Membership.objects.exclude(tenant__slug="lab").exclude(user__username__in=("bob", "root"))
    found = others.filter(role="member").select_related("user", "tenant").order_by("tenant__slug").first()
    assert found is not None
    return found


def leave(tenant: Tenant, number: int) -> None:
    """So many instances are left of its quota, and enough of everything else."""
    Quota.objects.filter(tenant=tenant).update(limit=None)
    quota = Quota.objects.get(tenant=tenant, resource="instances")
    Quota.objects.filter(pk=quota.pk).update(limit=quota.used + number)


def page_of(address: str, member: Membership) -> Callable[[], float]:
    client: httpx.Client = signed_in(address, member.user.username)
    return lambda: timed(lambda: client.get(f"/t/{member.tenant.slug}/instances/"))


def reservation_of(tenant: Tenant) -> Callable[[], float]:
    """Take one and give it back, each in a transaction of its own."""
    Quota.objects.filter(tenant=tenant).update(limit=None)

    def take_and_give() -> float:
        began, holder = time.perf_counter(), uuid.uuid4()
        with transaction.atomic():
            reserve(tenant, {"instances": 1, "vcpus": 1}, holder=holder)
        release(tenant, holder=holder)
        return (time.perf_counter() - began) * 1000

    connection.ensure_connection()
    return take_and_give


def measure_while(
    goes_on: Callable[[], bool], work: dict[str, Callable[[], float]], into: dict[str, list[float]]
) -> None:
    """One after the other, a breath between them; each once at least."""
    while True:
        for name, call in work.items():
            into[name].append(call())
        if not goes_on():
            return
        time.sleep(0.01)

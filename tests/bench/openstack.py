"""The figures on a real OpenStack:  .venv/bin/python -m tests.bench --openstack [--peer URL PID_FILE]

The lab must be up (`manage.py lab up`) with servers in its project demo1 (`manage.py lab seed 1000 --no-network`).
All of Skydeck's calls go through a proxy that counts them. With `--peer` a Horizon on the same OpenStack is asked
for the same page in turns, in the same run, so that both have the same weather.
"""

from __future__ import annotations

import re
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import django
import httpx

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402

from dashboard.accounts.models import User  # noqa: E402
from dashboard.clouds.interface import Credential  # noqa: E402
from dashboard.clouds.models import Cloud, CloudAccount  # noqa: E402
from dashboard.images.models import Image  # noqa: E402
from dashboard.instances import actions, inventory  # noqa: E402
from dashboard.instances.models import Flavor, Instance  # noqa: E402
from dashboard.operations.models import Operation  # noqa: E402
from dashboard.quotas.models import DEFAULT_LIMITS, Quota  # noqa: E402
from dashboard.tenancy.access import find_actor  # noqa: E402
from dashboard.tenancy.models import Membership, Role, Tenant  # noqa: E402
from tests import stack as stacks  # noqa: E402
from tests.conftest import PASSWORD  # noqa: E402
from tests.openstack.lab import clouds as lab_clouds  # noqa: E402
from tests.openstack.lab import place  # noqa: E402
from tests.openstack.proxy import FaultProxy  # noqa: E402

from .peer import Peer  # noqa: E402
from .run import Figure, p95, resident_mib, signed_in, wait_for_web  # noqa: E402

LIST = "/t/lab/instances/"
PAGES = 20
LAUNCHES = 100


def cpu_ms(pid: int) -> float:
    """What the process and its threads have used, in ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 10.0


@contextmanager
def scene(proxy: FaultProxy):
    """The tenant `lab` in the lab's project demo1, with an application credential of its own, through the proxy."""
    lab = place.from_environment()
    tenant = Tenant.objects.create(slug="lab", name="Lab")
    Quota.objects.bulk_create(Quota(tenant=tenant, resource=name, limit=10**6) for name in DEFAULT_LIMITS)
    bob = User.objects.create_user("bob", password=PASSWORD)
    Membership.objects.create(user=bob, tenant=tenant, role=Role.MEMBER)
    with lab_clouds.connect(lab, "lab-demo1") as member:
        user, project = member.current_user_id, member.current_project_id
        made = member.identity.create_application_credential(user, name=f"bench-{uuid.uuid4().hex[:8]}")
        connection = {"auth_url": proxy.auth_url, "region": place.REGION}
        cloud = Cloud.objects.create(name="openstack", kind="openstack", settings=connection)
        account = CloudAccount(tenant=tenant, cloud=cloud, remote_id=project, remote_name="demo1")
        secret = {"application_credential_id": made.id, "application_credential_secret": made.secret}
        account.keep(Credential(id=made.id, settings=secret | {"place_id": project}))
        account.save()
        try:
            yield account, member
        finally:
            member.identity.delete_application_credential(user, made)


def timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def syncing(account: CloudAccount, proxy: FaultProxy) -> list[Figure]:
    def look() -> None:
        assert inventory.sync_account(account.pk), CloudAccount.objects.get().health_detail

    first = timed(look)
    count = Instance.objects.present().count()
    CloudAccount.objects.update(full_at=None)
    again = timed(look)
    look()
    proxy.forget()
    quiet = timed(look)
    calls = len(proxy.calls())
    return [
        Figure(f"first complete sync of {count} servers", first, 30, "s"),
        Figure("complete sync that finds nothing new", again, 30, "s"),
        Figure("quiet incremental sync", quiet * 1000, 1000, "ms"),
        Figure("calls of a quiet incremental sync", calls, 3, ""),
    ]


def pages(client: httpx.Client, pid: int, peer: Peer | None) -> list[Figure]:
    """Ours and the peer's list, in turns."""
    ours = []
    for _ in range(5):
        client.get(LIST)
    before = cpu_ms(pid)
    for _ in range(PAGES):
        ours.append(1000 * timed(lambda: client.get(LIST).raise_for_status()))
    our_cpu = (cpu_ms(pid) - before) / PAGES
    figures = [
        Figure("list of instances, 50 of the page, median", median(ours), 150, "ms"),
        Figure("the same, p95", p95(ours), 300, "ms"),
        Figure("CPU of the web process per page", our_cpu, 100, "ms"),
    ]
    if peer is not None:
        before = peer.cpu_ms()
        theirs = [1000 * timed(peer.instances) for _ in range(PAGES // 4)]
        their_cpu = (peer.cpu_ms() - before) / len(theirs)
        between = [1000 * timed(lambda: client.get(LIST).raise_for_status()) for _ in range(PAGES)]
        ratio, saved = median(theirs) / median([*ours, *between]), their_cpu / our_cpu
        print(f"        (the peer: {median(theirs):.0f} ms, {their_cpu:.0f} ms of CPU a page)")
        figures += [
            Figure("30 x our time, of the peer's", 30 / ratio, 1, ""),
            Figure("50 x our CPU", 50 / saved, 1, ""),
        ]
        print(f"        (its list takes {ratio:.0f} times as long as ours, and {saved:.0f} times the CPU)")
    return figures


def calls_of_a_page(proxy: FaultProxy) -> Figure:
    """In this process, and before there are any others: whatever comes through the proxy is the page's doing."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get())
    proxy.forget()
    for _ in range(PAGES):
        assert client.get(LIST).status_code == 200
    return Figure("calls to the cloud for a page", len(proxy.calls()) / PAGES, 0, "")


def launch(actor, account: CloudAccount, name: str) -> Instance:
    flavor = Flavor.objects.get(cloud=account.cloud, name="m1.nano")
    image = Image.objects.get(cloud=account.cloud, name="tiny")
    try:
        return actions.launch(actor, cloud=account.cloud, image=image, flavor=flavor, name=name, key=uuid.uuid4().hex)
    finally:
        connections.close_all()


def lag(actor, account: CloudAccount, client: httpx.Client, member) -> Figure:
    """From Nova's ACTIVE, looked for every 100 ms, until our page shows it."""
    lags = []
    for number in range(5):
        instance = launch(actor, account, f"lag-{number}")
        page = f"{LIST}{instance.pk}/"
        with ThreadPoolExecutor(2) as threads:
            at_nova = threads.submit(until, lambda pk=instance.pk: nova_says(member, pk), 0.1)
            on_page = threads.submit(until, lambda page=page: "st-active" in client.get(page).text, 0.05)
            lags.append(max(0.0, on_page.result() - at_nova.result()))
    print("        (lags:", ", ".join(f"{lag:.2f}" for lag in lags), "s)")
    return Figure("Active on our page after Nova says ACTIVE, median", median(lags), 1, "s")


def nova_says(member, pk: uuid.UUID) -> bool:
    found = list(member.compute.servers(details=True, tags=f"skydeck-{pk}"))
    return bool(found) and found[0].status == "ACTIVE"


def until(is_so: Callable[[], bool], every_s: float) -> float:
    end = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < end
        time.sleep(every_s)
    return time.monotonic()


def many(actor, account: CloudAccount, worker: int, member) -> list[Figure]:
    before = resident_mib([worker])
    began = time.monotonic()
    with ThreadPoolExecutor(10) as threads:
        asked = list(threads.map(lambda n: launch(actor, account, f"many-{n}"), range(LAUNCHES)))
    accepted = time.monotonic() - began
    stacks.wait_until(lambda: not Operation.objects.open().exists(), seconds=900, what="all are built")
    took = time.monotonic() - began
    rows = Instance.objects.filter(pk__in=[instance.pk for instance in asked])
    missing = LAUNCHES - rows.filter(status="ACTIVE").count()
    marks = [server.metadata.get("skydeck_instance") for server in member.compute.servers(name="many-")]
    doubled = len(marks) - len(set(marks))
    print(f"        ({LAUNCHES} launches all Active after {took:.0f} s)")
    return [
        Figure(f"{LAUNCHES} launches at once, accepted", accepted, 10, "s"),
        Figure("not Active in the end", missing, 0, ""),
        Figure("doubled", doubled, 0, ""),
        Figure("what the worker's memory grew by", resident_mib([worker]) - before, 60, "MiB"),
    ]


def main(peer: Peer | None) -> int:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    address = f"http://127.0.0.1:{settings.PORT}"
    home = Path(settings.HOME)
    stacks.WORKER[-1] = "16"  # as many threads as `up` gives a worker
    with FaultProxy(place.from_environment().auth_url) as proxy, scene(proxy) as (account, member):
        figures = [*syncing(account, proxy), calls_of_a_page(proxy)]
        account = CloudAccount.objects.select_related("cloud", "tenant").get()
        actor = find_actor(User.objects.get(), "lab")
        with stacks.running(home / "lab") as stack:
            web = stack.spawn(["-m", "dashboard.serve"])
            try:
                wait_for_web(address)
                client = signed_in(address)
                figures += pages(client, web.pid, peer)
                figures.append(lag(actor, account, client, member))
                assert stack.worker
                figures += many(actor, account, stack.worker, member)
            finally:
                web.terminate()
                web.wait(timeout=20)
                for server in member.compute.servers(details=False):
                    if re.match("many-|lag-", server.name):
                        member.compute.delete_server(server)
    for figure in figures:
        print(figure)
    return int(any(figure.is_missed for figure in figures))


if __name__ == "__main__":
    sys.exit(main(Peer(*sys.argv[1:]) if sys.argv[1:] else None))

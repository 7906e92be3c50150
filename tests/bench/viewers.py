"""Whether people who look cost the clouds anything: the calls of a minute with one viewer and with a hundred."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import httpx
from django.db.models import Q

from dashboard.clouds.drivers.fake.journal import entries
from dashboard.clouds.drivers.fake.outside.instances import seed
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.instances import inventory
from dashboard.instances.models import Instance
from dashboard.tenancy.models import Tenant

from .figures import Figure

INSTANCES = 60
MINUTE_S = 60.0
EVERY_S = 10.0


def prepare(home: Path) -> Cloud:
    """A cloud with places, which notes each call in its journal; `lab` has instances there."""
    path = str(home / "watched.sqlite3")
    cloud = Cloud.objects.create(name="watched", kind="fake", settings={"path": path, "delay_s": "0", "places": "yes"})
    tenant = Tenant.objects.get(slug="lab")
    places = cloud.driver().places
    assert places is not None
    place = places.create(mark=str(tenant.pk), name=tenant.slug)
    account = CloudAccount(tenant=tenant, cloud=cloud, remote_id=place.id)
    account.keep(places.grant(place.id, label="bench"))
    account.save()
    seed(path, count=INSTANCES, place_id=place.id)
    assert inventory.sync_cloud(cloud.pk)
    assert inventory.sync_account(account.pk)
    return cloud


def measure(clients: list[httpx.Client], cloud: Cloud) -> list[Figure]:
    """Each viewer has the list and an instance's page open, and asks for both again every ten seconds."""
    instance = Instance.objects.filter(Q(cloud=cloud)).order_by("name").first()
    assert instance is not None
    pages = ("/t/lab/instances/?q=cloud:watched", f"/t/lab/instances/{instance.pk}/")
    _calls(clients[:1], cloud, pages)  # what the first look at all asks once is nobody's price
    one, many = _calls(clients[:1], cloud, pages), _calls(clients, cloud, pages)
    print(f"  (calls of a minute: {one} with one viewer, {many} with {len(clients)})")
    return [Figure(f"cloud calls of a minute, {len(clients)} viewers instead of one", 100 * many / one, 110, "%")]


def _calls(clients: list[httpx.Client], cloud: Cloud, pages: tuple[str, ...]) -> int:
    path = cloud.settings["path"]
    before, stop = len(entries(path, reads=True)), threading.Event()
    threads = [threading.Thread(target=_look, args=(client, pages, stop)) for client in clients]
    for thread in threads:
        thread.start()
    time.sleep(MINUTE_S)
    stop.set()
    for thread in threads:
        thread.join()
    return len(entries(path, reads=True)) - before


def _look(client: httpx.Client, pages: tuple[str, ...], stop: threading.Event) -> None:
    while not stop.wait(EVERY_S):
        for page in pages:
            client.get(page).raise_for_status()

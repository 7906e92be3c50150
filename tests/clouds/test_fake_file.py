"""The fake cloud's file: one from an earlier version grows what it lacks and keeps what it has."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from dashboard.clouds.drivers.fake.schema import INSTANCES_AND_IMAGES, STEPS
from dashboard.clouds.interface import Status, Verb
from dashboard.clouds.registry import connect


@pytest.fixture
def old_path(tmp_path):
    """As the first version left it, with an instance that is being built; its steps were not counted."""
    path = str(tmp_path / "cloud.sqlite3")
    with closing(sqlite3.connect(path)) as db:
        db.executescript("PRAGMA journal_mode = WAL;" + INSTANCES_AND_IMAGES)
        db.execute(
            "INSERT INTO instances (id, name, status, vcpus, ram_mib, disk_gib, tenant_id, instance_id, address,"
            " created_at, settles_at, settles_to) VALUES ('i-1', 'web-1', 'BUILD', 1, 64, 1, 'lab', 'i-1',"
            " '192.0.2.7', ?, ?, 'ACTIVE')",
            (time.time(), time.time()),
        )
        db.commit()
    return path


def version_of(path):
    with closing(sqlite3.connect(path)) as db:
        return db.execute("PRAGMA user_version").fetchone()[0]


def test_an_old_file_keeps_its_instances_and_learns_the_new_verbs(old_path):
    driver = connect("fake", {"path": old_path})
    remote = driver.compute.get("i-1")
    assert (remote.status, remote.addresses, remote.mark.tenant_id) == (Status.ACTIVE, ("192.0.2.7",), "lab")
    driver.lifecycle.do("i-1", Verb.PAUSE)
    assert driver.compute.get("i-1").status is Status.PAUSED
    assert version_of(old_path) == len(STEPS)


def test_an_old_file_can_have_places(old_path):
    admin = connect("fake", {"path": old_path, "places": "yes"})
    place = admin.places.create(mark="t-1", name="lab")
    assert {network.name for network in admin.networks.networks()} == {"public", "shared"}
    assert [listed.id for listed in admin.places.list()] == [place.id]


def test_many_that_open_an_old_file_at_once_change_it_once(old_path):
    def look(_number):
        return [remote.id for remote in connect("fake", {"path": old_path}).compute.list()]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(look, range(8))) == [["i-1"]] * 8
    assert version_of(old_path) == len(STEPS)


def test_a_file_of_today_is_not_changed_when_it_is_opened_again(tmp_path):
    path = str(tmp_path / "cloud.sqlite3")
    connect("fake", {"path": path}).check()
    with ThreadPoolExecutor(1) as pool:  # another thread opens it anew
        pool.submit(connect("fake", {"path": path}).check).result()
    assert version_of(path) == len(STEPS)

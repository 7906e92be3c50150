"""The fake cloud does wrong what it is told to do wrong, and says what it was asked for."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.clouds.drivers.fake import journal, outside
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import (
    AuthFailed,
    Conflict,
    ConsoleKind,
    LaunchSpec,
    NotFound,
    Reason,
    Refused,
    Status,
    Unavailable,
)
from dashboard.clouds.registry import connect

SPEC = LaunchSpec(
    instance_id="i-1",
    tenant_id="lab",
    operation_id="op-1",
    name="web-1",
    image_id="demo",
    vcpus=1,
    ram_mib=64,
    disk_gib=1,
)


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "cloud.sqlite3")


@pytest.fixture
def driver(path):
    return connect("fake", {"path": path})


@pytest.fixture
def compute(driver):
    return driver.compute


@pytest.fixture
def faults(path):
    return Faults(path)


def test_it_can_be_slow(compute, faults):
    faults.slow(0.3, call="find", times=1)
    began = time.monotonic()
    compute.find("i-1")
    assert time.monotonic() - began >= 0.3


def test_it_can_refuse_once_and_has_then_done_nothing(compute, faults):
    faults.fail("Refused", reason="capacity", call="create")
    with pytest.raises(Refused) as refused:
        compute.create(SPEC)
    assert refused.value.reason is Reason.CAPACITY
    assert compute.find("i-1") is None
    assert compute.create(SPEC).id == "i-1"


@pytest.mark.parametrize("error", [Unavailable, NotFound, Conflict, Refused, AuthFailed])
def test_it_can_fail_in_every_way(compute, faults, error):
    faults.fail(error.__name__, call="list", detail="as ordered")
    with pytest.raises(error, match="as ordered"):
        list(compute.list())


def test_it_can_lose_the_answer_after_the_work(compute, faults):
    faults.lose_answer(call="create")
    with pytest.raises(Unavailable):
        compute.create(SPEC)
    assert compute.find("i-1") is not None


def test_it_can_be_away_and_come_back(driver, compute, faults):
    faults.away()
    for ask in (driver.check, driver.images.list, lambda: list(compute.list()), lambda: compute.create(SPEC)):
        with pytest.raises(Unavailable):
            ask()
    faults.back()
    assert compute.find("i-1") is None


def test_a_watcher_is_told_when_it_goes_away(compute, faults):
    changes = compute.watch(threading.Event())
    faults.away()
    with pytest.raises(Unavailable):
        next(changes)


def test_it_can_take_its_time_to_build(compute, faults):
    faults.takes(0.3, call="create")
    compute.create(SPEC)
    assert compute.get("i-1").status is Status.BUILD
    time.sleep(0.35)
    assert compute.get("i-1").status is Status.ACTIVE


def test_it_can_end_in_error_with_a_reason(compute, faults):
    faults.end_in_error("No valid host was found.")
    compute.create(SPEC)
    remote = compute.get("i-1")
    assert (remote.status, remote.fault) == (Status.ERROR, "No valid host was found.")


def test_it_can_never_finish(compute, faults):
    faults.never_finish()
    compute.create(SPEC)
    assert compute.get("i-1").status is Status.BUILD


def test_a_list_can_break_off(compute, faults, path):
    compute.find("")
    outside.seed(path, count=5)
    faults.break_off_list(after=2)
    instances = compute.list()
    assert [next(instances), next(instances)]
    with pytest.raises(Unavailable):
        next(instances)


def test_a_fault_for_anything_spares_the_watcher(compute, faults):
    changes = compute.watch(threading.Event())
    faults.fail("Refused")
    with pytest.raises(Refused):
        compute.find("i-1")
    compute.create(SPEC)
    assert next(changes).remote_id == "i-1"


def test_a_word_that_nobody_knows_is_unknown(compute, path):
    compute.create(SPEC)
    outside.set_status(path, "i-1", status="FLUMMOXED")
    assert compute.get("i-1").status is Status.UNKNOWN


def test_what_is_removed_outside_is_seen(compute, path):
    compute.create(SPEC)
    compute.get("i-1")
    changes = compute.watch(threading.Event())
    outside.remove(path, "i-1")
    assert next(changes).instance is None


def test_the_journal_tells_every_write_and_its_answer(compute, faults, path):
    faults.fail("Refused", call="create")
    with pytest.raises(Refused):
        compute.create(SPEC)
    faults.lose_answer(call="create")
    with pytest.raises(Unavailable):
        compute.create(SPEC)
    compute.create(SPEC)
    compute.delete("i-1")
    told = [(entry.call, entry.about, entry.answer) for entry in journal.entries(path)]
    assert told == [
        ("create", "i-1", "Refused"),
        ("create", "i-1", "lost"),
        ("create", "i-1", "done"),
        ("delete", "i-1", "done"),
    ]


def test_it_holds_twenty_thousand_instances(compute, path):
    compute.find("")
    ids = outside.seed(path, count=20_000, tenant_id="lab")
    assert {remote.id for remote in compute.list()} == set(ids)
    assert outside.seed(path, count=20_000, tenant_id="lab") == ids
    assert len(list(compute.list())) == 20_000


def test_other_processes_see_the_same_cloud_and_the_same_faults(compute, faults, path):
    faults.fail("Conflict", call="create")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(try_to_create, (path,)) == "Conflict"
        assert pool.apply(try_to_create, (path,)) == "made"
    assert compute.find("i-1") is not None


def test_many_that_begin_at_once_begin_the_same_cloud(tmp_path):
    for number in range(20):
        compute = connect("fake", {"path": str(tmp_path / f"{number}.sqlite3")}).compute
        with ThreadPoolExecutor(8) as pool:
            assert {remote.id for remote in pool.map(compute.create, [SPEC] * 8)} == {"i-1"}
    assert {path.name.partition(".")[2] for path in tmp_path.iterdir()} <= {"sqlite3", "sqlite3-wal", "sqlite3-shm"}


def try_to_create(path):
    try:
        connect("fake", {"path": path}).compute.create(SPEC)
    except Conflict:
        return "Conflict"
    return "made"


def test_its_serial_line_can_be_logged_in_on(driver, compute):
    async def talk():
        line = await driver.consoles.open("i-1", ConsoleKind.SERIAL)
        await line.write(b"demo\rsecret\recho hello\r")
        said = await line.read()
        await line.close()
        await line.close()
        return said, await line.read()

    compute.create(SPEC)
    said, end = asyncio.run(talk())
    assert b"login: demo" in said
    assert b"secret" not in said
    assert b"\r\nhello\r\n" in said
    assert end == b""


def test_a_second_session_ends_the_first(driver, compute):
    async def take_over():
        first = await driver.consoles.open("i-1", ConsoleKind.SERIAL)
        await first.read()
        second = await driver.consoles.open("i-1", ConsoleKind.SERIAL)
        async with asyncio.timeout(5):
            end = await first.read()
        return end, await second.read()

    compute.create(SPEC)
    end, greeting = asyncio.run(take_over())
    assert end == b""
    assert b"login: " in greeting


def test_a_console_of_a_stopped_instance_is_a_conflict(driver, compute):
    compute.create(SPEC)
    outside.set_status(driver.calls.path, "i-1", status="SHUTOFF")
    with pytest.raises(Conflict):
        asyncio.run(driver.consoles.open("i-1", ConsoleKind.SERIAL))


def opened(driver):
    async def open_and_close():
        line = await driver.consoles.open("i-1", ConsoleKind.SERIAL)
        await line.close()

    asyncio.run(open_and_close())


def test_one_that_was_resized_has_its_console_as_before(driver, compute):
    compute.create(SPEC)
    driver.lifecycle.resize("i-1", flavor_id="large", vcpus=2, ram_mib=128, disk_gib=2)
    assert compute.get("i-1").status is Status.RESIZED
    opened(driver)


def test_one_that_was_off_when_it_was_resized_has_none(driver, compute):
    compute.create(SPEC)
    compute.stop("i-1", force=True)
    driver.lifecycle.resize("i-1", flavor_id="large", vcpus=2, ram_mib=128, disk_gib=2)
    with pytest.raises(Conflict):
        opened(driver)


def test_one_that_is_rescued_has_its_console(driver, compute):
    compute.create(SPEC)
    driver.lifecycle.rescue("i-1")
    opened(driver)


def test_a_file_that_cannot_be_is_a_cloud_that_is_away(tmp_path):
    with pytest.raises(Unavailable):
        connect("fake", {"path": str(tmp_path / "no" / "where")}).check()

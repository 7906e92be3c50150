"""Screens and serial lines through Nova's proxies: bytes both ways, held back, closed twice, a new token each time."""

from __future__ import annotations

import asyncio
import logging
import uuid
from contextlib import asynccontextmanager, closing

import pytest
from websockets.asyncio.server import serve
from websockets.typing import Subprotocol

from dashboard.clouds.drivers.openstack.consoles import connected, websocket_of
from dashboard.clouds.interface import ConsoleKind, LaunchSpec, NotFound, Status, Unavailable
from dashboard.clouds.registry import connect
from tests.clouds.contract import NOWHERE, eventually

from . import own_project
from .projects import settings_of

SOON_S = 180
BOOT_S = 300
"""A guest in software, on a busy machine."""


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://c:6080/vnc_lite.html?path=%3Ftoken%3Dabc", "ws://c:6080/?token=abc"),
        ("https://c/vnc_auto.html?path=websockify%3Ftoken%3Dabc", "wss://c/websockify?token=abc"),
        ("http://c:6080/vnc_auto.html?token=a%26b", "ws://c:6080/websockify?token=a%26b"),
        ("ws://c:6083/?token=abc", "ws://c:6083/?token=abc"),
    ],
)
def test_the_page_meant_for_a_browser_tells_where_its_websocket_is(url, address):
    assert websocket_of(url) == address


def test_the_proxy_may_be_elsewhere_for_us():
    url = "https://public/vnc_lite.html?path=%3Ftoken%3Dabc"
    assert websocket_of(url, instead="http://10.0.0.1:6080") == "ws://10.0.0.1:6080/?token=abc"


def test_what_we_do_not_read_the_proxy_cannot_send():
    sent = 0

    async def flood(socket):
        nonlocal sent
        while True:
            await socket.send(b"x" * 65536)
            sent += 65536

    async def scenario():
        async with serve(flood, "127.0.0.1", 0, subprotocols=[Subprotocol("binary")], compression=None) as proxy:
            port = next(iter(proxy.sockets)).getsockname()[1]
            stream = await connected(f"ws://127.0.0.1:{port}/")
            assert await stream.read() == b"x" * 65536
            await asyncio.sleep(1)
            await stream.close()

    asyncio.run(scenario())
    assert sent < 32 << 20


def test_a_large_message_comes_in_pieces_and_no_token_is_logged(caplog):
    caplog.set_level(logging.DEBUG)

    async def say(socket):
        await socket.send(b"")
        await socket.send(b"x" * 100_000)

    async def scenario():
        async with serve(say, "127.0.0.1", 0, subprotocols=[Subprotocol("binary")]) as proxy:
            port = next(iter(proxy.sockets)).getsockname()[1]
            stream = await connected(f"ws://127.0.0.1:{port}/?token=secret")
            pieces = [await stream.read() for _ in range(3)]
            await stream.close()
            return pieces

    assert [len(piece) for piece in asyncio.run(scenario())] == [65536, 100_000 - 65536, 0]
    ours = [record for record in caplog.records if not record.name.startswith("websockets.server")]
    assert not [record for record in ours if "secret" in record.getMessage()]


# --- against a real Nova


@pytest.fixture(scope="module")
def place(admin, admin_cloud):
    with own_project.fresh(admin_cloud, auth_url=admin.settings["auth_url"]) as project:
        project.network()
        yield project


@pytest.fixture(scope="module")
def driver(place):
    with closing(connect("openstack", settings_of(place))) as driver:
        yield driver


def launched(driver, *, flavor: str, image: str):
    flavors = {found.name: found for found in driver.flavors.list()}
    images = {found.name: found.id for found in driver.images.list()}
    chosen = flavors[flavor]
    spec = LaunchSpec(
        instance_id=str(uuid.uuid4()),
        tenant_id="lab",
        operation_id="op-1",
        name="consoles",
        image_id=images[image],
        vcpus=chosen.vcpus,
        ram_mib=chosen.ram_mib,
        disk_gib=chosen.disk_gib,
        flavor_id=chosen.id,
    )
    remote = driver.compute.create(spec)
    eventually(lambda: driver.compute.get(remote.id).status is not Status.BUILD, seconds=SOON_S)
    assert driver.compute.get(remote.id).status is Status.ACTIVE
    return remote.id


@pytest.fixture(scope="module")
def server(driver):
    """On a pretended host, whose screen and serial line are a small program's."""
    return launched(driver, flavor="m1.nano", image="tiny")


@asynccontextmanager
async def opened(driver, remote_id, kind):
    stream = await driver.consoles.open(remote_id, kind)
    try:
        yield stream
    finally:
        await stream.close()


async def read_until(stream, word: bytes) -> bytes:
    seen = b""
    while word not in seen:
        piece = await stream.read()
        assert piece, f"the stream ended after {seen!r}"
        assert len(piece) <= 65536
        seen += piece
    return seen


@pytest.mark.openstack
def test_a_screen_speaks_its_own_protocol_and_answers(driver, server):
    async def scenario():
        async with opened(driver, server, ConsoleKind.VNC) as stream, asyncio.timeout(SOON_S):
            assert (await read_until(stream, b"\n")).startswith(b"RFB 003.")
            await stream.write(b"RFB 003.008\n")
            assert (await stream.read())[0] >= 1  # how many ways to sign in it has

    asyncio.run(scenario())


@pytest.mark.openstack
def test_each_opening_has_a_token_of_its_own(driver, server):
    assert driver.consoles.url(server, ConsoleKind.VNC) != driver.consoles.url(server, ConsoleKind.VNC)


@pytest.mark.openstack
def test_closing_twice_is_no_error_and_then_it_has_ended(driver, server):
    async def scenario():
        stream = await driver.consoles.open(server, ConsoleKind.VNC)
        await stream.close()
        await stream.close()
        await stream.write(b"too late")
        while await stream.read():
            pass  # what had come before

    asyncio.run(scenario())


@pytest.mark.openstack
def test_what_is_not_there_has_no_console(driver):
    with pytest.raises(NotFound):
        asyncio.run(driver.consoles.open(NOWHERE, ConsoleKind.VNC))


@pytest.mark.openstack
def test_a_proxy_that_cannot_be_reached_is_unavailable_and_its_token_is_not_told(place, server):
    settings = settings_of(place) | {"console_url": "http://127.0.0.1:9"}
    with closing(connect("openstack", settings)) as driver, pytest.raises(Unavailable) as raised:
        asyncio.run(driver.consoles.open(server, ConsoleKind.VNC))
    assert "token" not in str(raised.value.__dict__)


@pytest.mark.openstack
@pytest.mark.slow
def test_one_can_log_in_to_a_real_guest_on_its_serial_line(driver):
    guest = launched(driver, flavor="real.demo", image="demo")

    async def scenario():
        async with opened(driver, guest, ConsoleKind.SERIAL) as stream, asyncio.timeout(BOOT_S):
            await stream.write(b"\n")
            await read_until(stream, b"login:")

    try:
        asyncio.run(scenario())
        eventually(lambda: "login:" in driver.compute.console_log(guest), seconds=SOON_S)
    finally:
        driver.compute.delete(guest)

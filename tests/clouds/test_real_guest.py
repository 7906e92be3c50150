"""One guest that is booted, and what only a booted guest can show. The checks build on each other, in this order."""

from __future__ import annotations

import asyncio
import os
import uuid
import xml.etree.ElementTree as ET

import libvirt
import pytest

from dashboard.clouds.interface import Conflict, ConsoleKind, LaunchSpec, Status, Unavailable
from tests.clouds.contract import eventually

from .guest_shell import BOOT_S, boots, until

pytestmark = [pytest.mark.real, pytest.mark.slow]

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx7nLZkA2VJw1c7yX3Yt8QwVJpTq0nJ2zY0i1xQp3aB alice@laptop"


@pytest.fixture(scope="module")
def driver(real_driver):
    return real_driver


@pytest.fixture(scope="module")
def guest(driver):
    """The id of a guest that boots while the first check waits for it."""
    spec = LaunchSpec(
        instance_id=str(uuid.uuid4()),
        tenant_id="lab",
        operation_id="op-1",
        name="Wéb <1> & Co",
        image_id="demo.qcow2",
        vcpus=1,
        ram_mib=192,
        disk_gib=1,
        public_key=KEY,
    )
    yield driver.compute.create(spec).id
    driver.compute.delete(spec.instance_id)


class TestGuest:
    def test_it_boots_to_a_login_prompt_under_its_own_name(self, driver, guest):
        eventually(lambda: "web-1-co login: " in driver.compute.console_log(guest), seconds=BOOT_S)

    def test_somebody_can_log_in_on_the_serial_line_and_finds_the_key(self, driver, guest):
        async def log_in():
            line = await driver.consoles.open(guest, ConsoleKind.SERIAL)
            await line.write(b"\n")
            for prompt, answer in ((b"login: ", b"demo\n"), (b"word: ", b"demo\n"), (b"$ ", b"cat .ssh/*\n")):
                await until(line, prompt)
                await line.write(answer)
            said = await until(line, KEY.encode())
            await line.close()
            return said

        assert KEY.encode() in asyncio.run(log_in())

    def test_a_second_session_takes_the_serial_line_over(self, driver, guest):
        async def take_over():
            first = await driver.consoles.open(guest, ConsoleKind.SERIAL)
            second = await driver.consoles.open(guest, ConsoleKind.SERIAL)
            await until(first, b"never said", seconds=10)
            await second.write(b"\n")
            said = await until(second, b"$ ")
            await first.close()
            await second.close()
            return first.ended, said

        ended, said = asyncio.run(take_over())
        assert ended
        assert b"$ " in said

    def test_what_it_uses_is_told_while_its_processor_is_busy(self, driver, guest):
        async def type_in(command):
            line = await driver.consoles.open(guest, ConsoleKind.SERIAL)
            await line.write(b"\n")
            await until(line, b"$ ")
            await line.write(command)
            await until(line, b"$ ")
            await line.close()

        asyncio.run(type_in(b"while :; do :; done &\n"))
        first = usage_of(driver, guest)
        eventually(lambda: share_of_vcpu(first, usage_of(driver, guest)) > 0.5, seconds=50)
        asyncio.run(type_in(b"kill $!\n"))
        usage = usage_of(driver, guest)
        assert 20 < usage.memory_used_mib < 192
        assert usage.disk_read_bytes > 0
        assert usage.net_rx_bytes is None  # QEMU's user mode counts nothing

    def test_a_reader_that_does_not_read_holds_the_guest_back(self, driver, guest):
        async def flood():
            line = await driver.consoles.open(guest, ConsoleKind.SERIAL)
            await line.write(b"dd if=/dev/zero bs=1024 count=1000 | tr '\\0' x; echo; echo DO''NE\n")
            async with asyncio.timeout(60):
                while not line.paused:
                    await asyncio.sleep(0.05)
            pending = len(line.pending)
            said = await until(line, b"DONE")
            await line.close()
            return pending, said.count(b"x")

        pending, count = asyncio.run(flood())
        assert pending < 1 << 19
        assert count >= 1_024_000  # and nothing was lost

    def test_closing_twice_and_writing_afterwards_are_no_errors(self, driver, guest):
        async def close():
            for kind in (ConsoleKind.SERIAL, ConsoleKind.VNC):
                stream = await driver.consoles.open(guest, kind)
                await stream.close()
                await stream.close()
                await stream.write(b"late")
                assert await stream.read() == b""

        asyncio.run(close())

    def test_a_reader_that_waits_is_woken_by_the_close(self, driver, guest):
        async def close_meanwhile():
            line = await driver.consoles.open(guest, ConsoleKind.SERIAL)
            reading = asyncio.create_task(until(line, b"never said", seconds=10))
            await asyncio.sleep(0.2)
            await line.close()
            await reading

        asyncio.run(close_meanwhile())

    def test_its_screen_speaks_vnc(self, driver, guest):
        async def banner():
            screen = await driver.consoles.open(guest, ConsoleKind.VNC)
            said = await until(screen, b"\n", seconds=10)
            await screen.close()
            return said

        assert asyncio.run(banner()) == b"RFB 003.008\n"

    def test_its_screen_is_no_tcp_port(self, libvirtd, guest):
        xml = libvirt.open(libvirtd.uri).lookupByUUIDString(guest).XMLDesc(0)
        [screen] = ET.fromstring(xml).findall("devices/graphics")
        assert screen.find("listen").get("type") == "socket"
        assert screen.get("port") is None

    def test_it_does_not_run_as_root(self, libvirtd, guest):
        name = libvirt.open(libvirtd.uri).lookupByUUIDString(guest).name()
        [pid] = [path.read_text() for path in libvirtd.home.rglob(f"{name}.pid")]
        assert os.stat(f"/proc/{int(pid)}").st_uid != 0

    def test_a_soft_reboot_boots_it_again(self, driver, guest):
        before = boots(driver, guest)
        driver.compute.reboot(guest)
        eventually(lambda: boots(driver, guest) > before, seconds=BOOT_S)
        assert driver.compute.get(guest).status is Status.ACTIVE

    def test_the_press_of_the_button_shuts_it_down(self, driver, guest):
        driver.compute.stop(guest)
        eventually(lambda: driver.compute.get(guest).status is Status.SHUTOFF, seconds=BOOT_S)

    def test_a_stopped_guest_uses_nothing(self, driver, guest):
        assert guest not in {usage.remote_id for usage in driver.metrics.usages([guest])}

    def test_a_console_of_a_stopped_guest_is_a_conflict(self, driver, guest):
        for kind in ConsoleKind:
            with pytest.raises(Conflict):
                asyncio.run(driver.consoles.open(guest, kind))

    def test_it_boots_again_and_its_log_goes_on(self, driver, guest):
        before = boots(driver, guest)
        assert before >= 2
        driver.compute.start(guest)
        eventually(lambda: boots(driver, guest) > before, seconds=BOOT_S)

    def test_it_survives_a_restart_of_libvirtd(self, driver, libvirtd, guest):
        before = boots(driver, guest)
        libvirtd.restart()
        eventually(lambda: answers(driver, guest), seconds=30)
        assert driver.compute.get(guest).status is Status.ACTIVE
        assert boots(driver, guest) == before


def usage_of(driver, guest):
    return next(usage for usage in driver.metrics.usages([guest]) if usage.remote_id == guest)


def share_of_vcpu(before, now):
    took_s = (now.taken_at - before.taken_at).total_seconds()
    return (now.cpu_ns - before.cpu_ns) / 1e9 / took_s if took_s >= 1 else 0


def answers(driver, guest):
    try:
        return driver.compute.get(guest)
    except Unavailable:
        return None

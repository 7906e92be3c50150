"""The demo guest from inside: what it answers on its serial line."""

from __future__ import annotations

import asyncio
import contextlib

from dashboard.clouds.interface import ConsoleKind

BOOT_S = 240  # 10 s on an idle machine without KVM, 80 s seen on a busy one
BOOTED = "boot finished"
PROMPT = b"$ "


def boots(driver, guest):
    """How many times it came up since its console log began."""
    return driver.compute.console_log(guest, max_bytes=1 << 22).count(BOOTED)


async def until(stream, *texts, seconds=60):
    """What the stream says up to one of the texts, or up to its end."""
    said = b""
    async with asyncio.timeout(seconds):
        while not any(text in said for text in texts):
            chunk = await stream.read()
            if not chunk:
                break
            said += chunk
    return said


def said_by(driver, guest, command):
    """What a shell command of the user `demo` prints; logs in where nobody is."""
    return asyncio.run(_ask(driver, guest, command))


async def _ask(driver, guest, command):
    line = await driver.consoles.open(guest, ConsoleKind.SERIAL)
    try:
        await _log_in(line)
        # the marks are written in halves, so that the echo of what is typed holds neither of them
        await line.write(f"stty -echo; echo BEG''IN; {command}; echo EN''D; stty echo\n".encode())
        said = await until(line, b"END\r\n")
    finally:
        await line.close()
    return said.decode().split("BEGIN\r\n", 1)[1].split("END\r\n", 1)[0]


async def _log_in(line):
    for _try in range(5):
        await line.write(b"\n")
        with contextlib.suppress(TimeoutError):
            if b"login: " in await until(line, b"login: ", PROMPT, seconds=15):
                await line.write(b"demo\n")
                await until(line, b"word: ")
                await line.write(b"demo\n")
                await until(line, PROMPT)
            return
    raise AssertionError("nobody answers on the serial line")

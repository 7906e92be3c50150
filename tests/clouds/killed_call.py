"""Calls a driver and is killed, as by the kernel, before or after one of the steps of the call.

python -m tests.clouds.killed_call SETTINGS CALL ARGUMENTS STEP before|after

SETTINGS and ARGUMENTS are JSON; CALL is `create` (its arguments are those of a LaunchSpec) or a verb of `lifecycle`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib import import_module

from dashboard.clouds.drivers.libvirt import power
from dashboard.clouds.interface import LaunchSpec, Verb
from dashboard.clouds.registry import connect

DRIVER = "dashboard.clouds.drivers.libvirt"
LATEST_S = 30
"""For steps in a thread that the call itself does not wait for."""


def killed(settings, call, arguments, step, when):
    """How the process ended: -SIGKILL where it came to that step."""
    words = [json.dumps(settings), call, json.dumps(arguments), step, when]
    return subprocess.run([sys.executable, "-m", __name__, *words], check=False, timeout=120).returncode


def main() -> None:
    settings, call, arguments, step, when = sys.argv[1:]
    module_name, *holders, function_name = step.split(".")
    holder = import_module(f"{DRIVER}.{module_name}")
    for name in holders:
        holder = getattr(holder, name)
    power.GRACE_S = 1  # a guest that has not booted hears no button
    setattr(holder, function_name, deadly(getattr(holder, function_name), when=when))
    ask(connect("libvirt", json.loads(settings)), call, json.loads(arguments))
    time.sleep(LATEST_S)


def ask(driver, call, arguments):
    if call == "create":
        return driver.compute.create(LaunchSpec(**arguments))
    if call == "do":
        return driver.lifecycle.do(arguments["remote_id"], Verb(arguments["verb"]))
    return getattr(driver.lifecycle, call)(**arguments)


def deadly(function, *, when):
    def killed(*args, **kwargs):
        if when == "after":
            function(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    return killed


if __name__ == "__main__":
    main()

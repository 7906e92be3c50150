"""Creates an instance and is killed, as by the kernel, before or after one of its steps.

python -m tests.clouds.killed_create SETTINGS SPEC STEP before|after      (both in JSON)
"""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module

from dashboard.clouds.interface import LaunchSpec
from dashboard.clouds.registry import connect

DRIVER = "dashboard.clouds.drivers.libvirt"


def main() -> None:
    settings, spec, step, when = sys.argv[1:]
    module_name, _, function_name = step.rpartition(".")
    module = import_module(f"{DRIVER}.{module_name}")
    setattr(module, function_name, deadly(getattr(module, function_name), when=when))
    connect("libvirt", json.loads(settings)).compute.create(LaunchSpec(**json.loads(spec)))


def deadly(function, *, when):
    def killed(*args, **kwargs):
        if when == "after":
            function(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    return killed


if __name__ == "__main__":
    main()

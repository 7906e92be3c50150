"""A private libvirtd for the tests, with real guests; it leaves nothing behind.

It is run by an ordinary user also when the tests are run by root: guests never run as root.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import libvirt

PACKAGES = "libvirt-daemon libvirt-daemon-driver-qemu qemu-system-x86 qemu-utils xorriso"
PROGRAMS = ("libvirtd", "qemu-system-x86_64", "qemu-img", "xorriso")
USER, GROUP = "nobody", "nogroup"
QEMU_CONF = 'security_driver = "none"\nstdio_handler = "file"\nmax_core = 0\nvnc_auto_unix_socket = 1\n'
DAEMON_CONF = 'log_level = 3\nlog_outputs = "3:file:{log}"\n'
START_S = 20


class PrivateLibvirtd:
    """`uri` answers between `start()` and `stop()`; `pool` and `images` are its directories."""

    def __init__(self) -> None:
        # a UNIX socket's path holds 107 bytes, so not below pytest's own long folders
        self.home = Path(tempfile.mkdtemp(prefix="sd-", dir="/tmp"))
        self.pool = self.home / "disks"
        self.images = self.home / "images"
        self.socket = self.home / "run/libvirt/libvirt-sock"
        self.uri = f"qemu:///session?socket={self.socket}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        _require_programs()
        self._lay_out()
        self._spawn()

    def restart(self) -> None:
        """End the daemon and start it again; its guests go on."""
        self.end_daemon()
        self._spawn()

    def stop(self) -> None:
        """End every guest, the daemon, and remove the folder."""
        try:
            self._destroy_guests()
        finally:
            self.end_daemon()
            shutil.rmtree(self.home, ignore_errors=True)

    def end_daemon(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _lay_out(self) -> None:
        for folder in ("run/libvirt", "config/libvirt", "cache/libvirt", "data/libvirt", "log"):
            (self.home / folder).mkdir(parents=True)
        self.pool.mkdir()
        self.images.mkdir()
        (self.home / "config/libvirt/qemu.conf").write_text(QEMU_CONF)
        (self.home / "config/libvirt/libvirtd.conf").write_text(DAEMON_CONF.format(log=self.home / "log/libvirtd.log"))
        if os.geteuid() == 0:
            for path in (self.home, *self.home.rglob("*")):
                shutil.chown(path, USER, GROUP)

    def _spawn(self) -> None:
        folders = {"RUNTIME_DIR": "run", "CONFIG_HOME": "config", "CACHE_HOME": "cache", "DATA_HOME": "data"}
        home = {f"XDG_{name}": str(self.home / folder) for name, folder in folders.items()}
        config = str(self.home / "config/libvirt/libvirtd.conf")
        command = ["libvirtd", "--timeout", "0", "-f", config, "-p", str(self.home / "libvirtd.pid")]
        self.process = subprocess.Popen(
            [*_as_ordinary_user(), *command],
            env={"PATH": f"{os.environ['PATH']}:/usr/sbin", "HOME": str(self.home), **home},
            cwd=self.home,
        )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(self.socket)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"libvirtd did not start; see {self.home}/log/libvirtd.log")

    def _destroy_guests(self) -> None:
        if self.process is None:
            self._spawn()  # a test may have ended the daemon; its guests live on and only a daemon finds them
        connection = libvirt.open(self.uri)
        for domain in connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE):
            domain.destroy()
        connection.close()


def _as_ordinary_user() -> list[str]:
    """Also ends the daemon when the test process dies."""
    drop = ["--reuid", USER, "--regid", GROUP, "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *drop, "--pdeathsig", "TERM"]


def _require_programs() -> None:
    missing = [name for name in PROGRAMS if shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") is None]
    if missing:
        raise RuntimeError(f"{', '.join(missing)} not found: install {PACKAGES}")

"""A private libvirtd of an ordinary account, without systemd.

It ends with `up`; the guests do not. libvirt in session mode starts each QEMU as a
process of its own, and finds it again by its files when libvirtd comes back.
"""

from __future__ import annotations

import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .account import Account

SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
QEMU_CONFIGURATION = """\
security_driver = "none"
stdio_handler = "file"
max_core = 0
vnc_auto_unix_socket = 1
"""
# In a file of its own, since at each start it reports as errors what it does not need: dnsmasq, D-Bus, KVM
DAEMON_CONFIGURATION = """\
log_level = 3
log_outputs = "3:file:{log}"
"""


@dataclass(frozen=True, slots=True)
class Libvirtd:
    """The libvirtd whose state is in `folder` (see cloud_folder.py)."""

    folder: Path
    account: Account

    @property
    def socket(self) -> Path:
        return self.folder / "run/libvirt/libvirt-sock"

    @property
    def uri(self) -> str:
        return f"qemu:///session?socket={quote(str(self.socket))}"

    @property
    def log(self) -> Path:
        return self.folder / "log/libvirtd.log"

    def answers(self) -> bool:
        """Only a connection proves it: socket and pid files outlive a crash."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            try:
                connection.connect(str(self.socket))
            except OSError:
                return False
        return True

    def configure(self) -> None:
        """Write what libvirtd and QEMU read. Raises account.WorkFailed."""

        def write_configuration() -> None:
            (self.folder / "libvirt/qemu.conf").write_text(QEMU_CONFIGURATION)
            (self.folder / "libvirt/libvirtd.conf").write_text(DAEMON_CONFIGURATION.format(log=self.log))

        self.account.run(write_configuration)

    def command(self) -> list[str]:
        """libvirtd in the foreground, which never ends for want of clients."""
        program = shutil.which("libvirtd", path=SEARCH_PATH) or "libvirtd"
        configuration = self.folder / "libvirt/libvirtd.conf"
        return [program, "--timeout", "0", "--config", str(configuration), "--pid-file", f"{self.folder}/run/pid"]

    def environment(self) -> dict[str, str]:
        """All of it. Nothing of ours is handed down, above all no D-Bus session: libvirtd
        would save and stop every guest when that session ends."""
        return {
            "PATH": SEARCH_PATH,
            "LANG": "C.UTF-8",
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "XDG_DATA_HOME": str(self.folder / "data"),
        }

"""A libvirtd of the lab's own for kvm1, in system mode, since Nova gives its guests network cards.

A private mount namespace gives it its own system folders, so that it shares nothing with another libvirtd of the
machine. libvirt's QEMU driver refuses to start where the user does not exist that Debian's package
libvirt-daemon-system makes, even if told to use another: in the namespace, and only there, it does.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import shlex
import shutil
import signal
import socket
from pathlib import Path

from .place import Lab
from .processes import Daemon

USER = "libvirt-qemu"
USER_LINE = f"{USER}:x:64055:64055:Libvirt Qemu:/var/lib/libvirt:/usr/sbin/nologin\n"
GROUP_LINE = f"{USER}:x:64055:\n"
SYSTEM_FOLDERS = {
    "run": "/run/libvirt",
    "lib": "/var/lib/libvirt",
    "cache": "/var/cache/libvirt",
    "etc": "/etc/libvirt",
    "log": "/var/log/libvirt",
}


def prepare(lab: Lab) -> None:
    """Make the folders and files that its namespace shows instead of the system's."""
    folder = _folder(lab)
    for name in ("sock", *SYSTEM_FOLDERS):
        (folder / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(lab.config("libvirt/qemu.conf"), folder / "etc/qemu.conf")
    for lookup, name, line in ((pwd.getpwnam, "passwd", USER_LINE), (grp.getgrnam, "group", GROUP_LINE)):
        try:
            lookup(USER)
            (folder / name).unlink(missing_ok=True)
        except KeyError:
            (folder / name).write_text(Path("/etc", name).read_text() + line)


def daemon(lab: Lab) -> Daemon:
    folder = _folder(lab)
    mounts = [(folder / name, system_folder) for name, system_folder in SYSTEM_FOLDERS.items()]
    mounts += [(folder / name, f"/etc/{name}") for name in ("passwd", "group") if (folder / name).exists()]
    # there has to be something to mount on
    mounting = [f"mkdir -p {' '.join(SYSTEM_FOLDERS.values())}"]
    mounting += [f"mount --bind {shlex.quote(str(ours))} {theirs}" for ours, theirs in mounts]
    serve = f"exec /usr/sbin/libvirtd -f {lab.config('libvirt/libvirtd.conf')} -p {folder}/run/own.pid"
    return Daemon("libvirtd", ["unshare", "-m", "sh", "-ec", "; ".join([*mounting, serve])], lambda: _answers(folder))


def end_guests(lab: Lab) -> None:
    """Guests outlive libvirtd. End those whose pid files are ours, and whose command line says so too."""
    for path in (_folder(lab) / "run/qemu").glob("*.pid"):
        with contextlib.suppress(OSError, ValueError):
            pid = int(path.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_text()
            if "qemu-system" in command and str(lab.folder("data")) in command:
                os.kill(pid, signal.SIGTERM)


def _folder(lab: Lab) -> Path:
    return lab.folder("data") / "libvirt"


def _answers(folder: Path) -> bool:
    """Only a connection proves it: the socket outlives a crash."""
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(str(folder / "sock/libvirt-sock")) == 0

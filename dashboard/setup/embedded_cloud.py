"""The cloud that comes with Skydeck: virtual machines on this machine, by a private libvirt.

Where that is refused or impossible there is the fake cloud, never silently.
"""

from __future__ import annotations

import platform
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from . import acceleration, account, cloud_folder, environment, system_packages
from .acceleration import Acceleration
from .account import Account, AccountUnavailable, WorkFailed
from .cloud_folder import NoPlace
from .demo_image.build import FILE_NAME, build
from .demo_image.packages import KERNEL
from .libvirtd import Libvirtd
from .system_packages import PackagesUnavailable
from .terminal import say

# What runs guests; what the demo image is built with; what libvirt-python is built with
RUNNING = [
    "libvirt-daemon",
    "libvirt-daemon-driver-qemu",
    "libvirt-clients",
    "qemu-system-x86",
    "qemu-utils",
    "xorriso",
]
IMAGE = ["e2fsprogs", "binutils"]
BUILDING = ["libvirt-dev", "pkg-config", "gcc", "libc6-dev", "python3-dev"]
PACKAGES = [*RUNNING, *IMAGE, *BUILDING]
IMAGE_SIDECAR = """\
name = "Demo Linux"
login_hint = "On the console: user demo, password demo."
min_ram_mib = 192
"""


class Impossible(Exception):
    """Real virtual machines cannot be had here; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedCloud:
    """What to register and to run. `settings` are the driver's; `libvirtd` is None where there is none to run."""

    kind: str
    settings: dict[str, str] = field(default_factory=dict)
    libvirtd: Libvirtd | None = None


def fake(home: Path) -> EmbeddedCloud:
    return EmbeddedCloud(kind="fake", settings={"path": str(home / "fake-cloud.sqlite3"), "delay_s": "2"})


def libvirt(home: Path, *, assume_yes: bool) -> EmbeddedCloud:
    """Install, build and find out whatever is not there yet. Raises Impossible."""
    if platform.machine() != "x86_64":
        raise Impossible(f"The embedded cloud runs on x86_64; this machine is {platform.machine()}.")
    try:
        system_packages.install(PACKAGES, why="The embedded cloud", assume_yes=assume_yes)
        environment.install(environment.LIBVIRT)
        owner = account.for_guests(home / "cloud")
        folder = cloud_folder.prepare(home, account=owner)
        image = _demo_image(folder, account=owner)
        found = acceleration.find_out(home, image=image, log=folder / "log/probe.log", account=owner)
    except (PackagesUnavailable, AccountUnavailable, NoPlace, WorkFailed, OSError) as error:
        raise Impossible(str(error)) from error
    except subprocess.CalledProcessError as error:
        raise Impossible(f"`{' '.join(map(str, error.cmd))}` ended with {error.returncode}.") from error
    return _configured(folder, account=owner, found=found)


def _configured(folder: Path, *, account: Account, found: Acceleration) -> EmbeddedCloud:
    say(f"Guests run under {found.name.upper()}: {found.why}.")
    libvirtd = Libvirtd(folder, account)
    libvirtd.configure()
    places = {"pool": str(folder / "disks"), "images": str(folder / "images")}
    settings = {"uri": libvirtd.uri, **places, "accel": found.name}
    return EmbeddedCloud(kind="libvirt", settings=settings, libvirtd=libvirtd)


def _demo_image(folder: Path, *, account: Account) -> Path:
    """Built once, by the account that guests run under. Raises WorkFailed."""
    image = folder / "images" / FILE_NAME
    if image.exists():
        return image
    if not account.succeeds("apt-cache", "show", KERNEL):
        system_packages.update_lists()

    def build_demo_image() -> None:
        image.with_suffix(".toml").write_text(IMAGE_SIDECAR)
        build(image, work=folder / "work", say=say)

    account.run(build_demo_image)
    return image

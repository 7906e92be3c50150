"""Whether guests run under KVM or, slower, under TCG. Only a boot proves it.

/dev/kvm, KVM_CREATE_VM and libvirt's domcapabilities may all say yes where every guest
hangs: a KVM without hardware virtualization accepts the machine and then emulates the
guest's kernel one instruction at a time.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from .account import Account
from .terminal import say

DEVICE = Path("/dev/kvm")
BOOT_TIMEOUT_S = 25


@dataclass(frozen=True, slots=True)
class Acceleration:
    """`name` is kvm or tcg; `why` is a sentence; `machine` is what it was found on."""

    name: str
    why: str
    machine: str


def known(home: Path) -> Acceleration | None:
    """What was found at the last start, or None."""
    try:
        return Acceleration(**json.loads(_file(home).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def find_out(home: Path, *, image: Path, log: Path, account: Account) -> Acceleration:
    """Known for this kernel, processor and QEMU, or found by a boot of `image`, at most 25 s.

    `log` is where that guest's console goes, and must be the account's to write.
    """
    machine = _machine(account)
    found = known(home)
    if found is None or found.machine != machine:
        name, why = _probe(image, log=log, account=account)
        found = Acceleration(name, why, machine)
        _file(home).write_text(json.dumps(asdict(found)))
    return found


def _file(home: Path) -> Path:
    """Not in the cloud's folder, where its account could make root write somewhere else."""
    return home / "acceleration.json"


def _machine(account: Account) -> str:
    """Changes when the answer may change."""
    qemu = subprocess.run(["qemu-system-x86_64", "--version"], check=True, capture_output=True, text=True).stdout
    model = re.search(r"^model name\s*: (.*)$", _processor(), re.MULTILINE)
    access = "open" if _may_open(account) else "closed"
    return "; ".join([platform.release(), model[1] if model else "", qemu.splitlines()[0], access])


def _probe(image: Path, *, log: Path, account: Account) -> tuple[str, str]:
    if not DEVICE.exists():
        return "tcg", f"there is no {DEVICE}"
    if re.search(r"^flags\s*:.* (vmx|svm)( |$)", _processor(), re.MULTILINE) is None:
        return "tcg", "the processor shows no hardware virtualization (vmx or svm)"
    if not _may_open(account):
        return "tcg", f"the account {account.name} may not open {DEVICE}; the group kvm usually may"
    say(f"Booting the demo image once under KVM, at most {BOOT_TIMEOUT_S} s")
    if _boots(image, log=log, account=account):
        return "kvm", "a guest booted under KVM"
    return "tcg", f"a guest did not boot under KVM within {BOOT_TIMEOUT_S} s"


def _processor() -> str:
    return Path("/proc/cpuinfo").read_text()


def _may_open(account: Account) -> bool:
    return account.succeeds("test", "-r", str(DEVICE), "-a", "-w", str(DEVICE))


def _boots(image: Path, *, log: Path, account: Account) -> bool:
    log.unlink(missing_ok=True)
    qemu = subprocess.Popen(_command(image, log=log), cwd="/", stderr=subprocess.DEVNULL, **account.popen_arguments())
    try:
        return _login_appears(qemu, log=log)
    finally:
        qemu.kill()
        qemu.wait()


def _login_appears(qemu: subprocess.Popen[bytes], *, log: Path) -> bool:
    end = time.monotonic() + BOOT_TIMEOUT_S
    while time.monotonic() < end and qemu.poll() is None:
        if log.exists() and b"login:" in log.read_bytes():
            return True
        time.sleep(0.2)
    return False


def _command(image: Path, *, log: Path) -> list[str]:
    machine = ["qemu-system-x86_64", "-accel", "kvm", "-machine", "q35", "-m", "256", "-snapshot"]
    disk = ["-drive", f"file={image},if=virtio,format=qcow2"]
    return [*machine, *disk, "-display", "none", "-monitor", "none", "-net", "none", "-serial", f"file:{log}"]

"""What `python3 manage.py test` runs, stage by stage. Every stage runs, also after one that failed."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dashboard.setup import environment, system_packages
from dashboard.setup.system_packages import PackagesUnavailable

from . import services
from .openstack.lab import life, place
from .openstack.lab import packages as lab_packages

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
# named, since `manage.py` has put its own settings into the environment
PYTEST = [PYTHON, "-m", "pytest", "--ds=tests.settings", "-q", "-rsfE", "--durations=5"]
# What the tests start beside what `up` installs: databases, a browser, and libvirt with its headers.
PACKAGES = [
    *services.PACKAGES,
    "chromium",
    "fonts-dejavu-core",
    *("libvirt-daemon", "libvirt-daemon-driver-qemu", "libvirt-clients", "qemu-system-x86", "qemu-utils"),
    *("e2fsprogs", "xorriso", "binutils", "libvirt-dev", "pkg-config", "gcc", "python3-dev"),
]
# As many at once as the machine has cores, mostly; whoever is free takes what is left.
BY_TEST = ["-n", "2", "--dist", "worksteal"]
# A file's tests share what is dear to start: a libvirt, a whole Skydeck.
BY_FILE = ["-n", "2", "--dist", "loadfile"]
# What stands by itself, and is run where it is worked on.
OF_THEIR_OWN = ["tests/openstack", "tests/eucalyptus", "tests/setup"]
OPENSTACK_LIMIT_S = 35 * 60
PRODUCTION = {
    "SKYDECK_ORIGINS": "https://sky.example.org",
    "SKYDECK_SECRET_KEY": "only-for-the-deployment-check-" + "0123456789abcdefghij" * 2,
}


class Report:
    """Runs stages and remembers which failed."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.failed = False

    def run(self, name: str, command: list[str], **environment: str) -> None:
        self.run_within(None, name, command, **environment)

    def run_within(self, limit_s: float | None, name: str, command: list[str], **environment: str) -> None:
        print(f"\n=== {name}", flush=True)
        began = time.monotonic()
        code = exit_status(command, environment, limit_s=limit_s)
        self.failed |= code != 0
        word = "passed" if code == 0 else f"FAILED (exit status {code})"
        self.lines.append(f"{word:8} {time.monotonic() - began:6.1f} s  {name}")

    def leave_out(self, name: str, reason: str) -> None:
        print(f"\n=== {name}\nLeft out: {reason}", flush=True)
        self.lines.append(f"LEFT OUT {name}: {reason}")

    def close(self) -> int:
        print("\n=== Summary\n" + "\n".join(self.lines), flush=True)
        return int(self.failed)


def exit_status(command: list[str], environment: dict[str, str], *, limit_s: float | None) -> int:
    """Run it; past its time interrupt it, so that it still says how far it came, and count that as a failure."""
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}) as process:
        try:
            return process.wait(None if limit_s is None else max(limit_s, 1))
        except subprocess.TimeoutExpired:
            print(f"Not done after {limit_s:.0f} s: interrupted.", flush=True)
            process.send_signal(signal.SIGINT)
            process.wait()
            return 1


def environment_for(home: Path) -> dict[str, str]:
    """Empty: bytecode is kept, or each of a thousand processes would compile all of it again."""
    return {"SKYDECK_NO_BOOTSTRAP": "1", "SKYDECK_HOME": str(home), "PYTHONDONTWRITEBYTECODE": ""}


def fast() -> int:
    """Style, arrows, and the tests that need neither a guest nor a browser, on SQLite."""
    report = Report()
    with tempfile.TemporaryDirectory(prefix="skydeck-test-") as home:
        base = environment_for(Path(home))
        style(report, base)
        tests = [
            *PYTEST,
            *chosen("first-cases"),
            *BY_TEST,
            "-m",
            "not slow and not real and not browser and not openstack",
        ]
        tests += [f"--ignore={part}" for part in OF_THEIR_OWN]
        if importlib.util.find_spec("libvirt") is None:
            left_out = ["tests/clouds", "tests/operations/test_failures.py"]
            print(f"Left out: {', '.join(left_out)}: libvirt-python is not here. `manage.py test` installs it.")
            tests += [f"--ignore={part}" for part in left_out]
        report.run("tests, fast", tests, **base)
    return report.close()


def everything() -> int:
    if not install_packages():
        return 1
    report = Report()
    with tempfile.TemporaryDirectory(prefix="skydeck-test-") as home:
        base = environment_for(Path(home))
        style(report, base)
        report.run("types", [PYTHON, "-m", "mypy"], **base)
        manage = [PYTHON, "manage.py"]
        report.run("deployment check", [*manage, "check", "--deploy", "--fail-level", "WARNING"], **base, **PRODUCTION)
        report.run("migrations", [*manage, "makemigrations", "--check", "--dry-run"], **base)
        tests = [*PYTEST, *BY_TEST, "-m", "not real and not browser and not openstack"]
        report.run("tests on SQLite", [*tests, *chosen("all-but-later-cases-of-rows")], **base)
        with services.both() as urls:
            report.run("tests on PostgreSQL and Redis", [*tests, *chosen("rows")], **base, **urls)
        real = [*PYTEST, *BY_FILE, "-m", "real and not browser and not openstack"]
        report.run("tests with a real libvirt", real, **base)
        # on their own: Playwright keeps an event loop in the thread that it runs in
        in_browser = [*PYTEST, *BY_FILE, "-m", "browser and not openstack"]
        report.run("tests in a browser", in_browser, **base, **pictures())
        openstack(report, base)
    return report.close()


def chosen(which: str) -> list[str]:
    """Of all tests those that tests/cases.py calls so."""
    return ["-p", "tests.cases", "--choose", which]


def only_openstack() -> int:
    """What needs a real OpenStack, and nothing else."""
    if not install_packages():
        return 1
    report = Report()
    with tempfile.TemporaryDirectory(prefix="skydeck-test-") as home:
        openstack(report, environment_for(Path(home)))
    return report.close()


def openstack(report: Report, base: dict[str, str]) -> None:
    """Start the lab, test against it, and end it again unless it ran before; all within its time limit."""
    if reason := lab_packages.unsupported():
        report.leave_out("tests with a real OpenStack", reason)
        return
    ran_before = life.is_up(place.from_environment())
    end = time.monotonic() + OPENSTACK_LIMIT_S
    lab, tests = [PYTHON, "manage.py", "lab"], [*PYTEST, "tests/openstack", "-m"]
    stages = {
        "start of the OpenStack lab": [*lab, "up", "--yes"],
        # they wait more than they work; a file's tests share a project, so they stay together
        "tests with a real OpenStack": [*tests, "openstack and not browser", "-n", "3", "--dist", "loadfile"],
        "tests with a real OpenStack, in a browser": [*tests, "openstack and browser"],
    }
    for name, command in stages.items():
        report.run_within(end - time.monotonic(), name, command, **base, **pictures())
    if not ran_before:
        report.run("end of the OpenStack lab", [*lab, "down"], **base)


def pictures() -> dict[str, str]:
    """Where browser tests leave their screenshots."""
    return {"SKYDECK_SCREENSHOTS": os.environ.get("SKYDECK_SCREENSHOTS", str(ROOT / "var" / "screenshots"))}


def install_packages() -> bool:
    try:
        system_packages.install(PACKAGES, why="The tests", assume_yes="--yes" in sys.argv)
        environment.install(environment.LIBVIRT)
    except PackagesUnavailable as error:
        print(f"The tests cannot run: {error}", file=sys.stderr)
        return False
    return True


def style(report: Report, base: dict[str, str]) -> None:
    report.run("ruff check", [PYTHON, "-m", "ruff", "check", "."], **base)
    report.run("ruff format", [PYTHON, "-m", "ruff", "format", "--check", "."], **base)
    report.run("arrows", [str(Path(PYTHON).with_name("lint-imports"))], **base)

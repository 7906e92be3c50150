"""What `python3 manage.py test` runs, stage by stage. Every stage runs, also after one that failed."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dashboard.setup import environment, system_packages
from dashboard.setup.system_packages import PackagesUnavailable

from . import services

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
        print(f"\n=== {name}", flush=True)
        began = time.monotonic()
        code = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode
        self.failed |= code != 0
        word = "passed" if code == 0 else f"FAILED (exit status {code})"
        self.lines.append(f"{word:8} {time.monotonic() - began:6.1f} s  {name}")

    def close(self) -> int:
        print("\n=== Summary\n" + "\n".join(self.lines), flush=True)
        return int(self.failed)


def environment_for(home: Path) -> dict[str, str]:
    return {"SKYDECK_NO_BOOTSTRAP": "1", "SKYDECK_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}


def fast() -> int:
    """Style, arrows, and the tests that need neither a guest nor a browser, on SQLite."""
    report = Report()
    with tempfile.TemporaryDirectory(prefix="skydeck-test-") as home:
        base = environment_for(Path(home))
        style(report, base)
        tests = [*PYTEST, "-n", "2", "-m", "not slow and not real and not browser"]
        if importlib.util.find_spec("libvirt") is None:
            print("Left out: tests/clouds, since libvirt-python is not here. `manage.py test` installs it.")
            tests.append("--ignore=tests/clouds")
        report.run("tests, fast", tests, **base)
    return report.close()


def everything() -> int:
    try:
        system_packages.install(PACKAGES, why="The tests", assume_yes="--yes" in sys.argv)
        environment.install(environment.LIBVIRT)
    except PackagesUnavailable as error:
        print(f"The tests cannot run: {error}", file=sys.stderr)
        return 1
    report = Report()
    with tempfile.TemporaryDirectory(prefix="skydeck-test-") as home:
        base = environment_for(Path(home))
        style(report, base)
        report.run("types", [PYTHON, "-m", "mypy"], **base)
        manage = [PYTHON, "manage.py"]
        report.run("deployment check", [*manage, "check", "--deploy", "--fail-level", "WARNING"], **base, **PRODUCTION)
        report.run("migrations", [*manage, "makemigrations", "--check", "--dry-run"], **base)
        rows = [*PYTEST, "-n", "2", "-m", "not real and not browser"]
        report.run("tests on SQLite", rows, **base)
        with services.both() as urls:
            report.run("tests on PostgreSQL and Redis", rows, **base, **urls)
        pictures = {"SKYDECK_SCREENSHOTS": os.environ.get("SKYDECK_SCREENSHOTS", str(ROOT / "var" / "screenshots"))}
        report.run("tests with a real libvirt", [*PYTEST, "-m", "real and not browser"], **base)
        # on their own: Playwright keeps an event loop in the thread that it runs in
        report.run("tests in a browser", [*PYTEST, "-m", "browser"], **base, **pictures)
    return report.close()


def style(report: Report, base: dict[str, str]) -> None:
    report.run("ruff check", [PYTHON, "-m", "ruff", "check", "."], **base)
    report.run("ruff format", [PYTHON, "-m", "ruff", "format", "--check", "."], **base)
    report.run("arrows", [str(Path(PYTHON).with_name("lint-imports"))], **base)

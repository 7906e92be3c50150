"""What `python3 manage.py test` runs, stage by stage. Every stage runs, also after one that failed."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from pathlib import Path

from dashboard.setup import environment, system_packages
from dashboard.setup.system_packages import PackagesUnavailable

from . import services
from .openstack.lab import life, place
from .openstack.lab import packages as lab_packages
from .report import BROWSER, LIBVIRT, OPENSTACK, POSTGRESQL, ROOT, SQLITE, Report

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
PRODUCTION = {
    "SKYDECK_ORIGINS": "https://sky.example.org",
    "SKYDECK_SECRET_KEY": "only-for-the-deployment-check-" + "0123456789abcdefghij" * 2,
}


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
        report.run(SQLITE, [*tests, *chosen("all-but-later-cases-of-rows")], **base)
        postgresql(report, tests, base)
        real = [*PYTEST, *BY_FILE, "-m", "real and not browser and not openstack"]
        # on their own: Playwright keeps an event loop in the thread that it runs in
        in_browser = [*PYTEST, *BY_FILE, "-m", "browser and not openstack"]
        for name, command in ((LIBVIRT, real), (BROWSER, in_browser)):
            if reason := report.lacks_time_for(name):
                report.leave_out(name, reason)
            else:
                report.run(name, command, **base, **pictures())
        openstack(report, base)
    return report.close()


def postgresql(report: Report, tests: list[str], base: dict[str, str]) -> None:
    which = "rows"
    if reason := report.lacks_time_for(POSTGRESQL, LIBVIRT, BROWSER, OPENSTACK):
        which = "first-cases-of-rows"
        report.leave_out("later cases on PostgreSQL", reason)
    with services.both() as urls:
        report.run(POSTGRESQL, [*tests, *chosen(which)], **base, **urls)


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
    """Start the lab, test against it, and end it again unless it ran before; within the time that is left."""
    if reason := lab_packages.unsupported() or report.lacks_time_for(OPENSTACK):
        report.leave_out(OPENSTACK, reason)
        return
    ran_before = life.is_up(place.from_environment())
    lab, tests = [PYTHON, "manage.py", "lab"], [*PYTEST, "tests/openstack", "-m"]
    stages = {
        "start of the OpenStack lab": [*lab, "up", "--yes"],
        # they wait more than they work; a file's tests share a project, so they stay together
        OPENSTACK: [*tests, "openstack and not browser", "-n", "3", "--dist", "loadfile"],
        f"{OPENSTACK}, in a browser": [*tests, "openstack and browser"],
    }
    for name, command in stages.items():
        report.run_within(report.left_s(), name, command, **base, **pictures())
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

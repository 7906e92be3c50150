"""Keeping the extra locks free of what the main lock has."""

from __future__ import annotations

from dashboard.setup import environment, locks

LOCK = """\
django==5.2.19 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:cc
psycopg[binary]==3.3.9 \\
    --hash=sha256:dd
"""


def test_names_are_found_with_and_without_extras_and_markers():
    assert locks.names_in(LOCK) == {"django", "colorama", "psycopg"}


def test_a_requirement_is_left_out_with_all_its_hashes():
    left = locks.without(LOCK, names={"django", "psycopg"})
    assert left == "colorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:cc\n"


def test_no_package_is_in_two_locks():
    main = locks.names_in(environment.MAIN.lock_path.read_text())
    for package_set in (environment.LIBVIRT, environment.TEST):
        assert not main & locks.names_in(package_set.lock_path.read_text())

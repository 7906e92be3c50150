"""Naming, asking, installing, refusing. apt and dpkg are small scripts of the tests' own."""

from __future__ import annotations

import pytest

from dashboard.setup import system_packages
from dashboard.setup.system_packages import PackagesUnavailable

INSTALLED = 'for name in qemu-utils gcc; do echo "$name installed"; done; echo "old config-files"; exit 1'


@pytest.fixture
def debian(programs, tmp_path):
    """dpkg knows two packages as installed; apt-get notes what it was told and succeeds."""
    programs("dpkg-query", INSTALLED)
    programs("apt-get", f'echo "$@" >> {tmp_path}/apt; echo "Setting up xorriso (1.5) ..."')
    return tmp_path / "apt"


@pytest.fixture
def as_root(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)


@pytest.fixture
def as_alice(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)


def test_only_what_is_not_installed_is_missing(debian):
    assert system_packages.missing(["gcc", "xorriso", "old"]) == ["xorriso", "old"]


def test_nothing_is_asked_when_nothing_is_missing(debian, capsys):
    system_packages.install(["gcc"], why="It", assume_yes=False)
    assert capsys.readouterr().out == ""


def test_it_names_the_packages_and_goes_ahead_without_a_terminal(debian, as_root, capsys):
    system_packages.install(["gcc", "xorriso"], why="The embedded cloud", assume_yes=False)
    said = capsys.readouterr().out
    assert "The embedded cloud needs these packages of your distribution:\n  xorriso\n" in said
    assert debian.read_text().split()[-2:] == ["install", "xorriso"]


def test_it_asks_on_a_terminal_and_goes_ahead_on_enter(debian, as_root, somebody_types):
    somebody_types("\n")
    system_packages.install(["xorriso"], why="It", assume_yes=False)
    assert debian.exists()


def test_it_installs_nothing_when_refused(debian, as_root, somebody_types):
    somebody_types("n\n")
    with pytest.raises(PackagesUnavailable, match="You chose"):
        system_packages.install(["xorriso"], why="It", assume_yes=False)
    assert not debian.exists()


def test_it_does_not_ask_with_yes(debian, as_root, somebody_types):
    somebody_types("n\n")
    system_packages.install(["xorriso"], why="It", assume_yes=True)
    assert debian.exists()


def test_an_ordinary_user_goes_through_sudo_which_never_asks_without_a_terminal(debian, as_alice, programs):
    programs("sudo", f'echo "sudo $1" >> {debian}; shift; exec "$@"')
    system_packages.install(["xorriso"], why="It", assume_yes=False)
    assert debian.read_text().startswith("sudo -n\n")


def test_without_sudo_it_says_what_root_has_to_type(debian, as_alice):
    with pytest.raises(PackagesUnavailable, match=r"there is no sudo\. As root: .*apt-get install .*xorriso"):
        system_packages.install(["xorriso"], why="It", assume_yes=False)


def test_where_there_is_no_apt_it_says_so(programs):
    with pytest.raises(PackagesUnavailable, match="Debian and its relatives"):
        system_packages.install(["xorriso"], why="It", assume_yes=False)


def test_it_fetches_the_package_lists_when_the_first_try_fails(debian, as_root, programs):
    programs("apt-get", f'echo "$*" >> {debian}; grep -q update {debian}')
    programs("grep", 'exec /usr/bin/grep "$@"')
    system_packages.install(["xorriso"], why="It", assume_yes=False)
    assert [line.split()[7] for line in debian.read_text().splitlines()] == ["install", "update", "install"]


def test_it_gives_up_when_apt_does(debian, as_root, programs):
    programs("apt-get", "exit 100")
    with pytest.raises(PackagesUnavailable, match="apt-get could not install them"):
        system_packages.install(["xorriso"], why="It", assume_yes=False)

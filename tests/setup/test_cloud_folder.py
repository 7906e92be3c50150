"""Where the embedded cloud's state goes, and whose it is."""

from __future__ import annotations

import os

import pytest

from dashboard.setup import account, cloud_folder
from dashboard.setup.account import Account, AccountUnavailable, WorkFailed
from dashboard.setup.cloud_folder import LONGEST_PATH, NoPlace


@pytest.fixture
def me() -> Account:
    return account.of(os.geteuid())


@pytest.fixture
def short(tmp_path, monkeypatch):
    """Paths in tests are long already; and nothing may be made outside their folder."""
    monkeypatch.setattr(cloud_folder, "LONGEST_PATH", len(str(tmp_path)) + 20)
    monkeypatch.setattr(cloud_folder, "SYSTEM_FOLDER", tmp_path / "s")
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def deep(short):
    """A home whose path is too long."""
    home = short / "a-rather-deep-checkout"
    home.mkdir()
    return home


def test_it_is_in_the_home_where_that_is_short_enough(short, me):
    folder = cloud_folder.prepare(short / "var", account=me)
    assert folder == short / "var/cloud"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "disks").is_dir()


def test_it_is_elsewhere_with_a_link_where_the_path_would_be_too_long(short, deep, me, capsys):
    folder = cloud_folder.prepare(deep, account=me)
    assert folder.parent in {short / "s", short / ".skydeck"}
    assert (deep / "cloud").resolve() == folder
    assert "is too long for the sockets" in capsys.readouterr().out


def test_it_is_found_again(deep, me):
    assert cloud_folder.prepare(deep, account=me) == cloud_folder.prepare(deep, account=me)


def test_a_link_to_where_nothing_is_any_more_is_made_anew(short, deep, me):
    (deep / "cloud").symlink_to(short / "gone")
    assert cloud_folder.prepare(deep, account=me).is_dir()


def test_it_says_so_when_there_is_no_place(short, me, monkeypatch):
    monkeypatch.setattr(cloud_folder, "LONGEST_PATH", 10)
    with pytest.raises(NoPlace, match="Set SKYDECK_HOME"):
        cloud_folder.prepare(short / "var", account=me)


def test_an_ordinary_checkout_fits():
    assert len("/home/alice/skydeck/var/cloud") < LONGEST_PATH


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_an_account_that_cannot_reach_the_home_gets_another_place(short):
    nobody = account.of(65534)
    closed = short / "closed"
    (closed / "var").mkdir(parents=True)
    closed.chmod(0o700)
    for parent in [short, *short.parents]:  # pytest's folders are closed to others, but these are ours to open
        if parent.stat().st_mode & 0o077 == 0 and "pytest" in str(parent):
            parent.chmod(0o755)
    folder = cloud_folder.prepare(closed / "var", account=nobody)
    assert folder.parent == short / "s"
    assert folder.stat().st_uid == 65534
    assert closed.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_work_for_an_account_is_done_as_that_account(tmp_path):
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents:
        if "pytest" in str(parent):
            parent.chmod(0o755)

    def write() -> None:
        (tmp_path / "file").touch()

    account.of(65534).run(write)
    assert (tmp_path / "file").stat().st_uid == 65534


def test_work_that_fails_is_said(me, capfd):
    def fall() -> None:
        raise ValueError("on the floor")

    with pytest.raises(WorkFailed, match="fall ended with 1"):
        me.run(fall)
    assert "on the floor" in capfd.readouterr().err


def test_a_cloud_stays_its_owners(tmp_path, monkeypatch):
    """Also when root types `up` later; and nobody else may."""
    cloud = tmp_path / "cloud"
    cloud.mkdir()
    if os.geteuid() == 0:
        os.chown(cloud, 65534, 65534)
        assert account.for_guests(cloud).uid == 65534
        monkeypatch.setattr("os.geteuid", lambda: 4242)
        with pytest.raises(AccountUnavailable, match="run this as"):
            account.for_guests(cloud)
    else:
        assert account.for_guests(cloud).uid == os.geteuid()

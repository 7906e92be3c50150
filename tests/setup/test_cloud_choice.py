"""Which cloud `up` brings: never a pretended one silently."""

from __future__ import annotations

import pytest

from dashboard.setup import cloud_choice
from dashboard.setup.home import CannotStart


@pytest.fixture
def home(tmp_path, programs):
    """A home on a machine that is no Debian: libvirt is impossible there."""
    (tmp_path / "var").mkdir()
    return tmp_path / "var"


def test_the_fake_cloud_is_used_and_announced_when_asked_for(home, capsys):
    assert cloud_choice.choose("fake", home=home, assume_yes=False).kind == "fake"
    assert "The cloud is FAKE" in capsys.readouterr().out


def test_the_choice_is_remembered_and_announced_again(home, capsys):
    cloud_choice.choose("fake", home=home, assume_yes=False)
    capsys.readouterr()
    assert cloud_choice.choose(None, home=home, assume_yes=False).kind == "fake"
    assert "The cloud is FAKE" in capsys.readouterr().out


def test_without_a_terminal_it_goes_on_with_the_fake_cloud_and_says_why(home, capsys):
    assert cloud_choice.choose(None, home=home, assume_yes=False).kind == "fake"
    said = capsys.readouterr().out
    assert "The embedded cloud cannot run here." in said
    assert "The cloud is FAKE" in said


def test_that_is_not_remembered(home):
    cloud_choice.choose(None, home=home, assume_yes=False)
    assert not (home / "cloud-kind").exists()


def test_on_a_terminal_it_asks_first(home, somebody_types, capsys):
    somebody_types("y\n")
    assert cloud_choice.choose(None, home=home, assume_yes=False).kind == "fake"
    assert "Go on with a FAKE cloud" in capsys.readouterr().out


def test_on_a_terminal_it_starts_nothing_when_that_is_refused(home, somebody_types):
    somebody_types("n\n")
    with pytest.raises(CannotStart, match="Nothing was started"):
        cloud_choice.choose(None, home=home, assume_yes=False)


def test_who_asks_for_libvirt_gets_libvirt_or_an_error(home):
    with pytest.raises(CannotStart, match="The embedded cloud cannot run here"):
        cloud_choice.choose("libvirt", home=home, assume_yes=True)

"""static/icons.svg holds exactly what is used."""

import re
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from dashboard.ui import sprite


def used() -> set[str]:
    pages = "".join(path.read_text() for path in Path(settings.ROOT, "templates").rglob("*.html"))
    tables = "".join(path.read_text() for path in Path(settings.ROOT, "dashboard").rglob("*.py"))
    return set(re.findall(r'{% icon "([\w-]+)"', pages)) | set(re.findall(r'icon="([\w-]+)"', tables))


def test_the_sprite_is_made_of_the_vendored_outlines():
    assert sprite.target().read_text() == sprite.build(sprite.outlines())


def test_every_icon_of_a_page_is_in_the_sprite_and_no_other():
    assert set(re.findall(r'<symbol id="([\w-]+)"', sprite.target().read_text())) == used()


def test_the_command_writes_the_sprite(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(sprite, "target", lambda: tmp_path / "icons.svg")
    call_command("sprite")
    assert (tmp_path / "icons.svg").read_text() == sprite.build(sprite.outlines())
    assert "icons" in capsys.readouterr().out

"""static/icons.svg: every outline that vendor.toml takes from Tabler Icons (MIT), each as a <symbol>."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

NOTE = "<!-- Tabler Icons, MIT, static/vendor/icons/{version}/LICENSE. Made by `python3 manage.py sprite`. -->\n"
# An invisible square around each outline, which only the single files need.
_SQUARE = '<path stroke="none" d="M0 0h24v24H0z" fill="none" />'


def target() -> Path:
    return Path(settings.ROOT) / "static" / "icons.svg"


def outlines() -> list[Path]:
    return sorted((Path(settings.ROOT) / "static" / "vendor" / "icons").glob("*/icons/outline/*.svg"))


def build(files: list[Path]) -> str:
    """The sprite's text; `{% icon "plus" %}` shows `plus.svg`."""
    note = NOTE.format(version=files[0].parents[2].name)
    symbols = "".join(symbol(file.stem, file.read_text()) for file in files)
    return f'{note}<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}</svg>\n'


def symbol(name: str, svg: str) -> str:
    paths = re.sub(r"\s*\n\s*", "", svg[svg.index(">") + 1 : svg.rindex("</svg>")].replace(_SQUARE, ""))
    return f'<symbol id="{name}" viewBox="0 0 24 24">{paths}</symbol>\n'

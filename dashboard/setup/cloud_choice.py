"""Which cloud `up` brings along: real virtual machines where that is possible, pretended ones never silently."""

from __future__ import annotations

from pathlib import Path

from . import embedded_cloud
from .embedded_cloud import EmbeddedCloud, Impossible
from .home import CannotStart
from .terminal import agrees, say, warn

KINDS = ("libvirt", "fake")


def choose(asked: str | None, *, home: Path, assume_yes: bool) -> EmbeddedCloud:
    """`asked` is the option `--cloud`; without it, as at the last start, else libvirt. Raises CannotStart."""
    kind = asked or _remembered(home)
    if kind == "fake":
        _remember(home, kind=kind)
        warn("The cloud is FAKE: its machines are pretended. `python3 manage.py up --cloud libvirt` brings real ones.")
        return embedded_cloud.fake(home)
    try:
        cloud = embedded_cloud.libvirt(home, assume_yes=assume_yes)
    except Impossible as error:
        if asked == "libvirt":
            raise CannotStart(f"The embedded cloud cannot run here. {error}") from error
        return _instead(error, home=home, assume_yes=assume_yes)
    _remember(home, kind="libvirt")
    return cloud


def _instead(error: Impossible, *, home: Path, assume_yes: bool) -> EmbeddedCloud:
    """The offer of the fake cloud. Made again at the next start, unless somebody accepted it."""
    say(f"\nThe embedded cloud cannot run here. {error}")
    if not agrees("Go on with a FAKE cloud, whose machines are only pretended?", assume_yes=assume_yes):
        raise CannotStart("Nothing was started.")
    warn(f"The cloud is FAKE: its machines are pretended, since real ones cannot run here.\n{error}")
    return embedded_cloud.fake(home)


def _file(home: Path) -> Path:
    return home / "cloud-kind"


def _remembered(home: Path) -> str:
    try:
        kind = _file(home).read_text().strip()
    except OSError:
        return KINDS[0]
    return kind if kind in KINDS else KINDS[0]


def _remember(home: Path, *, kind: str) -> None:
    _file(home).write_text(f"{kind}\n")

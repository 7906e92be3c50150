"""Other people's browser files, kept in this repository: fetched by npm, compared with `vendor.toml`.

    ["@xterm/xterm"]
    version    = what to fetch
    licence    = SPDX name; its text is among the files
    why        = one sentence for whoever reads the list
    folder     = where its files go, NAME/VERSION/ below it
    take       = patterns inside the package
    integrity  = npm's own hash of the package; empty to accept the one that comes
    files      = path -> sha256, written by the command `vendor`

Nothing is built: what the package holds is what the browser gets.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from .environment import ROOT

LIST = ROOT / "vendor.toml"
HEADER = "# Written by `python3 manage.py vendor`; dashboard/setup/vendored.py says what each line means.\n"


class WrongHash(Exception):
    """A package is not the one that vendor.toml names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    name: str
    version: str
    licence: str
    why: str
    folder: str
    take: tuple[str, ...]
    integrity: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    def path(self, root: Path) -> Path:
        """`@novnc/novnc` lives in `novnc`, `@xterm/addon-fit` in `addon-fit`."""
        return root / self.folder / self.name.rpartition("/")[2] / self.version


def read(path: Path = LIST) -> list[Package]:
    listed = tomllib.loads(path.read_text())
    return [Package(name=name, **row | {"take": tuple(row["take"])}) for name, row in listed.items()]


def write(packages: list[Package], *, path: Path = LIST) -> None:
    path.write_text(HEADER + "".join(_block(package) for package in packages))


def _block(package: Package) -> str:
    """JSON's strings and lists of strings are TOML's as well."""
    values = {f.name: getattr(package, f.name) for f in fields(package) if f.name not in {"name", "files"}}
    lines = [f"\n[{json.dumps(package.name)}]"]
    lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    lines += [f"[{json.dumps(package.name)}.files]"]
    lines += [f"{json.dumps(name)} = {json.dumps(digest)}" for name, digest in package.files.items()]
    return "\n".join(lines) + "\n"


def fetch(package: Package, *, root: Path = ROOT) -> Package:
    """Put its files in place of the old ones. Returns it with their hashes; raises WrongHash."""
    with tempfile.TemporaryDirectory() as folder:
        return unpack(package, _download(package, Path(folder)), root=root)


def unpack(package: Package, archive: Path, *, root: Path) -> Package:
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if package.integrity not in {"", integrity}:
        raise WrongHash(f"{package.name} {package.version} is {integrity}, not {package.integrity}")
    with tarfile.open(archive) as tar:
        tar.extractall(archive.parent, filter="data")
    copied = _copy(package, source=archive.parent / "package", target=package.path(root))
    return replace(package, integrity=integrity, files=copied)


def _download(package: Package, folder: Path) -> Path:
    wanted = f"{package.name}@{package.version}"
    npm = ["npm", "pack", "--silent", "--ignore-scripts", wanted]
    name = subprocess.run(npm, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout.split()[-1]
    return folder / name


def _copy(package: Package, *, source: Path, target: Path) -> dict[str, str]:
    shutil.rmtree(target.parent, ignore_errors=True)
    found = sorted({path for pattern in package.take for path in source.glob(pattern) if path.is_file()})
    for path in found:
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    return {str(path.relative_to(source)): sha256(path) for path in found}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def differences(packages: list[Package], *, root: Path = ROOT) -> Iterator[str]:
    """What is there and not as listed, and what is listed and not there; one sentence each."""
    for package in packages:
        folder = package.path(root)
        present = {str(path.relative_to(folder)): sha256(path) for path in folder.rglob("*") if path.is_file()}
        for name in sorted(present.keys() | package.files.keys()):
            if present.get(name) != package.files.get(name):
                yield f"{package.name}: {name} is not the file that vendor.toml lists"

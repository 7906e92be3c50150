import tarfile
from dataclasses import replace

import pytest

from dashboard.setup import vendored
from dashboard.setup.environment import ROOT


def test_every_vendored_file_is_the_one_that_vendor_toml_lists():
    assert list(vendored.differences(vendored.read())) == []


def test_every_vendored_folder_is_listed():
    listed = {package.path(ROOT) for package in vendored.read()}
    for folder in ("static/vendor", "tests/vendor"):
        assert {path for path in (ROOT / folder).glob("*/*") if path.is_dir()} <= listed


def test_every_package_brings_its_licence():
    for package in vendored.read():
        assert any("LICENSE" in name for name in package.files), package.name


def test_a_changed_a_missing_and_an_added_file_are_named(tmp_path):
    package = replace(vendored.read()[0], files={"a.js": "0" * 64, "gone.js": "0" * 64})
    folder = package.path(tmp_path)
    folder.mkdir(parents=True)
    (folder / "a.js").write_text("changed")
    (folder / "new.js").write_text("")
    said = list(vendored.differences([package], root=tmp_path))
    assert [line.split()[1] for line in said] == ["a.js", "gone.js", "new.js"]


def test_the_list_reads_back_as_it_was_written(tmp_path):
    vendored.write(vendored.read(), path=tmp_path / "vendor.toml")
    assert vendored.read(tmp_path / "vendor.toml") == vendored.read()
    assert (tmp_path / "vendor.toml").read_text() == vendored.LIST.read_text()


def archive_of(folder, **files):
    folder.mkdir()
    with tarfile.open(folder / "package.tgz", "w:gz") as tar:
        for name, text in files.items():
            (folder / name).write_text(text)
            tar.add(folder / name, f"package/{name}")
    return folder / "package.tgz"


def test_a_package_with_another_hash_is_refused(tmp_path):
    package = replace(vendored.read()[0], integrity="sha512-of-something-else")
    with pytest.raises(vendored.WrongHash):
        vendored.unpack(package, archive_of(tmp_path / "npm", LICENSE="free"), root=tmp_path)
    assert not package.path(tmp_path).exists()


def test_a_package_replaces_the_older_one_and_brings_only_what_is_taken(tmp_path):
    package = replace(vendored.read()[0], integrity="", take=("LICENSE",))
    older = replace(package, version="0.0.1").path(tmp_path)
    older.mkdir(parents=True)
    done = vendored.unpack(package, archive_of(tmp_path / "npm", LICENSE="free", other="no"), root=tmp_path)
    assert list(done.files) == ["LICENSE"]
    assert not older.exists()
    assert list(vendored.differences([done], root=tmp_path)) == []

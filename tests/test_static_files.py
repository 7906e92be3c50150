"""What `collectstatic` makes for production: every module finds what it imports, at addresses that never change."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings

IMPORT = re.compile(
    r"""(?:\bimport|\bfrom)\s*["'](\.{1,2}/[^"']+)["']|new URL\(\s*["']([^"']+\.js)["'],\s*import\.meta"""
)


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    root = tmp_path_factory.mktemp("static")
    storage = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
    with override_settings(STATIC_ROOT=root, STORAGES=storage):
        call_command("collectstatic", interactive=False, verbosity=0)
    return root


def imports(path: Path):
    for found in IMPORT.finditer(path.read_text()):
        yield found[1] or found[2]


def test_every_module_finds_what_it_imports(collected):
    modules = [path for path in collected.rglob("*") if path.suffix in {".js", ".mjs"}]
    missing = [(str(m), name) for m in modules for name in imports(m) if not (m.parent / name).is_file()]
    assert missing == []
    assert sum(1 for module in modules for _ in imports(module)) > 50


def test_the_pages_modules_have_hashed_names(collected):
    for name in ("consoles/serial", "consoles/vnc", "live/live", "consoles/consoles"):
        folder, _, stem = name.partition("/")
        assert [p for p in (collected / folder).iterdir() if re.fullmatch(rf"{stem}\.[0-9a-f]{{12}}\.\w+", p.name)]


@pytest.mark.parametrize(
    ("url", "is_kept"),
    [
        ("/static/vendor/novnc/1.7.0/core/rfb.js", True),
        ("/static/live/live.0123456789ab.js", True),
        ("/static/live/stream.js", False),
        ("/static/vendor/README.md", False),
    ],
)
def test_browsers_keep_for_good_only_what_never_changes(url, is_kept, settings):
    from whitenoise.base import WhiteNoise

    server = WhiteNoise(None, immutable_file_test=settings.WHITENOISE_IMMUTABLE_FILE_TEST)
    assert server.immutable_file_test("", url) is is_kept


def test_large_files_are_there_compressed(collected):
    whole = collected / "vendor/xterm/6.0.0/lib/xterm.mjs"
    assert whole.with_name("xterm.mjs.br").stat().st_size < whole.stat().st_size / 3

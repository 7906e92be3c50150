import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"SKYDECK_[A-Z_]+")


def read_by_the_product() -> set[str]:
    sources = [ROOT / "manage.py", *(ROOT / "dashboard").rglob("*.py")]
    quoted = re.compile(r"""["'](SKYDECK_[A-Z_]+)["']""")
    return {name for path in sources for name in quoted.findall(path.read_text())}


def test_every_setting_is_described_and_every_described_one_exists():
    described = set(re.findall(r"^\| `(SKYDECK_[A-Z_]+)`", (ROOT / "docs/settings.md").read_text(), re.M))
    assert described == read_by_the_product()


def test_no_page_names_a_setting_that_does_not_exist():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "deploy").rglob("*")]
    named = {name for page in pages if page.is_file() for name in NAME.findall(page.read_text())}
    assert named <= read_by_the_product()

"""A plugin that chooses among the tests by what they need, for stages that run together with another one.

Where a test has several cases, they differ in what is typed or told. What differs between the two databases is found by
all cases on the stricter one, PostgreSQL, which counts the length of texts and refuses NUL, and the first on the other.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

FIXTURES = {"db", "transactional_db", "live_server", "no_tries_counted", "no_tries_yet"}
"""The last two empty the cache."""
# They start processes that find their database and their broker in the environment.
BY_PROCESS = ("tests/setup/", "tests/bench/", "tests/test_web.py")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--choose", choices=sorted(CHOICES), required=True, help="which tests run")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    first = {(item.parent, getattr(item, "originalname", item.name)): item for item in reversed(items)}
    firsts, wanted = set(first.values()), CHOICES[config.getoption("choose")]
    kept = [item for item in items if wanted(uses_rows(item), item in firsts)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


CHOICES: dict[str, Callable[[bool, bool], bool]] = {
    "first-cases": lambda _uses_rows, is_first: is_first,
    "rows": lambda uses_rows, _is_first: uses_rows,
    "first-cases-of-rows": lambda uses_rows, is_first: uses_rows and is_first,
    "all-but-later-cases-of-rows": lambda uses_rows, is_first: is_first or not uses_rows,
}


def uses_rows(item: pytest.Item) -> bool:
    """Whether it uses a database or a cache."""
    if item.get_closest_marker("django_db") or FIXTURES & set(getattr(item, "fixturenames", ())):
        return True
    return item.nodeid.startswith(BY_PROCESS)

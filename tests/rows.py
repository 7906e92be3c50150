"""A plugin for the second database: the tests that use one. The others have said already what they have to say."""

from __future__ import annotations

import pytest

FIXTURES = {"db", "transactional_db", "live_server", "no_tries_counted", "no_tries_yet"}
"""The last two empty the cache."""
# They start processes that find their database and their broker in the environment.
BY_PROCESS = ("tests/setup/", "tests/bench/", "tests/test_web.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    without = [item for item in items if not uses_rows(item)]
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if item not in set(without)]


def uses_rows(item: pytest.Item) -> bool:
    if item.get_closest_marker("django_db") or FIXTURES & set(getattr(item, "fixturenames", ())):
        return True
    return item.nodeid.startswith(BY_PROCESS)

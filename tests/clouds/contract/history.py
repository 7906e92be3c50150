"""What happened while nobody looked. A cloud may tell a thing twice, but none may be left out."""

from __future__ import annotations

import pytest

from dashboard.clouds.interface import Feature, NotFound, Status

from .ground import NOWHERE, OnACloud, needs


class HistoryContract(OnACloud):
    @pytest.fixture(autouse=True)
    def _history(self, driver):
        if driver.history is None:
            pytest.skip("this cloud tells no history")

    # --- changes

    @needs(Feature.CHANGES)
    def test_without_a_cursor_it_tells_all_there_is(self, driver, remote):
        before = self.listed(driver)
        told = {instance.id: instance for instance in driver.history.changes("").instances}
        after = self.listed(driver)
        assert told[remote.id] == driver.compute.get(remote.id)
        assert before & after <= set(told) <= before | after  # what another test left may end meanwhile

    @needs(Feature.CHANGES)
    def test_a_cursor_is_short_and_another_answer_needs_only_it(self, driver, remote):
        cursor = driver.history.changes("").cursor
        assert 0 < len(cursor) <= 200
        assert driver.history.changes(cursor).cursor

    @needs(Feature.CHANGES)
    def test_what_changed_since_is_told(self, driver, remote):
        cursor = driver.history.changes("").cursor
        driver.compute.stop(remote.id, force=True)
        self.eventually(lambda: self.told(driver, cursor).get(remote.id) is Status.SHUTOFF)

    @needs(Feature.CHANGES)
    def test_no_change_is_lost_between_two_cursors(self, driver, remote):
        cursor, seen = driver.history.changes("").cursor, []
        driver.compute.stop(remote.id, force=True)

        def look():
            nonlocal cursor
            changes = driver.history.changes(cursor)
            cursor = changes.cursor
            seen.extend(change.status for change in changes.instances if change.id == remote.id)
            return Status.SHUTOFF in seen

        self.eventually(look)

    @needs(Feature.CHANGES)
    def test_what_was_made_and_what_is_gone_is_told(self, driver, launch, spec):
        before = driver.history.changes("").cursor
        remote = launch(spec)
        self.eventually(lambda: self.told(driver, before).get(remote.id) is Status.ACTIVE)
        cursor = driver.history.changes("").cursor
        driver.compute.delete(remote.id)
        self.eventually(lambda: self.told(driver, cursor).get(remote.id) is Status.DELETED)
        assert remote.id not in {instance.id for instance in driver.history.changes("").instances}

    def listed(self, driver):
        return {instance.id for instance in driver.compute.list()}

    def told(self, driver, cursor):
        return {instance.id: instance.status for instance in driver.history.changes(cursor).instances}

    # --- actions

    @needs(Feature.ACTIONS)
    def test_what_was_done_is_told_with_the_newest_first(self, driver, remote):
        driver.compute.stop(remote.id, force=True)
        self.expect(driver, remote.id, Status.SHUTOFF)
        actions = driver.history.actions(remote.id)
        assert [action.name for action in actions] == ["stop", "create"]
        assert all(action.id and action.by and action.started_at.tzinfo for action in actions)
        assert actions[0].started_at >= actions[1].started_at

    @needs(Feature.ACTIONS)
    def test_the_actions_of_what_never_was_are_not_found(self, driver):
        with pytest.raises(NotFound):
            driver.history.actions(NOWHERE)

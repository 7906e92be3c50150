"""Where on the cloud an instance goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.clouds.interface import Feature, Refused, Status

from .ground import NOWHERE, OnACloud, needs, unique


class PlacingContract(OnACloud):
    @pytest.fixture
    def group(self, driver):
        self.require(driver, Feature.SERVER_GROUPS)
        group = driver.placing.create_group(name=unique("group"), policy="soft-anti-affinity")
        yield group
        driver.placing.delete_group(group.id)

    @needs(Feature.ZONES)
    def test_an_instance_is_in_the_zone_that_was_chosen(self, driver, launch, spec):
        zone = driver.placing.zones()[0]
        assert launch(replace(spec, zone=zone)).zone == zone

    @needs(Feature.ZONES)
    def test_a_zone_that_is_not_there_is_refused(self, driver, spec):
        with pytest.raises(Refused):
            driver.compute.create(replace(spec, zone="no-such-zone"))
        assert self.count(driver, spec) == 0

    def test_a_group_is_listed_and_asked_for_again_is_the_same(self, driver, group):
        assert group in driver.placing.groups()
        assert driver.placing.create_group(name=group.name, policy=group.policy) == group
        assert [other.name for other in driver.placing.groups()].count(group.name) == 1

    def test_an_instance_is_launched_into_a_group(self, launch, spec, group):
        assert launch(replace(spec, server_group_id=group.id)).status is Status.ACTIVE

    @needs(Feature.SERVER_GROUPS)
    def test_a_group_that_is_not_there_is_refused(self, driver, spec):
        with pytest.raises(Refused):
            driver.compute.create(replace(spec, server_group_id=NOWHERE))
        assert self.count(driver, spec) == 0

    def test_a_deleted_group_is_gone_and_once_more_is_no_error(self, driver, group):
        driver.placing.delete_group(group.id)
        driver.placing.delete_group(group.id)
        assert group not in driver.placing.groups()

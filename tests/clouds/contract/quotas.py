"""The cloud's own limits of a place."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from dashboard.clouds.interface import AuthFailed, Reason, Refused

from .places import InPlaces


class QuotasContract(InPlaces):
    others = {"ram_mib": 4096, "volume_gib": 20, "networks": 3, "floating_ips": 2}
    """Of what else the cloud has limits."""

    def test_what_was_set_is_read_back_by_both(self, admin, place, driver):
        admin.quotas.set(place.id, {"instances": 3, **self.others})
        for limits in (admin.quotas.get(place.id), driver.quotas.get()):
            assert {name: limits[name].limit for name in ("instances", *self.others)} == {"instances": 3, **self.others}

    def test_only_what_is_named_is_changed(self, admin, place):
        admin.quotas.set(place.id, {"instances": 3, "vcpus": 7})
        admin.quotas.set(place.id, {"instances": 4})
        limits = admin.quotas.get(place.id)
        assert (limits["instances"].limit, limits["vcpus"].limit) == (4, 7)

    def test_no_limit_is_none(self, admin, place):
        admin.quotas.set(place.id, {"instances": None})
        assert admin.quotas.get(place.id)["instances"].limit is None

    def test_one_place_is_not_the_other(self, admin, place, make_place):
        other = make_place()
        before = admin.quotas.get(other.id)["instances"].limit
        admin.quotas.set(place.id, {"instances": 1})
        assert admin.quotas.get(other.id)["instances"].limit == before

    def test_what_is_used_is_counted(self, driver, remote, spec):
        self.eventually(lambda: driver.quotas.get()["instances"].used == 1)
        assert driver.quotas.get()["vcpus"].used == spec.vcpus

    def test_beyond_the_limit_is_refused_and_nothing_is_left(self, admin, place, driver, remote, spec):
        admin.quotas.set(place.id, {"instances": 1})
        second = replace(spec, instance_id=str(uuid.uuid4()))
        with pytest.raises(Refused) as refused:
            driver.compute.create(second)
        assert refused.value.reason is Reason.QUOTA
        assert self.count(driver, second) == 0

    def test_a_tenant_cannot_raise_its_own_limits(self, place, driver):
        before = driver.quotas.get()["instances"].limit
        with pytest.raises((Refused, AuthFailed)):
            driver.quotas.set(place.id, {"instances": 1000})
        assert driver.quotas.get()["instances"].limit == before

"""The cloud's own limits, pushed to a real Nova, Neutron and Cinder and read back."""

from __future__ import annotations

from contextlib import closing

import pytest

from dashboard.clouds.drivers.openstack.quotas import WORDS, OpenStackQuotas, from_limit, to_limit
from dashboard.clouds.drivers.openstack.session import Session
from dashboard.clouds.interface import Limit, Refused

from .projects import settings_of

ALL = {word for words in WORDS.values() for word in words}


@pytest.mark.parametrize(
    ("raw", "limit"),
    [
        ({"limit": 10, "in_use": 2, "reserved": 1}, Limit(limit=10, used=3)),
        ({"limit": -1, "in_use": 0, "reserved": 0}, Limit(limit=None, used=0)),
        ({"limit": 100, "used": 7, "reserved": 0}, Limit(limit=100, used=7)),
        ({"limit": 0, "used": 0}, Limit(limit=0, used=0)),
    ],
)
def test_an_answer_becomes_a_limit(raw, limit):
    assert to_limit(raw) == limit


def test_no_limit_is_minus_one_in_the_clouds_words():
    assert [from_limit(limit) for limit in (None, 0, 5)] == [-1, 0, 5]


@pytest.mark.openstack
class TestQuotas:
    @pytest.fixture
    def quotas(self, admin):
        return OpenStackQuotas(admin)

    @pytest.fixture
    def own(self, project):
        with closing(Session(settings_of(project))) as session:
            yield OpenStackQuotas(session)

    def test_every_limit_that_we_have_a_word_for_is_known(self, quotas, project):
        limits = quotas.get(project.id)
        assert set(limits) == ALL
        assert limits["instances"].used == 0
        assert limits["key_pairs"].used is None

    def test_what_was_pushed_is_read_back(self, quotas, project):
        wanted = {word: number for number, word in enumerate(sorted(ALL), start=20)}
        quotas.set(project.id, wanted)
        assert {word: limit.limit for word, limit in quotas.get(project.id).items()} == wanted

    def test_only_what_was_named_is_changed(self, quotas, project):
        before = quotas.get(project.id)
        quotas.set(project.id, {"vcpus": 7})
        after = quotas.get(project.id)
        assert after["vcpus"].limit == 7
        assert {word for word in ALL if before[word].limit != after[word].limit} == {"vcpus"}

    def test_unlimited_stays_unlimited(self, quotas, project):
        wanted = {"instances": None, "volumes": None, "floating_ips": None}
        quotas.set(project.id, wanted)
        limits = quotas.get(project.id)
        assert [limits[word].limit for word in wanted] == [None, None, None]

    def test_a_limit_below_what_is_in_use_is_taken(self, quotas, project):
        project.network()
        quotas.set(project.id, {"networks": 0, "routers": 0})
        limits = quotas.get(project.id)
        assert (limits["networks"], limits["routers"]) == (Limit(limit=0, used=1), Limit(limit=0, used=1))

    def test_a_tenant_reads_its_own_limits(self, quotas, own, project):
        quotas.set(project.id, {"instances": 3, "ram_mib": 4096, "volume_gib": 50, "server_groups": None})
        limits = own.get()
        assert (limits["instances"], limits["ram_mib"]) == (Limit(limit=3, used=0), Limit(limit=4096, used=0))
        assert (limits["volume_gib"], limits["server_groups"]) == (Limit(limit=50, used=0), Limit(limit=None, used=0))

    def test_a_tenant_cannot_change_its_limits(self, quotas, own, project):
        before = quotas.get(project.id)
        for word in ("instances", "volumes", "networks"):
            with pytest.raises(Refused):
                own.set(project.id, {word: 1000})
        assert quotas.get(project.id) == before

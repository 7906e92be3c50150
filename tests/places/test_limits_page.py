"""The limits of a place beside the quota here."""

from dashboard.audit.models import Entry
from dashboard.places.limits import read_limits_of
from dashboard.quotas.models import Quota

from .conftest import words


class TestLimits:
    def test_what_differs_is_shown_for_each_resource(self, made, placed, here, admin_browser):
        placed.driver().quotas.set(made.remote_id, {"vcpus": 7, "ram_mib": None})
        read_limits_of(str(made.pk))
        page = words(admin_browser.get(f"{here}lab/"))
        assert "2 limits differ" in page
        assert "vCPUs 20 7 0 lower on the cloud" in page
        assert "Memory 16 GiB unlimited" in page
        assert "2 differ" in words(admin_browser.get(here))

    def test_adopting_takes_the_clouds_number_and_is_audited(self, made, placed, do, lab):
        placed.driver().quotas.set(made.remote_id, {"vcpus": 7})
        read_limits_of(str(made.pk))
        do("adopt", resource="vcpus")
        assert Quota.objects.get(tenant=lab, resource="vcpus").limit == 7
        entry = Entry.objects.get(verb="quota.adopt")
        assert (entry.before, entry.after) == ({"vcpus": 20}, {"vcpus": 7})

    def test_pushing_sets_only_what_differs(self, made, placed, do, work, calls):
        placed.driver().quotas.set(made.remote_id, {"vcpus": 7})
        before = len(calls("set_quotas"))
        do("push")
        work()
        assert placed.driver().quotas.get(made.remote_id)["vcpus"].limit == 20
        assert len(calls("set_quotas")) == before + 1
        do("push")
        work()
        assert len(calls("set_quotas")) == before + 1

    def test_a_limit_that_the_cloud_never_told_cannot_be_adopted(self, made, do, lab, here, admin_browser):
        do("adopt", resource="disk_gib")
        assert Quota.objects.get(tenant=lab, resource="disk_gib").limit == 100
        assert "told no limit" in words(admin_browser.get(f"{here}lab/"))

    def test_a_member_sees_where_the_cloud_allows_less(self, made, placed, client, bob):
        client.force_login(bob)
        assert "own limit is lower" not in words(client.get("/t/lab/"))
        placed.driver().quotas.set(made.remote_id, {"vcpus": 7})
        read_limits_of(str(made.pk))
        assert "vCPUs on east: 7, here 20" in words(client.get("/t/lab/"))

    def test_a_cloud_that_is_away_leaves_what_was_read(self, made, faults):
        faults.away()
        read_limits_of(str(made.pk))
        made.refresh_from_db()
        assert made.limits["vcpus"]["limit"] == 20

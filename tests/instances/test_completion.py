"""What the filter offers after a field: what there is, for whoever looks, at the price of one query."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.clouds.models import Cloud
from dashboard.images.models import Image
from dashboard.instances import completion
from dashboard.instances.completion import VALUES, values_of
from dashboard.instances.filter_fields import Scope, filter_of
from dashboard.instances.models import Flavor, Instance

PATH = "/t/lab/instances/filter-values/"


@pytest.fixture
def scope(bob, lab):
    return Scope(tenant=lab, user=bob, is_admin=False)


@pytest.fixture
def tagged(lab, other, cloud):
    """Instances with these tags, the last the newest."""

    def make(*tags, tenant=lab):
        some = {"tenant": tenant, "cloud": cloud, "vcpus": 1, "ram_mib": 1, "disk_gib": 1}
        for one in tags:
            Instance.objects.create(name="n", tags=one, **some)

    return make


def offered(scope, field, typed=""):
    return [value.text for value in values_of(field, typed, scope)]


def test_tags_that_begin_so_come_first_and_the_frequent_before_the_rare(scope, tagged):
    tagged(["prod"], ["web", "non-prod"], ["web", "prod-eu"], ["web", "prod"])
    assert offered(scope, "tag", "PROD") == ["prod", "prod-eu", "non-prod"]
    assert offered(scope, "tag")[0] == "web"


def test_another_tenants_tags_are_not_offered_but_to_administrators_of_all(scope, tagged, other, root):
    tagged(["ours"])
    tagged(["theirs"], tenant=other)
    assert offered(scope, "tag") == ["ours"]
    assert set(offered(Scope(tenant=None, user=root, is_admin=True), "tag")) == {"ours", "theirs"}


def test_what_is_deleted_offers_nothing(scope, tagged):
    tagged(["old"])
    Instance.objects.update(deleted_at="2026-01-01T00:00Z")
    assert offered(scope, "tag") == []


def test_only_the_newest_are_asked_for_their_tags(scope, tagged, monkeypatch):
    monkeypatch.setattr(completion, "NEWEST", 2)
    tagged(["old"], ["new"], ["newer"])
    assert set(offered(scope, "tag")) == {"new", "newer"}


def test_names_are_those_of_the_tenants_own_clouds(scope, cloud, image, lab, other):
    elsewhere = Cloud.objects.create(name="elsewhere", kind="fake")
    Image.objects.create(cloud=elsewhere, remote_id="x", name="Elsewhere Linux")
    Image.objects.create(cloud=cloud, tenant=other, remote_id="y", name="Their snapshot")
    Flavor.objects.create(cloud=cloud, tenant=other, name="their-flavor", vcpus=1, ram_mib=1, disk_gib=1)
    assert offered(scope, "cloud") == ["pretend"]
    assert image.name in offered(scope, "image")
    assert not {"Elsewhere Linux", "Their snapshot"} & set(offered(scope, "image"))
    assert set(offered(scope, "flavor")) == {"small", "medium", "large"}


def test_statuses_are_words_that_the_filter_understands(scope):
    assert {"active", "stopped", "error", "busy"} <= set(completion.statuses(scope))
    for word in completion.statuses(scope):
        assert not filter_of(f"status:{word}", scope).problems, word
    assert offered(scope, "status", "st") == ["stopped"]


def test_what_is_put_into_the_filter_finds_what_was_offered(scope, tagged):
    tagged(['two words, a "quote" and a \\'])
    (value,) = values_of("tag", "two", scope)
    assert Instance.objects.filter(filter_of(f"tag:{value.typed}", scope).q).count() == 1


@pytest.mark.parametrize("field", ["", "name", "tenant", "host", "nonsense", "ip"])
def test_of_what_nobody_knows_or_may_know_the_values_nothing_is_offered(scope, field, lab):
    assert offered(scope, field) == []


@pytest.mark.parametrize("typed", ["%", "_", "\0", "x" * 5000, "<script>", "'"])
def test_hostile_text_finds_nothing_and_breaks_nothing(scope, cloud, image, typed):
    assert [offered(scope, name, typed) for name in VALUES] == [[]] * len(VALUES)


def test_there_is_an_end(scope, tagged):
    tagged([f"t{number}" for number in range(40)])
    assert len(offered(scope, "tag")) == completion.MOST


@pytest.mark.parametrize("field", list(VALUES))
def test_it_takes_one_query_however_much_there_is(bob, cloud, tagged, field):
    browser = Client()
    browser.force_login(bob)
    tagged(*[[f"t{number}"] for number in range(30)])
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(PATH, {"field": field, "typed": ""}).status_code == 200
    assert len(queries) <= 4  # the session, the user, the membership among them


def test_it_is_options_that_say_what_they_type(bob, tagged):
    browser = Client()
    browser.force_login(bob)
    tagged(["<b>x</b> y"])
    answer = browser.get(PATH, {"field": "tag", "typed": "x"}).content.decode()
    assert 'data-typed="&quot;&lt;b&gt;x&lt;/b&gt; y&quot;"' in answer
    assert answer.count('role="option"') == 1


def test_readers_are_answered_and_strangers_are_not(rita, charlie, bob, root):
    for user, status in ((rita, 200), (charlie, 404)):
        browser = Client()
        browser.force_login(user)
        assert browser.get(PATH, {"field": "status"}).status_code == status
    for user, status in ((root, 200), (bob, 403)):
        browser = Client()
        browser.force_login(user)
        assert browser.get("/instances/filter-values/", {"field": "tenant"}).status_code == status


def test_the_page_has_the_names_of_all_fields_ready(bob, cloud):
    browser = Client()
    browser.force_login(bob)
    page = browser.get("/t/lab/instances/").content.decode()
    ready = re.findall(r'id="filter-field-\w+" data-typed="(\w+):"( data-values)?', page)
    assert ("tag", " data-values") in ready
    assert ("name", "") in ready
    assert "tenant" not in dict(ready)

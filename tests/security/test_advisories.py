"""What went wrong in dashboards before, one test for each advisory that can apply to us.

`ELSEWHERE` names the test that holds an advisory's lesson already; `NOT_OURS` says why one cannot apply.
"""

import re
from importlib import import_module

import pytest
from allauth.core import context
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import settings as how_many
from hypothesis import strategies as st

from dashboard.accounts.adapter import AccountAdapter
from dashboard.instances.models import ConsoleLog
from dashboard.networks.models import Network
from tests.conftest import PASSWORD

from .test_hostile_rows import PAYLOAD, born_in

ELSEWHERE = {
    "CVE-2013-0335": "tests.consoles.test_tickets:test_it_is_worthless_when_the_instance_is_not_there_any_more",
    "CVE-2013-2059": "tests.live.test_stream:test_it_ends_within_five_seconds_of_losing_the_right",
    "CVE-2013-4294": "tests.consoles.test_tickets:test_it_is_worthless_after_the_membership_ended",
    "CVE-2014-2237": "tests.security.test_two_tenants:test_somebody_who_was_removed_sees_nothing_any_more",
    "CVE-2014-8750": "tests.consoles.test_tickets:test_it_opens_the_console_that_it_was_given_for",
    "CVE-2015-0259": "tests.consoles.test_relay:test_only_the_configured_origin_is_let_in",
    "CVE-2015-9543": "tests.consoles.test_relay:test_no_log_holds_a_ticket",
    "CVE-2018-18264": "tests.security.test_two_tenants:test_nobody_sees_anything_without_signing_in",
    "CVE-2019-14433": "tests.operations.test_recover_pages:test_administrators_have_it_folded",
    "CVE-2020-11997": "tests.security.test_two_tenants:test_the_manager_of_another_tenant_sees_nothing_of_it_anywhere",
    "CVE-2021-41767": "tests.consoles.test_tickets:test_it_is_worthless_for_another_user",
    "CVE-2024-29006": "tests.test_web:test_nobody_pretends_to_be_elsewhere",
    "CVE-2025-47713": "tests.test_access:test_access",
    "CVE-2025-69233": "tests.quotas.test_race:test_of_two_hundred_who_ask_for_the_last_five_exactly_five_win",
    "CVE-2026-25199": "tests.test_access:test_an_id_of_another_tenant_or_of_nothing_is_not_found",
    "GHSA-32w2-6gm2-7766": "tests.search.test_search:test_no_byte_of_another_tenant_reaches_anybody",
    "OSSN-0008": "tests.consoles.test_relay:test_one_person_may_open_so_many_and_everybody_else_is_served",
}
NOT_OURS = {
    "CVE-2014-0157": "Heat's template descriptions: there are no stacks.",
    "CVE-2014-3473": "Heat's resource names: there are no stacks.",
    "CVE-2015-3219": "Heat's template descriptions: there are no stacks.",
    "CVE-2017-7400": "Federation mappings are not edited or shown here.",
    "CVE-2014-9623": "Images are not uploaded here yet.",
    "CVE-2025-65073": "There is no endpoint that checks EC2 signatures.",
    "CVE-2026-33551": "We make no EC2 credentials.",
    "CVE-2024-50386": "Images are not registered from templates here.",
    "CVE-2022-35508": "No part of ours fetches what a path of the browser names.",
    "CVE-2026-44797": "There are no webhooks.",
    "CVE-2026-29514": "No template is built from a user's text.",
}
# advisory -> the row and its text that was shown raw, and the page that shows it
SHOWN = {
    "CVE-2012-2094": ("instances.ConsoleLog", "text", "instances/{pk}/console-log/"),
    "CVE-2013-6858": ("instances.Instance", "name", "networks/topology/"),
    "CVE-2014-3474": ("networks.Network", "name", "networks/"),
    "CVE-2014-3475": ("accounts.User", "first_name", "people/"),
    "CVE-2014-3594": ("instances.Instance", "zone", "instances/{pk}/"),
    "CVE-2015-3988": ("instances.Instance", "metadata", "instances/{pk}/"),
    "CVE-2026-40212": ("instances.ConsoleLog", "text", "instances/{pk}/"),
}
EVIL = [
    "https://evil.example/",
    "//[",
    "//evil.example/%2F..",
    "/\\evil.example",
    "\t//evil.example",
    "https:evil.example",
]


@pytest.fixture(autouse=True)
def no_tries_yet():
    """Who signed in how often is counted in the cache, which outlives a test."""
    cache.clear()


@pytest.mark.parametrize("advisory", ELSEWHERE)
def test_held_elsewhere(advisory):
    module, _, name = ELSEWHERE[advisory].partition(":")
    assert callable(getattr(import_module(module), name))


def test_each_advisory_has_one_answer():
    assert not set(ELSEWHERE) & set(NOT_OURS) | set(SHOWN) & set(NOT_OURS)


@pytest.mark.slow
@pytest.mark.parametrize("advisory", SHOWN)
def test_what_a_cloud_or_a_person_named_is_only_text(advisory, launch, work, lab, client, alice):
    model, field, path = SHOWN[advisory]
    instance = launch()
    work()
    ConsoleLog.objects.get_or_create(instance=instance)
    Network.objects.get_or_create(tenant=lab, cloud=instance.cloud, remote_id="there")
    value = {"key": PAYLOAD} if field == "metadata" else PAYLOAD
    assert apps.get_model(model).objects.update(**{field: value})
    client.force_login(alice)
    page = client.get(f"/t/lab/{path.format(pk=instance.pk)}").content.decode()
    assert born_in(page) == []


@pytest.mark.parametrize("path", ["/t/lab/instances/", "/t/lab/operations/", "/t/lab/audit/", "/t/lab/search/"])
def test_ghsa_jxgr_gcj5_cqqg_what_is_asked_of_a_list_is_only_text(path, client, lab, cloud, alice):
    client.force_login(alice)
    asked = dict.fromkeys(("q", "sort", "after", "before", "page", "columns", "state", "only"), PAYLOAD)
    answer = client.get(path, asked)
    assert answer.status_code < 500
    assert born_in(answer.content.decode()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", [f"/{PAYLOAD}/", f"/t/{PAYLOAD}/instances/", f"/accounts/{PAYLOAD}/"])
def test_cve_2022_31358_an_unknown_path_is_not_shown_raw(path, client):
    answer = client.get(path)
    assert answer.status_code == 404
    assert born_in(answer.content.decode()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("evil", EVIL)
def test_cve_2012_3540_and_2020_29565_no_way_in_leads_out(evil, client, bob):
    answer = client.post("/accounts/login/", {"login": "bob", "password": PASSWORD, "next": evil})
    assert answer["Location"] == "/"
    answer = client.post("/theme/", {"theme": "dark", "next": evil}, headers={"Referer": evil})
    assert "evil" not in answer.headers.get("Location", "")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["//evil.example/%2F..", "//evil.example/", "/\\evil.example/%2e%2e"])
def test_cve_2021_3654_a_path_that_looks_like_a_host_is_no_way_out(path, client):
    answer = client.generic("GET", "/", PATH_INFO=path)  # a client would take it for a host
    assert answer.status_code in {400, 404}


@pytest.mark.django_db(transaction=True)
def test_cve_2012_2144_signing_in_makes_a_new_session(client, bob):
    client.cookies["skydeck"] = "chosen-by-somebody-else"
    answer = client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    key = client.cookies["skydeck"].value
    assert key not in {"", "chosen-by-somebody-else"}
    client.post("/accounts/logout/")
    late = Client()
    late.cookies["skydeck"] = key
    assert late.get("/accounts/").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/?next=/t/x/", "/", "/t/lab/instances/", "/nothing/", "/healthz"])
def test_cve_2014_8124_and_2026_43002_nobody_fills_the_table_of_sessions(path):
    for _ in range(20):
        Client().get(path)
        Client().post("/accounts/login/", {"login": "nobody", "password": "wrong"})
    assert Session.objects.count() == 0


@pytest.mark.django_db
def test_cve_2022_35507_a_line_break_makes_no_header(client, bob):
    client.force_login(bob)
    answer = client.post("/theme/", {"theme": "dark\r\nSet-Cookie: x=1"})
    assert "x" not in answer.cookies


def test_cve_2016_4428_the_browser_runs_no_templates(client, db):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


@how_many(max_examples=200)
@given(st.text(max_size=40).map(lambda tail: f"//{tail}") | st.text(max_size=60) | st.sampled_from(EVIL))
def test_a_redirect_target_is_ours_or_nothing(target):
    with context.request_context(RequestFactory().get("/")):
        is_safe = AccountAdapter().is_safe_url(target)
    if is_safe:
        assert not re.match(r"\s*[\\/]{2,}[^\\/]", target)
        assert "://" not in target.partition("?")[0].partition("/")[0]

"""The audit trail in a real browser: the filter narrows while one types, nobody is shut out, and a phone has room."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from dashboard.audit.record import record
from tests.chromium import window
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()


@pytest.fixture
def entries(lab, launch, work):
    instance = launch("web-1")
    work()
    about = {"tenant": str(lab.pk), "object_kind": "instance", "object_id": instance.pk, "object_name": "web-1"}
    changed = {"before": {"name": "web-1", "description": ""}, "after": {"name": "db-1", "description": "of the shop"}}
    record("instance.describe", actor="bob", address="192.0.2.17", outcome="accepted", **about, **changed)
    record("instance.delete", actor="system", on_behalf_of="bob", outcome="failed", **about)
    size = {"before": {"vcpus": 1, "ram_mib": 512}, "after": {"vcpus": 2, "ram_mib": 1024, "size": "medium"}}
    return record("instance.resize", actor="alice", address="2001:db8::17", outcome="accepted", **about, **size)


@pytest.fixture
def web(entries):
    with web_process() as address:
        yield address


def rows(page):
    return page.locator("tbody .lead > a")


def complaints_of(page):
    page.evaluate(AXE)
    found = page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html)[0]))")
    return [one for one in found if not one.startswith("region")]


def test_the_filter_narrows_while_one_types_and_back_is_back(chromium, web, alice):
    with window(chromium, web, alice) as page:
        page.goto("/t/lab/audit/")
        expect(rows(page)).to_have_count(5)
        page.fill("#q", "who:alice")
        expect(rows(page)).to_have_count(1)
        expect(page).to_have_url(f"{web}/t/lab/audit/?q=who%3Aalice")
        page.fill("#q", "")
        expect(rows(page)).to_have_count(5)
        page.get_by_role("link", name="Failed").click()
        expect(rows(page)).to_have_text(["Delete"])
        expect(page.get_by_role("link", name="CSV")).to_have_attribute(
            "href", "/t/lab/audit/export/csv/?q=outcome%3Afailed"
        )
        page.go_back()
        expect(rows(page)).to_have_count(5)


def test_it_works_without_javascript(chromium, web, alice):
    with window(chromium, web, alice, java_script_enabled=False) as page:
        page.goto("/t/lab/audit/")
        page.fill("#q", "verb:resize")
        page.get_by_role("button", name="Filter", exact=True).click()
        expect(rows(page)).to_have_text(["Resize"])
        rows(page).click()
        expect(page.locator("ins")).to_have_text(["2", "1024", "medium"])
        with page.expect_download() as download:
            page.goto("/t/lab/audit/")
            page.get_by_role("link", name="JSON lines").click()
        assert download.value.suggested_filename.endswith(".jsonl")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nobody_is_shut_out_and_nothing_sticks_out(chromium, web, alice, entries, scheme, width):
    view = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with window(chromium, web, alice, **view) as page:
        for path in ("", f"{entries.pk}/", "?q=whom:bob"):
            page.goto(f"/t/lab/audit/{path}")
            assert complaints_of(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_column_of_all_tenants_is_on_the_page(chromium, web, root, lab):
    named = {"actor": "margarethe.von.trotta@example.org", "address": "2001:db8:85a3:8d3:1319:8a2e:370:7348"}
    about = {
        "object_kind": "quota-request",
        "object_id": "1",
        "object_name": "vCPUs 64, Instances 40, Memory 34 GiB, Disk 4,000 GiB",
    }
    record("quota-request.approve-less", tenant=str(lab.pk), outcome="accepted", **named, **about)
    with window(chromium, web, root) as page:
        page.goto("/audit/")
        assert page.evaluate("(e => e.scrollWidth <= e.clientWidth)(document.querySelector('#live .scroll'))")
        expect(page.get_by_role("columnheader", name="Age")).to_be_in_viewport(ratio=1)

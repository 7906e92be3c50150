"""The filter completes what is typed, by keyboard alone: a combobox that asks no more than it must."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from dashboard.clouds.interface import Status
from dashboard.instances.models import Instance
from tests.chromium import window
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()


@pytest.fixture
def rows(lab, cloud, image, small):
    some = {"tenant": lab, "cloud": cloud, "image": image, "flavor": small, "vcpus": 1, "ram_mib": 512, "disk_gib": 5}
    for name, status, tags in (
        ("one", Status.ACTIVE, ["prod", "two words"]),
        ("two", Status.SHUTOFF, ["prod-eu"]),
        ("three", Status.ERROR, []),
    ):
        Instance.objects.create(name=name, remote_id=name, status=status, tags=tags, **some)


@pytest.fixture
def page(chromium, bob, rows):
    with web_process() as web, window(chromium, web, bob) as page:
        page.asked = []
        page.on("request", lambda request: "filter-values" in request.url and page.asked.append(request.url))
        page.goto("/t/lab/instances/")
        expect(page.locator("html")).to_have_attribute("data-live", "on")
        yield page


def box(page):
    return page.get_by_role("combobox", name="Filter")


def options(page):
    return page.locator("#filter-list [role=option]")


def names(page):
    return page.locator("tbody .lead")


def test_a_field_and_its_value_are_completed_by_keyboard_alone(page):
    box(page).press_sequentially("sta")
    expect(options(page)).to_have_count(1)
    expect(box(page)).to_have_attribute("aria-expanded", "true")
    box(page).press("ArrowDown")
    expect(box(page)).to_have_attribute("aria-activedescendant", "filter-field-status")
    box(page).press("Enter")
    expect(box(page)).to_have_value("status:")
    expect(options(page).filter(has_text="stopped")).to_be_visible()
    box(page).press_sequentially("sto")
    expect(options(page)).to_have_count(1)
    box(page).press("ArrowDown")
    box(page).press("Tab")
    expect(box(page)).to_have_value("status:stopped")
    expect(box(page)).to_be_focused()
    expect(names(page)).to_have_text(["two"])
    expect(options(page)).to_have_count(0)


def test_after_a_comma_and_a_minus_too_and_quotes_come_by_themselves(page):
    box(page).press_sequentially("-tag:prod-eu,tw")
    options(page).filter(has_text="two words").click()
    expect(box(page)).to_have_value('-tag:prod-eu,"two words"')
    expect(box(page)).to_be_focused()
    expect(names(page)).to_have_text(["three"])


def test_nothing_is_asked_but_after_a_field_whose_values_are_known(page):
    box(page).press_sequentially("web t")
    expect(options(page)).to_have_text(
        [r"tag: a tag; prod* also finds what begins so", r"task: what the cloud itself is doing"]
    )
    box(page).fill("name:tw")
    box(page).press("End")
    expect(names(page)).to_have_text(["two"])
    expect(options(page)).to_have_count(0)
    assert page.asked == []


def test_enter_means_what_it_meant_and_escape_closes_without_clearing(page):
    box(page).press_sequentially("ta")
    expect(options(page)).to_have_count(2)
    box(page).press("Escape")
    expect(options(page)).to_have_count(0)
    expect(box(page)).to_have_value("ta")
    box(page).press("ArrowDown")
    expect(options(page)).to_have_count(2)
    box(page).press("Enter")
    expect(options(page)).to_have_count(0)
    expect(box(page)).to_have_value("ta")


def test_an_empty_filter_shows_all_fields_when_asked_and_leaving_closes_them(page):
    box(page).press("ArrowDown")
    expect(options(page).first).to_contain_text("name:")
    page.keyboard.press("Tab")
    expect(options(page)).to_have_count(0)


def test_axe_finds_nothing_while_it_is_open(page):
    page.evaluate(AXE)
    box(page).press_sequentially("tag:")
    expect(options(page).first).to_be_visible()
    box(page).press("ArrowDown")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []


def test_without_javascript_it_is_a_plain_field(chromium, bob, rows):
    with web_process() as web, window(chromium, web, bob, java_script_enabled=False) as page:
        page.goto("/t/lab/instances/")
        expect(page.get_by_role("searchbox", name="Filter")).to_be_visible()
        page.get_by_role("searchbox", name="Filter").fill("tag:prod")
        page.get_by_role("button", name="Filter", exact=True).click()
        expect(page.locator("tbody .lead")).to_have_text(["one"])
        expect(page.locator("#filter-list")).to_be_hidden()

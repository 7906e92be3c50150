"""The open list in a real browser: nothing moves under the hand, and what is ticked stays ticked."""

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from dashboard.clouds.interface import Status
from dashboard.instances.models import Instance
from dashboard.live.publish import publish
from dashboard.operations.models import Batch
from tests.chromium import window
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()
REFUSED = ("422",)


@pytest.fixture
def make(lab, cloud, image, small):
    def made(*names, **fields):
        some = {"tenant": lab, "cloud": cloud, "image": image, "flavor": small, "status": Status.ACTIVE}
        some |= {"vcpus": 1, "ram_mib": 512, "disk_gib": 5} | fields
        rows = [Instance(name=name, remote_id=f"r-{name}", **some) for name in names]
        with transaction.atomic():
            Instance.objects.bulk_create(rows)
            publish(lab.pk, "instances", object_id=rows[-1].pk)
        return rows

    return made


@pytest.fixture
def page(chromium, bob, cloud):
    with (
        web_process() as web,
        window(chromium, web, bob, allowed=REFUSED, viewport={"width": 1280, "height": 700}) as page,
    ):
        yield page


def show(page, query=""):
    page.goto(f"/t/lab/instances/{query}")
    expect(page.locator("html")).to_have_attribute("data-live", "on")


def change(instance, **fields):
    with transaction.atomic():
        Instance.objects.filter(pk=instance.pk).update(**fields)
        publish(instance.tenant_id, "instances", object_id=instance.pk)


def names(page):
    return page.locator("tbody .lead").all_inner_texts()


def row(page, name):
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def tick(page, name, **options):
    page.get_by_label(f"Select {name}", exact=True).click(**options)


def test_on_an_untouched_page_what_is_new_appears_and_what_is_gone_goes(page, make):
    old = make("a", "b")
    show(page)
    make("new")
    expect(page.locator("tbody .lead")).to_have_text(["new", "b", "a"])
    change(old[0], deleted_at=timezone.now(), status="DELETED")
    expect(page.locator("tbody .lead")).to_have_text(["new", "b"])


def test_while_a_row_is_ticked_nothing_moves_and_what_is_new_waits_behind_a_button(page, make):
    a, b, _c = make("a", "b", "c")
    show(page)
    tick(page, "b")
    before = row(page, "a").bounding_box()
    make("new-1", "new-2")
    change(b, deleted_at=timezone.now(), status="DELETED")
    change(a, status="SHUTOFF")
    expect(row(page, "a").locator(".st")).to_have_text("Stopped")
    expect(page.locator("#news")).to_have_text("2 new; show them")
    assert (names(page), row(page, "a").bounding_box()) == (["c", "b", "a"], before)
    expect(row(page, "b")).to_have_class("gone")
    expect(page.get_by_label("Select b", exact=True)).to_be_checked()
    page.locator("#news").click()
    expect(page.locator("tbody .lead")).to_have_text(["new-2", "new-1", "c", "a"])
    expect(page.locator("#picked")).to_have_text("1 selected (1 not on this page)")


def test_an_open_menu_stays_open_in_its_place_and_afterwards_the_list_is_as_it_is(page, make):
    a, _b = make("a", "b")
    show(page)
    page.get_by_role("button", name="Actions for a").focus()
    page.keyboard.press("Enter")
    make("new")
    change(a, status="SHUTOFF")
    expect(row(page, "a").locator(".st")).to_have_text("Stopped")
    expect(page.locator(".menu:popover-open").get_by_role("button", name="Start", exact=True)).to_be_visible()
    assert names(page) == ["b", "a"]
    page.keyboard.press("Escape")
    page.get_by_label("Filter").focus()
    expect(page.locator("tbody .lead")).to_have_text(["new", "b", "a"])


def test_a_scrolled_page_stays_where_it_is_with_its_focus(page, make):
    make(*(f"n-{number:02}" for number in range(40)))
    show(page)
    link = page.get_by_role("link", name="n-05", exact=True)
    link.scroll_into_view_if_needed()
    link.focus()
    before = page.evaluate("[scrollY, document.activeElement.getBoundingClientRect().top]")
    make("new")
    expect(page.locator("#news")).to_have_text("1 new; show it")
    assert page.evaluate("[scrollY, document.activeElement.getBoundingClientRect().top]") == before
    expect(link).to_be_focused()


def test_ticks_go_over_pages_in_ranges_and_into_one_batch_with_its_progress(page, make):
    make(*(f"n-{number:02}" for number in range(30)))
    show(page, "?size=20&sort=name")
    tick(page, "n-02")
    tick(page, "n-05", modifiers=["Shift"])
    page.get_by_role("link", name="Next").click()
    tick(page, "n-25")
    expect(page.locator("#picked")).to_have_text("5 selected (4 not on this page)")
    page.get_by_role("button", name="Stop", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Stop: 5 of 5 instances")
    dialog.get_by_role("button", name="Stop: 5 instances").click()
    expect(dialog).to_contain_text("0 of 5 have ended.")
    expect(page.locator("#bulk")).to_be_hidden()
    assert Batch.objects.get().operations.count() == 5
    with transaction.atomic():
        operation = Batch.objects.get().operations.get(target_name="n-25")
        type(operation).objects.filter(pk=operation.pk).update(state="done", finished_at=timezone.now())
        publish(operation.tenant_id, "instances", object_id=operation.target_id)
    expect(dialog).to_contain_text("1 of 5 has ended.")
    dialog.get_by_role("link", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_all_that_match_are_one_tick_and_the_filter_is_what_is_selected(page, make):
    make(*(f"web-{number:02}" for number in range(25)), "db")
    show(page, "?size=20&q=web")
    page.get_by_label("Select all on this page").click()
    page.get_by_label("All 25 that match").check()
    expect(page.locator("#picked")).to_have_text("25 selected")
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Lock", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("of 25 instances")
    page.keyboard.press("Escape")
    tick(page, "web-24")
    expect(page.locator("#picked")).to_have_text("19 selected")


def before_actions(page):
    """Whether what is wider than the table's place is seen to go on below the actions."""
    return page.locator("tbody .act").first.evaluate("cell => getComputedStyle(cell, '::before').visibility")


def test_a_list_that_is_wider_than_its_place_shows_that_it_goes_on_and_no_cell_wastes_room(page, make):
    make("web-1", tags=["blue", "green", "red"])
    show(page)
    assert before_actions(page) == "hidden"
    show(page, "?columns=address,image,flavor,cloud,tags,description,owner,age,id")
    assert before_actions(page) == "visible"
    show(page, "?columns=tags,age")
    whole, tags = page.locator("td:has(.tag)").bounding_box(), page.locator("td > .clip:has(.tag)").bounding_box()
    assert whole["width"] - tags["width"] < 30
    page.locator(".scroll").evaluate("place => (place.scrollLeft = 9999)")
    assert before_actions(page) == "hidden"


def test_what_is_not_typed_to_its_end_is_no_mistake_yet(page, make):
    make("web-1")
    show(page)
    page.locator("#q").press_sequentially("status:")
    expect(page.locator(".marked")).to_be_attached()
    assert page.locator(".marked").is_hidden()
    expect(page.locator(".marked")).to_be_visible()
    show(page, "?q=status:")
    assert page.locator(".marked").is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_list_keeps_nobody_out(chromium, bob, root, make, theme, width):
    make("a-name-as-long-as-they-come-" + "x" * 220, tags=["t" * 60], addresses=["10.0.0.1", "2001:db8::1"])
    make("b", status=Status.ERROR, failure="crashed")
    options = {"color_scheme": theme, "reduced_motion": "reduce", "viewport": {"width": width, "height": 844}}
    queries = ("", "?q=statsu:x+b", "?q=zzz+-tag:prod", "?columns=size,tags,owner,id,description&sort=-size")
    pages = [(bob, f"/t/lab/instances/{query}") for query in queries] + [(root, "/instances/")]
    with web_process() as web:
        for person, path in pages:
            with window(chromium, web, person, **options) as page:
                page.goto(path)
                if box := page.locator("tbody .pick input").all()[:1]:
                    box[0].check()
                assert page.evaluate("document.documentElement.scrollWidth") == width, path
                page.evaluate(AXE)
                found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
                assert [(path, one["id"], one["nodes"][0]["failureSummary"]) for one in found] == []

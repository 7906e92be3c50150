"""What a live update must leave alone, in a real browser: the page, the stream and a fake cloud."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.instances import inventory
from dashboard.instances.models import Instance
from dashboard.live.publish import publish
from dashboard.operations.models import Operation
from tests.chromium import listen
from tests.web import cookie_of, web_process

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()
ACTIVE_ELEMENT = "document.activeElement.textContent.trim()"


@pytest.fixture
def row_of(chromium, transactional_db, launch, work):
    """Makes an active instance of this name."""

    def make(name: str) -> Instance:
        instance = launch(name)
        work()
        instance.refresh_from_db()
        return instance

    return make


@pytest.fixture
def complaints() -> list[str]:
    """What the page wrote on its console."""
    return []


@pytest.fixture
def page(chromium, row_of, bob, complaints):
    """Bob's window on the list of `lab`. The test fails when the page complains on its console."""
    with web_process() as web:
        context = chromium.new_context(base_url=web, viewport={"width": 1280, "height": 500})
        name, _, value = cookie_of(bob).partition("=")
        context.add_cookies([{"name": name, "value": value, "url": web}])
        page = context.new_page()
        listen(page, complaints)
        yield page
        context.close()
    assert complaints == []


def show(page: Page, path: str = "/t/lab/instances/") -> None:
    page.goto(path)
    expect(page.locator("html")).to_have_attribute("data-live", "on")


def change(instance: Instance, **fields: object) -> None:
    """As the worker writes what a cloud said."""
    with transaction.atomic():
        Instance.objects.filter(pk=instance.pk).update(**fields)
        publish(instance.tenant_id, "instances", object_id=instance.pk)


def row(page: Page, name: str):
    return page.get_by_role("row").filter(has_text=name)


def open_menu(page: Page, name: str):
    row(page, name).get_by_role("button", name=f"Actions for {name}").click()
    return page.locator(".menu:popover-open")


def test_an_update_leaves_the_menu_the_focus_and_the_scroll_alone(page, row_of):
    instances = [row_of(f"web-{number}") for number in range(10)]
    show(page)
    menu = open_menu(page, "web-0")
    page.keyboard.press("Tab")
    before = page.evaluate(f"[{ACTIVE_ELEMENT}, scrollY]")
    change(instances[0], status="SHUTOFF")
    expect(row(page, "web-0").locator(".st")).to_have_text("Stopped")
    expect(menu.get_by_role("button", name="Start", exact=True)).to_be_enabled()
    assert page.evaluate(f"[{ACTIVE_ELEMENT}, scrollY]") == before
    assert before[1] > 0


def test_a_changed_status_is_said_aloud(page, row_of):
    instance = row_of("web-1")
    show(page)
    change(instance, status="SHUTOFF")
    expect(page.locator("#said")).to_have_text("web-1: Stopped")


def test_what_is_typed_into_the_filter_stays(page, row_of):
    instance = row_of("web-1")
    row_of("db-1")
    show(page)
    page.get_by_label("Filter").press_sequentially("web")
    expect(row(page, "db-1")).to_have_count(0)
    change(instance, addresses=["192.0.2.7"])
    expect(row(page, "web-1")).to_contain_text("192.0.2.7")
    expect(page.get_by_label("Filter")).to_be_focused()
    expect(row(page, "db-1")).to_have_count(0)
    assert page.url.endswith("?q=web")


def test_delete_asks_in_a_dialog_that_stays_through_an_update(page, row_of):
    instance = row_of("web-1")
    show(page)
    open_menu(page, "web-1").get_by_role("link", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete web-1?")
    expect(dialog).to_be_visible()
    change(instance, addresses=["192.0.2.7"])
    expect(page.get_by_text("192.0.2.7")).to_be_attached()
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Actions for web-1")).to_be_focused()


def test_delete_is_asked_for_from_the_dialog(page, row_of):
    row_of("web-1")
    show(page)
    open_menu(page, "web-1").get_by_role("link", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(row(page, "web-1")).to_have_count(0)
    expect(page.locator("#live")).to_contain_text("One instance can still be restored.")
    expect(page.locator("#toasts").get_by_role("link", name="Restore")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_verb_closes_its_menu_and_says_what_is_done(page, row_of):
    row_of("web-1")
    show(page)
    open_menu(page, "web-1").get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Stopping web-1.")
    expect(row(page, "web-1").locator(".st")).to_have_text("Stopping")
    expect(page.locator(".menu:popover-open")).to_have_count(0)


def test_a_refusal_stands_on_the_page_until_it_is_closed(page, row_of, complaints):
    """Another was quicker, of whom the page has not heard yet."""
    instance = row_of("web-1")
    page.clock.install()
    show(page)
    menu = open_menu(page, "web-1")
    Operation.objects.create(
        tenant=instance.tenant, cloud=instance.cloud, kind="instance.pause", target_id=instance.pk, target_name="web-1",
        key="k", requested_by_name="alice", deadline_at=timezone.now(),
    )  # fmt: skip
    menu.get_by_role("button", name="Stop", exact=True).click()
    refusal = page.locator("#notices").get_by_text("web-1: alice asked for “Pause”")
    expect(refusal).to_be_visible()
    assert "409" in complaints.pop()  # Chromium notes the answer itself
    page.clock.fast_forward(60_000)
    expect(page.locator("#toasts")).to_be_empty()
    expect(refusal).to_be_visible()
    page.locator("#notices").get_by_role("button", name="Close").click()
    expect(refusal).to_have_count(0)


def test_the_usage_follows_the_flavor_and_the_rest_stays_as_typed(page, cloud):
    show(page, "/t/lab/instances/launch/")
    page.get_by_label("Name", exact=True).fill("typed")
    page.get_by_label("Flavor").select_option(label="medium")
    expect(page.locator("#explanation")).to_contain_text("0 MiB → 1 GiB")
    expect(page.get_by_label("Name", exact=True)).to_have_value("typed")


def test_the_theme_changes_at_once_and_stays(page, cloud):
    show(page)
    page.get_by_role("button", name="Colours").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_keeps_anybody_out_or_is_wider_than_its_window(page, row_of, theme, width):
    instance = row_of("a-name-as-long-as-they-come-" + "x" * 220)
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 844})
    here = f"instances/{instance.pk}/"
    for path in ("", "instances/", "instances/launch/", here, here + "delete/", "operations/", "clouds/"):
        show(page, f"/t/lab/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") == width, path
        page.evaluate(AXE)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert [(path, one["id"], one["nodes"][0]["failureSummary"]) for one in found] == []


@pytest.fixture
def second_cloud(cloud, lab, tmp_path):
    """So that the launch form asks on which cloud."""
    settings_of_it = {"path": str(tmp_path / "second.sqlite3"), "delay_s": "0"}
    second = Cloud.objects.create(name="second", kind="fake", settings=settings_of_it)
    CloudAccount.objects.create(tenant=lab, cloud=second)
    assert inventory.sync_cloud(second.pk)
    return second


def test_what_is_typed_while_the_form_is_on_its_way_stays(page: Page, second_cloud, lab):
    """Another cloud is chosen, and its images are slow to come; meanwhile the user goes on."""
    page.goto("/t/lab/instances/launch/")
    held = []
    page.route("**/launch/", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    page.get_by_label("Cloud", exact=True).select_option(label="second")
    page.get_by_label("Name", exact=True).fill("typed-meanwhile")
    page.locator("#id_key_pair").select_option(label="Paste a public key")
    page.get_by_label("Public key").fill("ssh-ed25519 AAAA")
    for _ in range(100):
        if held:
            break
        page.wait_for_timeout(50)
    with page.expect_response("**/launch/"):
        held[0].continue_()
    expect(page.get_by_label("Cloud", exact=True).locator("option:checked")).to_have_text("second")
    expect(page.get_by_label("Name", exact=True)).to_have_value("typed-meanwhile")
    expect(page.get_by_label("Public key")).to_have_value("ssh-ed25519 AAAA")


@pytest.mark.parametrize(
    ("left", "shown"), [(70, re.compile(r"^1:0\d$")), (370, "7 min"), (8 * 3600 - 30, "8 h"), (3 * 86400 - 60, "3 d")]
)
def test_a_countdown_reads_as_the_server_says_and_goes_on_to_the_second_at_its_end(page, row_of, left, shown):
    until = timezone.now() + timedelta(seconds=left)
    Instance.objects.filter(pk=row_of("web-1").pk).update(delete_at=until)
    page.goto("/t/lab/instances/deleted/")
    time = page.locator("time[data-until]")
    expect(time).to_have_text(shown)
    before = time.inner_text()
    page.wait_for_timeout(2500)
    expect(time).to_have_text(shown)
    assert (time.inner_text() != before) == (left < 300)

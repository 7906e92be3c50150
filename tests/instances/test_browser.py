"""The dialogs and the launch form in a real browser: by keyboard, with long names, and to those who cannot see them."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from dashboard.clouds.interface import NetworkSpec
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.images.models import Image
from dashboard.instances import actions, inventory
from dashboard.instances.models import Flavor
from dashboard.operations.models import Operation
from tests.chromium import window
from tests.web import web_process

from .conftest import again, look

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()
LONG = "a-name-as-long-as-they-come-" + "x" * 220
REFUSED = ("422",)
"""What Chromium says of a form that comes back; nobody else sees it."""


@pytest.fixture
def cloud(placed, lab):
    driver = placed.driver_for(lab.pk)
    for name in ("own", LONG[:200]):
        driver.networks.create_network(NetworkSpec(mark=name, name=name, cidr="10.9.0.0/24"))
    driver.placing.create_group(name=LONG, policy="affinity")
    look(placed)
    return placed


@pytest.fixture
def small(tiny):
    return tiny


@pytest.fixture
def image(placed):
    return Image.objects.get(name="Demo Linux")


@pytest.fixture
def active(launch, work, cloud, lab):
    network = next(n for n in cloud.driver_for(lab.pk).networks.networks() if n.name == "own")
    instance = launch(LONG, asked={"networks": [{"id": network.id}], "tags": ["t" * 60]})
    work()
    return again(instance)


def show(page, path):
    page.goto(path)
    expect(page.locator("html")).to_have_attribute("data-live", "on")


def test_a_resize_is_asked_for_by_keyboard_in_a_dialog_that_says_what_is_wrong(chromium, bob, active):
    with web_process() as web, window(chromium, web, bob, allowed=REFUSED) as page:
        show(page, f"/t/lab/instances/{active.pk}/")
        page.get_by_role("link", name="Resize").focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Resize").press("Enter")
        expect(dialog.get_by_text("Choose a flavor.")).to_be_visible()
        expect(dialog.get_by_label("New flavor")).to_be_focused()
        page.keyboard.type("m1.small")
        expect(dialog.locator("#verb-usage")).to_contain_text("512 MiB → 2 GiB")
        dialog.get_by_role("button", name="Resize").press("Enter")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.locator("#toasts")).to_contain_text("Resizing")
        expect(page.locator(".head .st").first).to_have_text("Resizing")
    assert Operation.objects.get(kind="instance.resize").arguments["flavor"] == "m1.small"


def test_escape_leaves_a_dialog_without_doing_anything(chromium, bob, active):
    with web_process() as web, window(chromium, web, bob) as page:
        show(page, "/t/lab/instances/")
        page.get_by_role("button", name="Actions for").click()
        page.locator(".menu:popover-open").get_by_role("link", name="Rebuild").click()
        page.get_by_role("dialog").get_by_label("Type the name").fill("x")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    assert not Operation.objects.open().exists()


def test_a_verb_on_its_own_page_leads_back_to_the_instance(chromium, bob, active):
    with web_process() as web, window(chromium, web, bob) as page:
        page.goto(f"/t/lab/instances/{active.pk}/rename/?back=detail")
        page.get_by_label("Name", exact=True).fill("short")
        page.get_by_role("button", name="Rename").click()
        expect(page).to_have_url(f"{web}/t/lab/instances/{active.pk}/")
        expect(page.locator("main")).to_contain_text("Renaming")


def test_the_folded_part_opens_where_something_in_it_is_wrong_and_keeps_what_was_typed(chromium, bob, cloud):
    with web_process() as web, window(chromium, web, bob, allowed=REFUSED) as page:
        show(page, "/t/lab/instances/launch/")
        expect(page.get_by_label("Availability zone")).to_be_hidden()
        page.get_by_label("Name", exact=True).fill("typed")
        page.get_by_label("Image").select_option(label="Demo Linux")
        page.get_by_label("Flavor").select_option(label="m1.tiny")
        page.get_by_text("Networks, disk, placement and more").click()
        page.get_by_label("Address on own").fill("192.0.2.1")
        page.get_by_label("Boot from a new volume").fill("3")
        page.keyboard.press("Tab")
        expect(page.locator("#explanation")).to_contain_text("Volume space")
        page.get_by_role("button", name="Launch").click()
        expect(
            page.get_by_text("It is not in 10.9.0.0/24.").or_(page.get_by_text("Choose this network too"))
        ).to_be_visible()
        expect(page.get_by_label("Address on own")).to_have_value("192.0.2.1")
        expect(page.get_by_label("Name", exact=True)).to_have_value("typed")
        expect(page.locator("#options")).to_have_attribute("open", "")


def test_the_explanation_follows_what_is_typed_and_another_cloud_is_one_click_away(chromium, bob, lab, cloud, tmp_path):
    other = Cloud.objects.create(name="second", kind="fake", settings={"path": str(tmp_path / "second")})
    CloudAccount.objects.create(tenant=lab, cloud=other)
    Flavor.objects.create(cloud=other, name="m1.tiny", vcpus=1, ram_mib=512, disk_gib=1)
    inventory.sync_cloud(other.pk)
    with web_process() as web, window(chromium, web, bob) as page:
        show(page, f"/t/lab/instances/launch/?cloud={cloud.pk}")
        said = page.locator("#explanation")
        page.get_by_label("Image").select_option(label="Demo Linux")
        page.get_by_label("Flavor").select_option(label="m1.tiny")
        page.get_by_label("Name", exact=True).press_sequentially("web-{n:02}", delay=20)
        page.get_by_label("How many").fill("3")
        expect(said).to_contain_text("All 3 fit.")
        expect(said).to_contain_text("They are called web-01, web-02 and web-03.")
        page.get_by_label("How many").fill("50")
        expect(said).to_contain_text("The quota is too small for all 50: 10 of 50 would fit.")
        page.locator("#id_key_pair").select_option("paste")
        page.get_by_label("Public key").fill("kept")
        page.get_by_role("button", name="Use it second").click()
        expect(page.locator("#id_cloud")).to_have_value(str(other.pk))
        expect(page.get_by_label("Flavor")).to_have_value(str(Flavor.objects.get(cloud=other).pk))
        expect(page.get_by_label("Public key")).to_have_value("kept")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_of_an_instance_keeps_anybody_out(chromium, bob, active, theme, width, launch, work, as_bob):
    deleted = launch(f"gone-{LONG}"[:255])
    work()
    actions.change(as_bob, deleted.pk, "delete")
    work()
    options = {"color_scheme": theme, "reduced_motion": "reduce", "viewport": {"width": width, "height": 844}}
    here = f"/t/lab/instances/{active.pk}/"
    verbs = (
        "resize",
        "rebuild",
        "rescue",
        "snapshot",
        "rename",
        "describe",
        "tags",
        "metadata",
        "pause",
        "delete",
        "shelve",
    )
    with web_process() as web, window(chromium, web, bob, **options) as page:
        lists = ("/t/lab/instances/", "/t/lab/instances/deleted/", f"/t/lab/instances/{deleted.pk}/")
        for path in (*lists, here, "/t/lab/instances/launch/", *(f"{here}{verb}/" for verb in verbs)):
            page.goto(path)
            if path.endswith("launch/"):
                page.get_by_text("Networks, disk, placement and more").click()
                page.locator("#id_server_group").select_option("new")
            assert page.evaluate("document.documentElement.scrollWidth") == width, path
            page.evaluate(AXE)
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
            assert [(path, one["id"], one["nodes"][0]["failureSummary"]) for one in found] == []


def heights(page):
    """Where the parts of an instance's page begin: what it is, what can be done, what happened."""
    names = ("Overview", "Actions", "What happened")
    return [page.get_by_role("heading", name=name, exact=True, level=2).bounding_box() for name in names]


def test_on_a_phone_what_it_is_comes_before_what_can_be_done(chromium, bob, active):
    with web_process() as web:
        with window(chromium, web, bob, viewport={"width": 390, "height": 800}) as page:
            show(page, f"/t/lab/instances/{active.pk}/")
            facts, verbs, past = heights(page)
            assert facts["y"] < verbs["y"] < past["y"]
            assert facts["x"] == verbs["x"] == past["x"]
        with window(chromium, web, bob, viewport={"width": 1280, "height": 800}) as page:
            show(page, f"/t/lab/instances/{active.pk}/")
            facts, verbs, past = heights(page)
            below = page.locator("section.panel").first.bounding_box()
            assert (facts["y"], facts["x"]) == (verbs["y"], past["x"]), "they stand beside each other"
            assert past["y"] - (below["y"] + below["height"]) < 30, "and nothing keeps the past away from the facts"

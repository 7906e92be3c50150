"""The page of flavors in a browser: one is added, kept and retired; nobody is shut out, and a phone has room."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from dashboard.instances.models import Flavor
from tests.chromium import picture, window
from tests.instances.conftest import give_place, look
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()
LONG = "a-name-that-is-as-long-as-a-name-can-be-and-goes-on-beyond-it-xx"


def complaints_of(page):
    page.evaluate(AXE)
    found = page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html)[0]))")
    return [one for one in found if not one.startswith("region")]


@pytest.fixture
def clouds(cloud, lab, tmp_path, launch, work):
    """One of each kind: with flavors that are kept here, and with its own."""
    launch("web-1")
    work()
    own = type(cloud).objects.create(
        name="with its own", kind="fake", settings={"path": str(tmp_path / "own"), "delay_s": "0", "places": "yes"}
    )
    own.features = [*own.driver().features]
    own.save()
    give_place(own, lab)
    look(own)
    Flavor.objects.create(cloud=cloud, name=LONG, vcpus=256, ram_mib=4 * 1024 * 1024, disk_gib=65536)
    Flavor.objects.create(cloud=cloud, name="old", vcpus=1, ram_mib=64, disk_gib=1, is_retired=True)


def test_one_is_added_with_a_mistake_first_then_retired_and_brought_back(chromium, clouds, cloud, root):
    with web_process() as web, window(chromium, web, root, allowed=("status of 422",)) as page:
        page.goto("/flavors/")
        page.get_by_role("link", name="Add flavor to pretend").click()
        page.get_by_role("textbox", name="Name").fill("huge")
        page.get_by_role("textbox", name="vCPUs").fill("ten")
        page.get_by_role("textbox", name="Memory").fill("2048")
        page.get_by_role("textbox", name="Disk").fill("20")
        page.get_by_role("button", name="Add").click()
        expect(page.get_by_text("“ten” will not do")).to_be_visible()
        assert complaints_of(page) == []
        picture(page, "flavor-wrong")
        page.get_by_role("textbox", name="vCPUs").fill("10")
        page.get_by_role("button", name="Add").click()
        expect(page.get_by_text("pretend offers huge now.").first).to_be_visible()
        page.get_by_role("button", name="Retire huge").click()
        expect(page.get_by_role("button", name="Bring back huge")).to_be_visible()
        assert Flavor.objects.get(name="huge").is_retired
        page.get_by_role("button", name="Bring back huge").click()
        expect(page.get_by_role("button", name="Retire huge")).to_be_visible()
        page.get_by_role("link", name="Delete huge").click()
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_text("huge is deleted.").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_has_room_on_a_phone_and_nobody_is_shut_out(chromium, clouds, root, scheme):
    with web_process() as web, window(chromium, web, root, color_scheme=scheme) as page:
        page.goto("/flavors/")
        expect(page.get_by_role("heading", name="Flavors")).to_be_visible()
        assert complaints_of(page) == []
        picture(page, f"flavors-{scheme}")
        page.set_viewport_size({"width": 390, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        picture(page, f"flavors-390-{scheme}")
        page.get_by_role("link", name=f"Edit {LONG}").click()
        expect(page.get_by_role("button", name="Save")).to_be_visible()
        assert complaints_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        picture(page, f"flavor-390-{scheme}")

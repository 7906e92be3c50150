"""The pages of networks in a real browser: what a live update does, the editor, and whom they keep out."""

import pytest
from django.conf import settings
from django.db import transaction
from playwright.sync_api import expect

from dashboard.instances.models import Instance
from dashboard.live.publish import publish
from dashboard.networks.models import FloatingIp, Network, Port, Router, SecurityGroup, Subnet
from tests.chromium import window
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()
HERE = "/t/lab/networks/"
LONG = "a-name-as-long-as-they-come-" + "x" * 220
FIFTY = 50


@pytest.fixture
def full(cloud, lab, transactional_db) -> Network:
    """One network with fifty instances behind a router, one without any, one that nobody can read at a glance."""
    public = Network.objects.for_tenant(lab).get(name="public")
    network = made(Network, cloud, lab, "front", status="ACTIVE")
    subnet = made(Subnet, cloud, lab, "front", network=network, cidr="10.9.0.0/24", gateway="10.9.0.1",
                  pools=[["10.9.0.2", "10.9.0.254"]])  # fmt: skip
    made(Network, cloud, lab, LONG, status="ACTIVE")
    made(Network, cloud, lab, "\u0634\u0628\u0643\u0629 <script>", status="DOWN")
    made(Router, cloud, lab, "way-out", external_network_id=public.remote_id, subnet_ids=[subnet.remote_id],
         external_addresses=["203.0.113.7"], status="ACTIVE")  # fmt: skip
    group = SecurityGroup.objects.for_tenant(lab).get(name="default")
    for number in range(FIFTY):
        plug(cloud, lab, network, subnet, group, number)
    made(FloatingIp, cloud, lab, "203.0.113.9", address="203.0.113.9", network_id="public", port_id="port-3",
         fixed_address="10.9.0.13")  # fmt: skip
    made(FloatingIp, cloud, lab, "203.0.113.10", address="203.0.113.10", network_id="public")
    return network


def made(model, cloud, lab, name, **fields):
    return model.objects.create(
        cloud=cloud, tenant=lab, name=name, remote_id=f"{model.__name__}-{name}"[:255], **fields
    )


def plug(cloud, lab, network, subnet, group, number) -> None:
    status = "SHUTOFF" if number % 7 == 3 else "ACTIVE"
    Instance.objects.create(
        tenant=lab, cloud=cloud, name=f"web-{number}", remote_id=f"i-{number}", vcpus=1, ram_mib=512, disk_gib=1,
        status=status, addresses=[f"10.9.0.{number + 10}"],
    )  # fmt: skip
    Port.objects.create(
        tenant=lab, cloud=cloud, remote_id=f"port-{number}", network_id=network.remote_id, instance_id=f"i-{number}",
        addresses=[[subnet.remote_id, f"10.9.0.{number + 10}"]], owner="compute:nova", status="ACTIVE",
        security_group_ids=[group.remote_id],
    )  # fmt: skip


@pytest.fixture
def page(chromium, bob, full):
    with web_process() as web, window(chromium, web, bob, allowed=("422",)) as page:
        yield page


def show(page, path: str = "") -> None:
    page.goto(HERE + path)
    expect(page.locator("html")).to_have_attribute("data-live", "on")


def paths(lab) -> list[str]:
    network = Network.objects.get(name="front")
    group = SecurityGroup.objects.for_tenant(lab).get(name="default")
    address = FloatingIp.objects.get(address="203.0.113.10")
    return [
        *("", "topology/", "security-groups/", "floating-ips/"),
        *("new/", "routers/new/", "security-groups/new/", "floating-ips/new/"),
        *(f"{network.pk}/", f"{network.pk}/delete/", f"routers/{Router.objects.get().pk}/"),
        *(f"security-groups/{group.pk}/", f"floating-ips/{address.pk}/associate/"),
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_keeps_anybody_out_or_is_wider_than_its_window(page, lab, theme, width):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 844})
    for path in paths(lab):
        show(page, path)
        assert page.evaluate("document.documentElement.scrollWidth") == width, path
        page.evaluate(AXE)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert [(path, one["id"], one["nodes"][0]["failureSummary"]) for one in found] == []


def test_a_network_that_is_being_made_appears_by_itself(page, lab, cloud):
    show(page)
    with transaction.atomic():
        row = Network.objects.create(tenant=lab, cloud=cloud, name="fresh")
        publish(lab.pk, "networks", object_id=row.pk)
    expect(page.get_by_role("row").filter(has_text="fresh").locator(".st")).to_have_text("Being made")


def test_a_network_is_made_with_the_keyboard_alone(page, lab):
    show(page)
    page.get_by_role("link", name="Create network").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Create network")).to_be_visible()
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("typed")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").filter(has_text="typed").locator(".st").first).to_have_text("Being made")


def test_a_wrong_rule_is_marked_and_kept_and_a_right_one_appears(page, lab):
    group = SecurityGroup.objects.for_tenant(lab).get(name="default")
    show(page, f"security-groups/{group.pk}/")
    page.get_by_role("link", name="SSH").click()
    expect(page.get_by_label("Ports")).to_have_value("22")
    page.get_by_label("Other side: address range").fill("192.0.2.7/24")
    page.get_by_role("button", name="Add rule").click()
    expect(page.get_by_text("Did you mean 192.0.2.0/24?")).to_be_visible()
    expect(page.get_by_label("Ports")).to_have_value("22")
    page.get_by_label("Other side: address range").fill("192.0.2.0/24")
    page.get_by_role("button", name="Add rule").click()
    expect(page.get_by_role("row").filter(has_text="192.0.2.0/24")).to_contain_text("Being added")


def test_what_is_typed_into_the_editor_stays_through_an_update(page, lab):
    group = SecurityGroup.objects.for_tenant(lab).get(name="default")
    show(page, f"security-groups/{group.pk}/")
    page.get_by_label("Ports").fill("8080")
    with transaction.atomic():
        SecurityGroup.objects.filter(pk=group.pk).update(description="changed meanwhile")
        publish(lab.pk, "networks", object_id=group.pk)
    expect(page.get_by_text("changed meanwhile")).to_be_visible()
    expect(page.get_by_label("Ports")).to_have_value("8080")


def test_the_topology_is_walked_with_the_keyboard(page):
    show(page, "topology/")
    page.locator(".topology a").first.focus()
    seen = []
    for _ in range(5):
        seen.append(page.evaluate("document.activeElement.querySelector('b, .clip').textContent"))
        page.keyboard.press("Tab")
    assert seen == ["public", "way-out", "front", "web-0", "web-1"]


def test_an_address_is_led_to_an_instance_in_a_dialog(page, lab):
    show(page, "floating-ips/")
    page.get_by_role("link", name="Associate 203.0.113.10").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Associate").click()
    expect(dialog.get_by_text("Choose an instance.")).to_be_visible()
    dialog.get_by_label("Instance").select_option(label="web-4 · 10.9.0.14")
    dialog.get_by_role("button", name="Associate").click()
    expect(page.get_by_role("row").filter(has_text="203.0.113.10").locator(".st")).to_have_text("Associating")
    expect(dialog).to_have_count(0)

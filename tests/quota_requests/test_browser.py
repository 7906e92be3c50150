"""From a launch that quota refuses to one that runs, in a real browser; and pages that shut nobody out."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from dashboard.instances.models import Instance
from dashboard.quota_requests import actions, starting
from dashboard.quota_requests.models import QuotaRequest
from dashboard.quotas.models import CloudQuota, Quota
from tests.chromium import picture, window
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AXE = next((settings.ROOT / "tests" / "vendor" / "axe-core").rglob("axe.min.js")).read_text()
LONG = "a-very-long-name-that-somebody-chose-for-this-one-because-they-could"


def complaints_of(page):
    page.evaluate(AXE)
    found = page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html)[0]))")
    return [one for one in found if not one.startswith("region")]


def test_a_refused_launch_waits_for_its_request_and_starts_when_it_is_approved(
    chromium, lab, cloud, image, bob, root, approve
):
    Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=4)
    with web_process() as web, window(chromium, web, bob, allowed=("status of 422",)) as page:
        page.goto("/t/lab/instances/launch/")
        page.fill("#id_name", "db")
        page.locator("#id_image").select_option(str(image.pk))
        page.locator("#id_flavor").select_option(label=page.locator("#id_flavor option", has_text="large").inner_text())
        expect(page.locator("#explanation .over-limit")).to_have_text("4 too much")
        page.get_by_role("button", name="Ask for more quota, and launch then").click()
        expect(page.get_by_role("heading", name="Ask for more quota")).to_be_visible()
        expect(page.get_by_label("vCPUs")).to_have_value("8")
        picture(page, "request-new")
        page.get_by_label("Why it is needed").fill("The course begins on Monday.")
        page.get_by_role("button", name="Send the request").click()
        expect(page.locator(".head .st")).to_have_text("Open")
        request = QuotaRequest.objects.get()
        approve(request, comment="until June")
        expect(page.locator(".head .st")).to_have_text("Approved")
        starting.start(request.pk)
        expect(page.get_by_role("link", name="Look at the instance")).to_be_visible()
        picture(page, "request-approved")
    assert Instance.objects.get().name == "db"


@pytest.fixture
def full_of_requests(lab, cloud, ask, as_alice, approve):
    Quota.objects.filter(tenant=lab, resource="vcpus").update(used=23)
    Quota.objects.filter(tenant=lab, resource="networks").update(limit=None, used=3)
    Quota.objects.filter(tenant=lab, resource="instances").update(used=9)
    CloudQuota.objects.create(tenant=lab, cloud=cloud, resource="vcpus", limit=4, used=2)
    type(lab).objects.filter(pk=lab.pk).update(name=LONG.replace("-", " "))
    approve(ask(ram_mib=32768, reason="short"))
    actions.deny(as_alice, ask(floating_ips=9, reason="public " * 40).pk, comment="Use the load balancer. " + LONG)
    actions.endorse(as_alice, ask(vcpus=64, instances=40, reason=LONG).pk, comment="we need it")
    return ask(vcpus=32, ram_mib=None, volume_gib=500, reason="The course begins on Monday.\n\nThirty people.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nobody_is_shut_out_and_nothing_sticks_out(chromium, full_of_requests, root, bob, scheme, width):
    view = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    pages = {
        "quota": "/t/lab/quota/",
        "new": "/t/lab/quota/requests/new/?vcpus=40",
        "detail": f"/t/lab/quota/requests/{full_of_requests.pk}/",
        "inbox": "/requests/",
        "rules": "/requests/rules/",
    }
    with web_process() as web, window(chromium, web, root, **view) as page:
        for name, path in pages.items():
            page.goto(path)
            expect(page.locator("h1")).to_be_visible()
            picture(page, f"request-{name}-{scheme}-{width}")
            assert complaints_of(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_on_a_phone_each_limit_of_a_request_is_there_whole(chromium, lab, cloud, ask, approve, bob):
    request = ask(ram_mib=34816000, volume_gib=500000)
    approve(request, ram_mib=17408000)
    with web_process() as web, window(chromium, web, bob, viewport={"width": 390, "height": 800}) as page:
        page.goto(f"/t/lab/quota/requests/{request.pk}/")
        expect(page.locator(".asked-for td[data-label='Limit now']").first).to_be_in_viewport(ratio=1)
        assert page.evaluate("(e => e.scrollWidth <= e.clientWidth)(document.querySelector('#live .scroll'))")

"""A newcomer with only a `clouds.yaml`: connect, test, give the tenant a project, launch, log in to the guest. Then a
guest of this machine's libvirt and one of a Eucalyptus (the dialect server) beside it in the one list.

The browser may reach Skydeck and nothing else: what it asks of any other address fails the test.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Skydeck, power_off_guests, screenshots, sign_in, start, stop
from tests.browser.test_main_job import log_in_on_serial, row
from tests.chromium import listen, shoot
from tests.eucalyptus.dialect import Dialect, dialect

from . import own_project
from .lab.place import Lab

__all__ = ["screenshots"]  # fixtures
pytestmark = [pytest.mark.openstack, pytest.mark.browser, pytest.mark.slow]
SOON_MS, BUILT_MS = 30_000, 180_000


@pytest.fixture(scope="module")
def skydeck(openstack_lab) -> Iterator[Skydeck]:
    home = Path(tempfile.mkdtemp(prefix="sky-openstack-", dir="/tmp"))
    home.chmod(0o755)  # the guests' user must reach its folder in it
    try:
        running = start(home, cloud="libvirt")
        yield running
        power_off_guests(running)
        stop(running)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def project_name(admin_cloud) -> Iterator[str]:
    """A name for the project that the journey makes; what is left of it is removed."""
    name = f"journey-{int(time.time())}"
    yield name
    if project := admin_cloud.identity.find_project(name):
        own_project.empty(admin_cloud, project.id)
        admin_cloud.identity.delete_project(project)


@pytest.fixture
def page(chromium: Browser, skydeck: Skydeck) -> Iterator[Page]:
    context = chromium.new_context(base_url=skydeck.url, viewport={"width": 1440, "height": 900})
    strange: list[str] = []

    def refuse(route: Route) -> None:
        strange.append(route.request.url)
        route.abort()

    context.route(lambda url: not url.startswith(skydeck.url), refuse)
    page = context.new_page()
    page.on("websocket", lambda socket: strange.append(socket.url) if not of(skydeck, socket.url) else None)
    listen(page, strange)
    sign_in(page)
    yield page
    context.close()
    assert strange == []


def of(skydeck: Skydeck, url: str) -> bool:
    return url.startswith(skydeck.url.replace("http", "ws", 1))


def admins_yaml(lab: Lab) -> str:
    with (lab.home / "clouds.yaml").open() as file:
        every = yaml.safe_load(file)["clouds"]
    return yaml.safe_dump({"clouds": {"mycloud": every["lab-admin"]}})


def test_from_a_clouds_yaml_to_the_shell_of_a_guest(page, skydeck, openstack_lab, project_name, screenshots):
    began = time.monotonic()
    connect(page, admins_yaml(openstack_lab), screenshots)
    give_a_project(page, project_name, screenshots)
    launch(page, screenshots)
    print(f"from the pasted file to an active instance: {time.monotonic() - began:.0f} s")
    row(page, "web-1").get_by_role("link", name="Serial console").click()
    log_in_on_serial(page)
    shoot(page, screenshots / "openstack-serial.png")
    drop_and_reconnect(page)
    graphical(page, screenshots)
    with dialect() as eucalyptus:
        connect_eucalyptus(page, eucalyptus, screenshots)
        three_kinds(page, screenshots)
    assert "Traceback" not in skydeck.log()


def connect(page: Page, text: str, screenshots: Path) -> None:
    page.goto("/clouds/connect/")
    page.locator("textarea").fill(text)
    shoot(page, screenshots / "openstack-connect.png")
    page.get_by_role("button", name="Read and test").click()
    expect(page.get_by_text("All is well")).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_text("Compute (Nova)")).to_be_visible()
    shoot(page, screenshots / "openstack-tested.png", full_page=True)
    page.get_by_role("button", name="Use this cloud").click()


def give_a_project(page: Page, name: str, screenshots: Path) -> None:
    page.get_by_role("link", name="Give a project").click()
    page.get_by_label("Its name on the cloud").fill(name)
    page.get_by_role("button", name="Make the project").click()
    expect(page.get_by_text("Make a network with a way out")).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_text("took", exact=False).first).to_be_visible(timeout=3 * SOON_MS)  # it has ended
    shoot(page, screenshots / "openstack-project.png", full_page=True)


def connect_eucalyptus(page: Page, cloud: Dialect, screenshots: Path) -> None:
    page.goto("/clouds/connect/eucalyptus/")
    page.get_by_label("Name", exact=True).fill("euca")
    page.get_by_label("Address", exact=True).fill(cloud.url)
    page.get_by_label("Access key").fill(cloud.root_key.id)
    page.get_by_label("Secret key").fill(cloud.root_key.secret)
    page.get_by_label("Addresses of this machine itself").select_option(label="Allowed")
    shoot(page, screenshots / "eucalyptus-connect.png", full_page=True)
    page.get_by_role("button", name="Save and test").click()
    page.get_by_role("button", name="Use this cloud").click(timeout=SOON_MS)
    shoot(page, screenshots / "eucalyptus-tested.png", full_page=True)
    page.get_by_role("link", name="Give an account").click()
    page.get_by_label("Its name on the cloud").fill("journey")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_text("took", exact=False).first).to_be_visible(timeout=3 * SOON_MS)  # it has ended
    page.goto("/t/demo/instances/launch/")
    page.get_by_label("Cloud", exact=True).select_option(label="euca")
    expect(page.get_by_label("Image", exact=True)).to_contain_text("Debian 12 cloud", timeout=SOON_MS)


def three_kinds(page: Page, screenshots: Path) -> None:
    """Real libvirt, real OpenStack, and the dialect of Eucalyptus."""
    choose(page, "local", "kvm-1", image="Demo Linux", flavor="small")
    send(page)
    choose(page, "euca", "euca-1", image="Debian 12 cloud", flavor="t2.nano")
    send(page)
    for name in ("web-1", "kvm-1", "euca-1"):
        expect(row(page, name)).to_contain_text("Active", timeout=BUILT_MS)
    shoot(page, screenshots / "three-clouds.png")


def launch(page: Page, screenshots: Path) -> None:
    """As soon as the first look at the new project has found what can be launched."""
    choose(page, "mycloud", "web-1", image="demo", flavor="real.demo")  # they make a real guest
    page.get_by_text("Networks, disk, placement and more").click()
    shoot(page, screenshots / "openstack-launch.png", full_page=True)
    send(page)
    expect(row(page, "web-1")).to_contain_text("Active", timeout=BUILT_MS)
    shoot(page, screenshots / "openstack-list.png")


def choose(page: Page, cloud: str, name: str, *, image: str, flavor: str) -> None:
    page.goto("/t/demo/instances/launch/")
    page.get_by_label("Cloud", exact=True).select_option(label=cloud)
    expect(page.get_by_label("Image", exact=True)).to_contain_text(image, timeout=SOON_MS)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Image", exact=True).select_option(label=image)
    page.get_by_label("Flavor", exact=True).select_option(label=flavor)


def send(page: Page) -> None:
    page.get_by_role("button", name="Launch", exact=True).click()
    expect(page).to_have_url(re.compile("/t/demo/instances/$"))


def drop_and_reconnect(page: Page) -> None:
    """A console that was closed gets a new token of Nova's with the next one."""
    page.reload()
    expect(page.locator("body")).to_contain_text("Connected", timeout=SOON_MS)
    page.locator(".xterm").click()
    page.keyboard.type("\necho again-$((40+2))\n")
    expect(page.locator(".xterm-rows")).to_contain_text("again-42", timeout=SOON_MS)


def graphical(page: Page, screenshots: Path) -> None:
    page.goto("/t/demo/instances/")
    row(page, "web-1").get_by_role("link", name="Console", exact=True).click()
    expect(page.locator("body")).to_contain_text("Connected", timeout=SOON_MS)
    expect(page.locator("canvas")).to_be_visible(timeout=SOON_MS)
    page.wait_for_timeout(3000)
    shoot(page, screenshots / "openstack-vnc.png")
    assert page.evaluate(COLOURS) > 1


COLOURS = """() => {
  const canvas = document.querySelector('canvas');
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return new Set(Array.from({length: data.length / 4}, (_, i) => data[4 * i])).size;
}"""

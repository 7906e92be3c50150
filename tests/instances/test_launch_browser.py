"""The launch page in a real browser: all that matters in one view, wrong fields found, user data checked."""

import gzip
import re

import pytest
from playwright.sync_api import expect

from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.images.models import Image
from dashboard.instances.models import Flavor, Instance
from dashboard.keypairs.actions import import_key
from dashboard.keypairs.public_keys import generate, read
from dashboard.live.publish import publish
from tests.chromium import window
from tests.web import web_process

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PATH = "/t/lab/instances/launch/"
REFUSED = ("422",)
"""What Chromium says of a form that comes back; nobody else sees it."""
BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["with", "without"])


@pytest.fixture
def opened(chromium, bob, cloud, small):
    """A window on the launch page, with an image and a flavor chosen by `choose`."""
    with web_process() as web:

        def open_it(**options):
            return window(chromium, web, bob, allowed=REFUSED, **options)

        yield open_it


def choose(page):
    page.goto(PATH)
    page.get_by_label("Image").select_option(label="Demo Linux")
    page.get_by_label("Flavor").select_option(label="small")


def top_of(page, selector) -> float:
    return page.locator(selector).bounding_box()["y"]


def bottom_of(page, selector) -> float:
    box = page.locator(selector).bounding_box()
    return box["y"] + box["height"]


def test_what_is_chosen_what_comes_of_it_and_the_button_are_in_one_view(opened):
    with opened(viewport={"width": 1280, "height": 800}) as page:
        choose(page)
        page.get_by_label("Name", exact=True).fill("web-1")
        expect(page.locator("#explanation")).to_contain_text("It fits.")
        page.get_by_text("User data for cloud-init").click()
        for selector in ("#id_name", "#id_image", "#id_flavor", "#explanation .verdict", "#launch"):
            assert top_of(page, selector) >= 0, selector
            assert bottom_of(page, selector) <= 800, selector


def test_at_the_end_of_the_page_the_button_covers_nothing(opened):
    with opened(viewport={"width": 1280, "height": 700}) as page:
        choose(page)
        page.get_by_text("User data for cloud-init").click()
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        assert bottom_of(page, "#explanation") <= top_of(page, ".go")
        assert bottom_of(page, ".further") <= top_of(page, ".go")


def test_on_a_phone_the_button_stays_in_view_and_what_comes_of_it_follows_what_is_chosen(opened):
    with opened(viewport={"width": 390, "height": 844}) as page:
        choose(page)
        assert bottom_of(page, "#launch") <= 844
        assert bottom_of(page, "#id_flavor") < top_of(page, "#explanation") < top_of(page, "#id_key_pair")


def test_images_that_a_cloud_shows_at_last_appear_by_themselves(opened, cloud, lab):
    Image.objects.update(is_gone=True)
    with opened() as page:
        page.goto(PATH)
        page.get_by_label("Name", exact=True).fill("web-1")
        expect(page.locator("html")).to_have_attribute("data-live", "on")
        Image.objects.update(is_gone=False)
        publish(lab.pk, "clouds", object_id=cloud.pk)
        page.get_by_label("Image").select_option(label="Demo Linux", timeout=5000)
        expect(page.get_by_label("Name", exact=True)).to_have_value("web-1")
        expect(page.locator("#form #explanation")).to_be_visible()


@BOTH
def test_enter_in_the_name_launches(opened, javascript):
    with opened(java_script_enabled=javascript) as page:
        choose(page)
        page.get_by_label("Name", exact=True).fill("by-enter")
        page.get_by_label("Name", exact=True).press("Enter")
        expect(page).to_have_url(re.compile("/t/lab/instances/$"))
    assert Instance.objects.get().name == "by-enter"


@BOTH
def test_a_refused_launch_begins_at_the_first_wrong_field_and_its_list_leads_to_each(opened, javascript):
    with opened(java_script_enabled=javascript) as page:
        choose(page)
        page.get_by_label("How many").fill("51")
        page.get_by_role("button", name="Launch", exact=True).click()
        wrong = page.locator("#wrong")
        expect(wrong).to_contain_text("Nothing was launched.")
        expect(wrong).to_contain_text("Name: Give the instance a name.")
        expect(page.get_by_label("Name", exact=True)).to_be_focused()
        wrong.get_by_role("link", name="How many").click()
        expect(page.get_by_label("How many")).to_be_focused()
        expect(page.locator("#count-error")).to_be_in_viewport()


@BOTH
def test_what_came_of_saving_a_template_has_the_focus(opened, javascript):
    with opened(java_script_enabled=javascript) as page:
        choose(page)
        page.get_by_text("Save as template").click()
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Give the template a name.")).to_be_in_viewport()
        expect(page.get_by_label("Name of the template")).to_be_focused()
        page.get_by_label("Name of the template").fill("web")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Saved as “web”.")).to_be_in_viewport()
        expect(page.locator("#save-template .report")).to_be_focused()
        page.get_by_label("Name", exact=True).fill("web-1")
        page.get_by_role("button", name="Launch", exact=True).click()
        expect(page).to_have_url(re.compile("/t/lab/instances/$"))
    assert Instance.objects.get().name == "web-1"


def test_user_data_are_looked_at_while_they_are_typed_and_the_explanation_knows(opened):
    with opened() as page:
        choose(page)
        page.get_by_label("Name", exact=True).fill("web-1")
        page.get_by_text("User data for cloud-init").click()
        field = page.get_by_label("User data", exact=False).first
        field.press_sequentially("#cloud-config\nruncmd: ls\n", delay=5)
        report = page.locator("#user-data-report")
        expect(report).to_contain_text("line 2, column 1, runcmd It has to be a list")
        expect(page.locator("#explanation")).to_contain_text("User data: This cannot be sent as it is")
        report.locator("[data-line='2']").click()
        assert page.evaluate("getSelection().toString()") == "runcmd: ls"
        field.fill("#cloud-config\nruncmd: [ls]\n")
        expect(report).to_contain_text("#cloud-config: no problem found.")
        expect(page.locator("#explanation")).to_contain_text("It fits.")


def test_what_the_chosen_cloud_would_refuse_is_said_while_it_is_chosen_and_typed(opened, lab, as_bob):
    euca = Cloud.objects.create(name="remote", kind="eucalyptus", features=["public-key", "user-data", "tags"])
    CloudAccount.objects.create(tenant=lab, cloud=euca, remote_id="1", sealed="x")
    Image.objects.create(cloud=euca, remote_id="emi-1", name="Demo Linux")
    Flavor.objects.create(cloud=euca, remote_id="small", name="small", vcpus=1, ram_mib=512, disk_gib=5)
    pasted = read(generate(comment="me")[1].text)
    import_key(as_bob, name="laptop", public_key=pasted, key="k")
    with opened() as page:
        choose(page)
        page.get_by_label("Name", exact=True).fill("web-1")
        page.get_by_label("Key pair", exact=False).first.select_option(label="laptop (ED25519)")
        expect(page.locator("#explanation")).to_contain_text("It fits.")
        page.get_by_label("Cloud", exact=True).select_option(label="remote")
        todo = page.locator("#explanation .todo")
        expect(todo).to_contain_text("Key pair: The cloud remote takes keys of the type ssh-rsa only")
        page.get_by_text("User data for cloud-init").click()
        page.locator("#id_user_data").fill("#!" + "x" * 20_000)
        expect(page.locator("#user-data-report")).to_contain_text("It has 20,002 bytes; 16,384 are possible.")
        expect(todo).to_contain_text("User data: This cannot be sent as it is.")
        page.get_by_role("link", name="Generate").click()
        expect(page.get_by_role("dialog").get_by_label("Type")).to_have_value("rsa")


def test_a_file_is_read_into_the_text_and_one_that_is_too_large_is_said_by_the_launch(opened, tmp_path):
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_text("#cloud-config\nusers: 1\n")
    large.write_text("#!" + "x" * 300_000)
    with opened() as page:
        choose(page)
        page.get_by_label("Name", exact=True).fill("web-1")
        page.get_by_text("User data for cloud-init").click()
        page.get_by_label("Or a file with it").set_input_files(small)
        expect(page.locator("#id_user_data")).to_have_value("#cloud-config\nusers: 1\n")
        expect(page.locator("#user-data-report")).to_contain_text("line 2, column 1, users")
        expect(page.locator("#explanation")).to_contain_text("Not ready to be launched yet.")
        page.get_by_label("Or a file with it").set_input_files(large)
        page.get_by_role("button", name="Launch", exact=True).click()
        expect(page.locator("#user-data-report")).to_contain_text("Too large")
        expect(page.locator("#user-data-report")).to_contain_text("It has 300,002 bytes")
        expect(page.locator("#id_user_data")).to_be_in_viewport()


def test_a_file_that_is_no_user_data_is_said_to_be_so_when_it_is_chosen_and_is_not_sent(opened, tmp_path):
    large, binary, packed = tmp_path / "large", tmp_path / "binary", tmp_path / "packed"
    large.write_bytes(b"\x7fELF" + bytes(3_000_000))
    binary.write_bytes(b"#!/bin/sh\n\xff\xfe" + b"\xff" * 40_000)
    packed.write_bytes(gzip.compress(b"#cloud-config"))
    with opened() as page:
        choose(page)
        sent = []
        page.on("request", lambda request: sent.append(len(request.post_data_buffer or b"")))
        page.get_by_text("User data for cloud-init").click()
        chosen, report = page.get_by_label("Or a file with it"), page.locator("#user-data-report")
        chosen.set_input_files(large)
        expect(report).to_contain_text("It has 3,000,004 bytes")
        expect(page.locator("#explanation")).to_contain_text("User data: This cannot be sent as it is.")
        chosen.set_input_files(binary)
        expect(report).to_contain_text("line 2, column 1 It is not text")
        page.get_by_label("Name", exact=True).fill("web-1")
        expect(page.locator("#explanation")).not_to_contain_text("Give the instance a name.")
        expect(page.locator("#explanation")).to_contain_text("User data: This cannot be sent as it is.")
        chosen.set_input_files(packed)
        expect(report).to_contain_text("It is compressed.")
        expect(page.locator("#id_user_data")).to_have_value("")
        chosen.set_input_files([])
        expect(report).to_have_text("")
        expect(page.locator("#explanation")).to_contain_text("It fits.")
    assert sent
    assert max(sent) < 10_000


def test_what_is_typed_is_in_no_address_that_the_page_asks_for(opened):
    with opened() as page:
        choose(page)
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.get_by_text("User data for cloud-init").click()
        page.get_by_label("User data", exact=False).first.fill("#!not-to-be-seen")
        expect(page.locator("#user-data-report")).to_contain_text("Script: no problem found.")
        page.get_by_role("link", name="Generate").click()
        expect(page.get_by_role("dialog")).to_be_visible()
    assert asked
    assert not [url for url in asked if "not-to-be-seen" in url]


@pytest.mark.parametrize("style", ["height: 400px", ""])
def test_a_form_with_a_field_that_somebody_made_larger_comes_back_within_the_policy(opened, style):
    """The browser keeps the size in the field's style, which HTMX would copy into the field of the answer."""
    with opened() as page:
        choose(page)
        page.locator("#id_user_data").evaluate("(field, style) => { field.style.cssText = style; }", style)
        page.get_by_role("button", name="Launch", exact=True).click()
        expect(page.locator("#wrong")).to_contain_text("Nothing was launched.")
        page.get_by_text("Save as template").click()
        page.locator("#id_template-name").evaluate("(field, style) => { field.style.cssText = style; }", style)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Give the template a name.")).to_be_visible()
        page.wait_for_timeout(200)  # the attributes are copied a moment after the answer is shown

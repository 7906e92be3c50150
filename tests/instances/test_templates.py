"""Saved launch templates, and “launch more like this”: what fills the form in, what is gone, who may."""

import html
import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from dashboard.audit.models import Entry
from dashboard.clouds.interface import NetworkSpec
from dashboard.images.models import Image
from dashboard.instances import prefill, templates
from dashboard.instances.models import Flavor, Instance, LaunchTemplate
from dashboard.keypairs import actions as key_pairs
from dashboard.networks.models import Network, SecurityGroup
from dashboard.operations.models import Operation

from .conftest import again, look

HTMX = {"HX-Request": "true"}
PATH = "/t/lab/instances/launch/"
SAVE = PATH + "save/"
TEMPLATES = "/t/lab/instances/templates/"
USER_DATA = "#cloud-config\npassword: not to be seen\n"


@pytest.fixture
def cloud(placed, lab):
    networks = placed.driver_for(lab.pk).networks
    networks.create_network(NetworkSpec(mark="n", name="own", cidr="10.9.0.0/24", external_network_id="public"))
    look(placed)
    return placed


@pytest.fixture
def image(placed):
    return Image.objects.get(name="Demo Linux")


@pytest.fixture
def small(tiny):
    return tiny


@pytest.fixture
def laptop(as_bob):
    return key_pairs.generate(as_bob, name="laptop", key="laptop").key_pair


@pytest.fixture
def form(cloud, image, small, lab, laptop):
    own = Network.objects.for_tenant(lab).get(name="own")
    group = SecurityGroup.objects.for_tenant(lab).get(name="default")
    return {
        "name": "web-1",
        "cloud": cloud.pk,
        "image": image.pk,
        "flavor": small.pk,
        "key_pair": laptop.pk,
        "networks": [own.pk],
        "security_groups": [group.pk],
        "zone": "two",
        "tags": "green, blue",
        "boot_volume_gib": "7",
        "user_data": USER_DATA,
        "key": uuid.uuid4().hex,
    }


def shown(page) -> dict[str, object]:
    """What is in the fields of a launch form."""
    text = html.unescape(page.content.decode())
    values = dict(re.findall(r'<input type="(?:text|number)" name="([^"]+)" value="([^"]*)"', text))
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', text, re.DOTALL):
        values[name] = (re.findall(r'<option value="([^"]*)" selected', options) or [""])[0]
    for name in ("networks", "security_groups"):
        values[name] = re.findall(rf'name="{name}" value="([^"]+)"(?: id="\w+")? checked', text)
    values["user_data"] = (re.findall(r'<textarea name="user_data".*?>\n?(.*?)</textarea>', text, re.DOTALL) or [""])[0]
    return values


def of_form(form) -> dict[str, object]:
    told = {
        name: str(value) for name, value in form.items() if name not in {"key", "cloud", "networks", "security_groups"}
    }
    return told | {name: [str(pk) for pk in form[name]] for name in ("networks", "security_groups")}


def save(browser, form, name="web", **more):
    return browser.post(SAVE, form | {"template-name": name} | more)


def test_what_was_typed_comes_back_from_a_template(browser, form):
    answer = save(browser, form)
    assert (answer.status_code, "Saved as “web”." in answer.content.decode()) == (200, True)
    assert of_form(form).items() <= shown(answer).items()
    template = LaunchTemplate.objects.get()
    assert "not to be seen" not in str(LaunchTemplate.objects.values())
    page = browser.get(PATH, {"template": template.pk})
    assert of_form(form).items() <= shown(page).items()
    assert browser.post(PATH, form).status_code == 303
    assert (Instance.objects.count(), Operation.objects.count()) == (1, 1)


def test_htmx_gets_only_the_part_that_saves(browser, form):
    answer = browser.post(SAVE, form | {"template-name": "web"}, headers=HTMX)
    assert answer.content.decode().lstrip().startswith('<details id="save-template"')


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "Give the template a name."),
        ("x" * 300, "at most 255 characters"),
        ("a\u202eb", "cannot be seen"),
        ("web 🚀", "saved a template of this name"),
    ],
)
def test_a_wrong_name_says_why_and_keeps_all_that_was_typed(browser, form, name, message):
    save(browser, form, name="web 🚀")
    answer = save(browser, form, name=name)
    assert (answer.status_code, message in answer.content.decode()) == (422, True)
    assert of_form(form).items() <= shown(answer).items()
    assert LaunchTemplate.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "saved"),
    [
        ({}, False), ({"count": "1", "first": "1", "group_policy": "affinity"}, False), ({"user_data": " \n"}, False),
        ({"key_pair": ""}, False), ({"count": "2"}, True), ({"name": "web"}, True), ({"user_data": "#!x"}, True),
        ({"networks": []}, False),
    ],
)  # fmt: skip
def test_a_template_that_says_nothing_is_refused(browser, form, changed, saved):
    untouched = {name: form[name] for name in ("cloud", "networks", "security_groups", "key")}
    answer = save(browser, untouched | changed)
    refused = "There is nothing to save yet." in answer.content.decode()
    assert (answer.status_code, refused) == ((200, False) if saved else (422, True))
    assert LaunchTemplate.objects.exists() is saved


def test_after_saving_without_javascript_the_form_still_launches(browser, form):
    assert f'id="form" class="launch" method="post" action="{PATH}"' in save(browser, form).content.decode()


def test_a_template_is_replaced_when_that_is_asked_for(browser, form):
    save(browser, form)
    save(browser, form | {"zone": "one"}, **{"template-replace": "on"})
    assert LaunchTemplate.objects.get().values["zone"] == "one"
    assert [e.verb for e in Entry.objects.filter(object_kind="launch-template")] == [
        "launch-template.save",
        "launch-template.replace",
    ]


def test_what_is_gone_is_named_at_its_field_and_the_rest_is_filled_in(browser, form, image, laptop, small):
    save(browser, form)
    template = LaunchTemplate.objects.get()
    Image.objects.update(is_gone=True)
    Flavor.objects.filter(pk=small.pk).delete()
    laptop.delete()
    Network.objects.all().delete()
    page = browser.get(PATH, {"template": template.pk})
    text = html.unescape(page.content.decode())
    for what in ("Image “Demo Linux”", "Flavor “m1.tiny”", "Key pair “laptop (ED25519)”"):
        assert f"{what} does not exist any more; choose another." in text
    assert "pretend does not offer: own." in text
    assert shown(page)["tags"] == "green, blue"


def test_a_template_of_a_cloud_that_is_gone_says_so(browser, form):
    save(browser, form)
    template = LaunchTemplate.objects.get()
    LaunchTemplate.objects.update(cloud=None)
    page = browser.get(PATH, {"template": template.pk}).content.decode()
    assert "The cloud pretend cannot be launched on" in page


def test_another_like_an_instance_has_all_of_it_and_the_next_name(browser, form, work):
    browser.post(PATH, form)
    work()
    instance = Instance.objects.get()
    page = browser.get(PATH, {"like": instance.pk})
    wanted = of_form(form) | {"name": "web-2", "tags": "blue, green"}
    found = shown(page)
    found["tags"] = ", ".join(sorted(str(found["tags"]).split(", ")))
    assert wanted.items() <= found.items()
    shown_to = Entry.objects.get(verb="user-data.show")
    assert (shown_to.actor, shown_to.object_id) == ("bob", str(instance.pk))


def test_another_like_a_deleted_instance(browser, form, work, settings):
    settings.UNDO_DELETE_S = 0
    browser.post(PATH, form)
    work()
    instance = Instance.objects.get()
    browser.post(f"/t/lab/instances/{instance.pk}/delete/")
    work()
    assert again(instance).deleted_at
    assert f"?like={instance.pk}" in browser.get(f"/t/lab/instances/{instance.pk}/").content.decode()
    assert shown(browser.get(PATH, {"like": instance.pk}))["name"] == "web-2"


@pytest.mark.parametrize(
    ("name", "following"),
    [("web-1", "web-4"), ("web", "web-4"), ("db09", "db10"), ("db99", "db100"), ("x" * 255, "x" * 245 + "-2")],
)
def test_the_next_name_is_the_next_free_number(launch, lab, name, following):
    for taken in ("web-2", "web-3"):
        launch(taken)
    assert prefill.next_name(lab, name) == following


def test_an_instance_is_saved_as_a_template(browser, form, work):
    browser.post(PATH, form)
    work()
    here = f"/t/lab/instances/{Instance.objects.get().pk}/save-as-template/"
    assert b'value="web-1"' in browser.get(here).content
    assert browser.post(here, {"template-name": "like web"}).status_code == 303
    assert browser.post(here, {"template-name": "like web"}).status_code == 422
    template = LaunchTemplate.objects.get()
    assert shown(browser.get(PATH, {"template": template.pk}))["user_data"] == USER_DATA


def test_templates_are_listed_renamed_and_deleted(browser, form):
    save(browser, form)
    save(browser, form, name="db")
    template = LaunchTemplate.objects.get(name="web")
    page = browser.get(TEMPLATES).content.decode()
    assert "Demo Linux" in page
    assert "not to be seen" not in page
    assert browser.post(f"{TEMPLATES}{template.pk}/rename/", {"name": "db"}).status_code == 422
    assert browser.post(f"{TEMPLATES}{template.pk}/rename/", {"name": "front"}).status_code == 303
    assert again(template).name == "front"
    assert browser.post(f"{TEMPLATES}{template.pk}/delete/").status_code == 303
    assert list(LaunchTemplate.objects.values_list("name", flat=True)) == ["db"]


def test_a_reader_looks_and_a_stranger_finds_nothing(browser, form, rita, charlie):
    save(browser, form)
    template = LaunchTemplate.objects.get()
    browser.force_login(rita)
    page = browser.get(TEMPLATES).content.decode()
    assert "web" in page
    assert "?template=" not in page
    browser.force_login(charlie)
    for name in ("template", "like"):
        assert browser.get("/t/other/instances/launch/", {name: template.pk}).status_code == 404
        assert browser.get("/t/other/instances/launch/", {name: "rubbish"}).status_code == 404


def test_a_private_key_and_a_keyless_seal_are_no_part_of_a_template(browser, form, settings):
    from cryptography.fernet import Fernet

    save(browser, form | {"public_key": "-----BEGIN OPENSSH PRIVATE KEY-----"})
    template = LaunchTemplate.objects.get()
    assert "public_key" not in template.values
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    page = browser.get(PATH, {"template": template.pk})
    assert "user data cannot be read" in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_the_same_name_at_once_one_wins_and_the_other_is_told(as_bob, cloud):
    def ask(number: int) -> str:
        try:
            wanted = {"values": {"name": str(number)}, "labels": {}, "user_data": "", "replace": False}
            templates.save(as_bob, name="web", cloud=cloud, **wanted)
        except templates.Taken as error:
            return str(error)
        finally:
            connection.close()
        return "saved"

    with ThreadPoolExecutor(max_workers=4) as threads:
        answers = list(threads.map(ask, range(8)))
    assert answers.count("saved") == LaunchTemplate.objects.count() == 1
    assert all("bob saved a template of this name" in answer for answer in answers if answer != "saved")

"""The pages of instances as a browser without JavaScript gets them, and the parts that HTMX asks for."""

import uuid

import pytest
from django.db import connection
from django.test import Client

from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import Status
from dashboard.instances import inventory
from dashboard.instances.models import Instance
from dashboard.networks.models import FloatingIp, Port
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFpgGrHxMbvhHH+VrqfCBuLGHvWc2SbmzjZIfvQ3wn1R bob@desk"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(bob):
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def form(cloud, image, small):
    return {"name": "web-1", "cloud": cloud.pk, "image": image.pk, "flavor": small.pk, "key": uuid.uuid4().hex}


def post(browser, form, **changed):
    return browser.post("/t/lab/instances/launch/", form | changed)


def many(lab, cloud, image, small, count):
    Instance.objects.bulk_create(
        Instance(tenant=lab, cloud=cloud, image=image, flavor=small, name=f"n-{i}", remote_id=f"r-{i}",
                 vcpus=1, ram_mib=512, disk_gib=5, status=Status.ACTIVE)
        for i in range(count)
    )  # fmt: skip


@pytest.mark.parametrize("count", [10, 1000])
def test_the_list_takes_eight_queries_for_ten_rows_and_for_a_thousand(
    browser, lab, cloud, image, small, count, django_assert_num_queries
):
    many(lab, cloud, image, small, count)
    assert connection.features.supports_json_field  # asks once for a connection
    with django_assert_num_queries(8):
        page = browser.get("/t/lab/instances/")
    assert page.content.count(b'href="/t/lab/instances/') >= 10


def test_a_fragment_takes_no_more_queries_than_its_page(
    browser, lab, cloud, image, small, django_assert_max_num_queries
):
    many(lab, cloud, image, small, 60)
    assert connection.features.supports_json_field
    with django_assert_max_num_queries(8):
        part = browser.get("/t/lab/instances/", headers=HTMX)
    assert b"<html" not in part.content


def test_the_list_finds_by_name_image_and_address(browser, lab, cloud, image, small):
    many(lab, cloud, image, small, 12)
    Instance.objects.filter(name="n-7").update(addresses=["10.9.8.7"])
    for q in ("n-7", "10.9.8.7"):
        page = browser.get("/t/lab/instances/", {"q": q}).content.decode()
        assert "n-7" in page
        assert "n-3" not in page
    assert "n-3" in browser.get("/t/lab/instances/", {"q": image.name}).content.decode()


def test_a_launch_leads_to_the_list_with_its_row(browser, form):
    answer = post(browser, form)
    assert (answer.status_code, answer["Location"]) == (303, "/t/lab/instances/")
    page = browser.get(answer["Location"]).content.decode()
    assert "web-1" in page
    assert "Building" in page


def test_a_double_click_is_one_instance(browser, form):
    post(browser, form)
    post(browser, form)
    assert Instance.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "Give the instance a name."),
        ("name", "   ", "Give the instance a name."),
        ("name", "x" * 300, "at most 255 characters"),
        ("name", "a\x07b", "cannot be seen"),
        ("name", "a\u202eb", "cannot be seen"),
        ("flavor", "", "Choose a flavor."),
        ("flavor", "00000000-0000-0000-0000-000000000000", "This flavor does not exist any more."),
        ("image", "", "Choose an image."),
        ("image", "rubbish", "is not a valid UUID"),
        ("public_key", "hello", "This is not a public key."),
        ("public_key", "-----BEGIN OPENSSH PRIVATE KEY-----", "This is a private key."),
    ],
)
def test_a_wrong_field_says_why_keeps_what_was_typed_and_changes_nothing(browser, form, field, value, message):
    answer = post(browser, form | {"public_key": KEY}, **{field: value})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert message in page
    for kept in {"name": "web-1", "public_key": KEY.split()[1]}.items() if field != "name" else []:
        assert field == kept[0] or kept[1] in page.replace("&#x2B;", "+")
    assert (Instance.objects.count(), Operation.objects.count()) == (0, 0)
    assert Quota.objects.get(tenant__slug="lab", resource="instances").used == 0


def test_an_image_that_disappeared_under_the_form_is_said(browser, form, image):
    image.is_gone = True
    image.save()
    assert "This image does not exist any more." in post(browser, form).content.decode()


def test_over_quota_it_says_which_resource_and_how_much_is_left(browser, form):
    Quota.objects.filter(tenant__slug="lab", resource="ram_mib").update(limit=700, used=300)
    answer = post(browser, form)
    assert answer.status_code == 422
    assert "Not enough quota: Memory, 512 MiB needed and 400 MiB left." in answer.content.decode()


def test_markup_in_a_name_is_text(browser, form):
    answer = post(browser, form, name='<script>alert("x")</script>')
    page = browser.get(answer["Location"]).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_name_that_another_has_is_allowed_and_said(browser, form):
    post(browser, form)
    answer = post(browser, form, key=uuid.uuid4().hex)
    assert "Another instance has the same name" in browser.get(answer["Location"]).content.decode()
    assert Instance.objects.filter(name="web-1").count() == 2


def test_a_cloud_that_is_away_takes_the_launch_and_says_so(browser, form, cloud, fake_path):
    Faults(str(fake_path)).away()
    inventory.sync_cloud(cloud.pk)
    answer = post(browser, form)
    assert "will be built when the cloud pretend answers again" in browser.get(answer["Location"]).content.decode()


def test_the_form_shows_the_quota_before_and_after(browser, small):
    part = browser.get("/t/lab/instances/launch/", {"flavor": small.pk}, headers=HTMX).content.decode()
    assert "512 MiB" in part
    assert "<html" not in part


def test_a_key_pair_is_kept_with_the_instance(browser, form):
    post(browser, form, public_key=KEY)
    assert Instance.objects.get().public_key == KEY


@pytest.fixture
def active(launch, work):
    instance = launch("web-1")
    work()
    instance.refresh_from_db()
    return instance


def test_delete_asks_with_the_instances_name(browser, active):
    page = browser.get(f"/t/lab/instances/{active.pk}/delete/").content.decode()
    assert "web-1" in page
    assert 'method="post"' in page


def test_a_verb_without_javascript_comes_back_with_a_message(browser, active):
    answer = browser.post(f"/t/lab/instances/{active.pk}/stop/", {"back": "detail"})
    assert (answer.status_code, answer["Location"]) == (303, f"/t/lab/instances/{active.pk}/")
    assert "Stopping web-1." in browser.get(answer["Location"]).content.decode()


def test_a_verb_by_htmx_answers_with_events_only(browser, active):
    answer = browser.post(f"/t/lab/instances/{active.pk}/stop/", headers=HTMX)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Stopping web-1." in answer["HX-Trigger"]


def test_a_verb_that_is_not_allowed_any_more_says_why(browser, active):
    Instance.objects.update(status=Status.SHUTOFF)
    answer = browser.post(f"/t/lab/instances/{active.pk}/stop/", headers=HTMX)
    assert answer.status_code == 409
    assert "Not possible while its status is Stopped." in answer["HX-Trigger"]
    assert Operation.objects.open().count() == 0


def test_a_deleted_instance_says_what_became_of_it(browser, active, as_bob, work):
    browser.post(f"/t/lab/instances/{active.pk}/delete-now/")
    work()
    page = browser.get(f"/t/lab/instances/{active.pk}/").content.decode()
    assert "Deleted" in page
    answer = browser.post(f"/t/lab/instances/{active.pk}/delete/", headers=HTMX)
    assert (answer.status_code, "The instance is deleted." in answer["HX-Trigger"]) == (409, True)


def test_a_raw_fault_is_for_administrators_only(browser, launch, work, fake_path, root):
    Faults(str(fake_path)).end_in_error("host cmp-07: <b>disk</b> full")
    instance = launch()
    work()
    url = f"/t/lab/instances/{instance.pk}/"
    assert b"cmp-07" not in browser.get(url).content
    browser.force_login(root)
    page = browser.get(url).content.decode()
    assert "host cmp-07: &lt;b&gt;disk&lt;/b&gt; full" in page


def test_the_console_log_is_fetched_by_a_worker_and_shown_with_its_age(browser, active):
    from dashboard.instances.tasks import fetch_console_log

    url = f"/t/lab/instances/{active.pk}/"
    assert browser.post(url + "console-log/").status_code == 303
    fetch_console_log(str(active.pk))
    active.refresh_from_db()
    assert active.console_log.text.split()[0] in browser.get(url).content.decode()


def test_no_page_talks_to_a_cloud(browser, active, fake_path, cloud, form):
    """The fake cloud would hang for a minute on any call."""
    Faults(str(fake_path)).slow(60)
    for path in ("", f"{active.pk}/", "launch/", f"{active.pk}/stop/"):
        assert browser.get(f"/t/lab/instances/{path}").status_code == 200
    assert browser.get(f"/t/lab/clouds/{cloud.pk}/").status_code == 200
    assert post(browser, form).status_code == 303


def test_a_floating_ip_is_among_the_addresses_and_finds_the_instance(browser, active, lab, other):
    for tenant, address in ((lab, "203.0.113.7"), (other, "203.0.113.8")):
        port = Port.objects.create(
            tenant=tenant, cloud=active.cloud, remote_id=f"p-{tenant.slug}", instance_id=active.remote_id
        )
        FloatingIp.objects.create(
            tenant=tenant, cloud=active.cloud, remote_id=f"f-{tenant.slug}", address=address, port_id=port.remote_id
        )
    page = browser.get("/t/lab/instances/").content.decode()
    assert "203.0.113.7" in page
    assert "203.0.113.8" not in page
    assert "web-1" in browser.get("/t/lab/instances/?q=203.0.113.7").content.decode()
    assert "203.0.113.7" in browser.get(f"/t/lab/instances/{active.pk}/").content.decode()

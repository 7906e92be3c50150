"""The pages of networks as a browser without JavaScript gets them, and the parts that HTMX asks for."""

import uuid

import pytest
from django.test import Client

from dashboard.networks.models import FloatingIp, Network, Port, Router, SecurityGroup
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota

HTMX = {"HX-Request": "true"}
HERE = "/t/lab/networks/"
HOSTILE = ["<script>alert(1)</script>", "x" * 255, "\u0634\u0628\u0643\u0629", 'O\'Neil & "sons"']


@pytest.fixture
def browser(bob):
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def form(cloud):
    return {"cloud": cloud.pk, "name": "web", "cidr": "10.5.0.0/24", "has_dhcp": "on", "key": uuid.uuid4().hex}


def text(answer) -> str:
    return answer.content.decode()


def many(lab, cloud, count):
    """As many networks, each with a port in it; and as many groups and addresses."""
    Network.objects.bulk_create(
        Network(tenant=lab, cloud=cloud, name=f"n-{n}", remote_id=f"n-{n}", status="ACTIVE") for n in range(count)
    )
    Port.objects.bulk_create(
        Port(tenant=lab, cloud=cloud, remote_id=f"p-{n}", network_id=f"n-{n}", instance_id=f"i-{n}")
        for n in range(count)
    )
    Router.objects.bulk_create(Router(tenant=lab, cloud=cloud, name=f"r-{n}", remote_id=f"r-{n}") for n in range(count))
    SecurityGroup.objects.bulk_create(
        SecurityGroup(tenant=lab, cloud=cloud, name=f"g-{n}", remote_id=f"g-{n}") for n in range(count)
    )
    FloatingIp.objects.bulk_create(
        FloatingIp(tenant=lab, cloud=cloud, remote_id=f"f-{n}", port_id=f"p-{n}", address=f"192.0.2.{n}")
        for n in range(count)
    )


@pytest.mark.parametrize("count", [10, 200])
@pytest.mark.parametrize(
    ("path", "queries"),
    [("", 11), ("topology/", 10), ("security-groups/", 9), ("floating-ips/", 10)],
)
def test_a_list_takes_the_same_few_queries_for_ten_and_for_two_hundred(
    browser, lab, cloud, count, path, queries, django_assert_num_queries
):
    many(lab, cloud, count)
    with django_assert_num_queries(queries):
        page = browser.get(HERE + path)
    assert page.status_code == 200


def test_a_fragment_is_the_live_part_only(browser, cloud):
    part = text(browser.get(HERE, headers=HTMX))
    assert "<html" not in part
    assert 'id="live"' in part


def test_the_list_shows_whose_what_and_how_many(browser, plugged, sync):
    plugged("web-1")
    sync()
    page = text(browser.get(HERE))
    for shown in ("own", "10.9.0.0/24", "this tenant", "shared with it", "leads out", "252 of 253"):
        assert shown in page, shown


def test_a_network_leads_to_the_list_where_it_is_being_made(browser, form):
    answer = browser.post(HERE + "new/", form)
    assert (answer.status_code, answer["Location"]) == (303, HERE)
    page = text(browser.get(HERE))
    assert "web is being made." in page
    assert "Being made" in page


def test_a_double_click_is_one_network(browser, form, lab):
    for _ in range(2):
        browser.post(HERE + "new/", form)
    assert Network.objects.for_tenant(lab).filter(name="web").count() == 1


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "Give it a name."),
        ("name", "x" * 300, "at most 255 characters"),
        ("name", "a\u202eb", "cannot be seen"),
        ("cidr", "", "Give the subnet a range"),
        ("cidr", "hello", "This is no address range."),
        ("cidr", "10.5.0.7/24", "Did you mean 10.5.0.0/24?"),
        ("cidr", "10.5.0.0/31", "has no room"),
        ("cidr", "0.0.0.0/0", "all addresses that there are"),
        ("gateway", "10.6.0.1", "10.6.0.1 is not in 10.5.0.0/24."),
        ("gateway", "no", "no is no IP address."),
        ("dns", "192.0.2.1, x", "x is no IP address."),
        ("external", "rubbish", "is not a valid UUID"),
    ],
)
def test_a_wrong_field_says_why_keeps_what_was_typed_and_changes_nothing(browser, form, field, value, message):
    answer = browser.post(HERE + "new/", form | {field: value})
    assert answer.status_code == 422
    page = text(answer)
    assert message in page
    assert f'id="{field}-error"' in page
    assert field == "name" or 'value="web"' in page
    assert not Operation.objects.exists()


def test_over_quota_it_says_what_is_missing(browser, form, lab):
    Quota.objects.filter(tenant=lab, resource="networks").update(limit=0)
    answer = browser.post(HERE + "new/", form)
    assert answer.status_code == 422
    assert "Not enough quota: Networks, 1 needed and 0 left." in text(answer)


def test_a_network_is_deleted_after_a_question(browser, routed, sync, lab):
    sync()
    network = Network.objects.for_tenant(lab).get(name="own")
    assert "Delete own?" in text(browser.get(f"{HERE}{network.pk}/delete/"))
    answer = browser.post(f"{HERE}{network.pk}/delete/")
    assert (answer.status_code, answer["Location"]) == (303, HERE)
    assert "Deleting" in text(browser.get(HERE))


def test_with_instances_in_it_the_question_names_them_and_has_no_button(browser, plugged, sync, lab):
    plugged("web-1")
    sync()
    network = Network.objects.for_tenant(lab).get(name="own")
    page = text(browser.get(f"{HERE}{network.pk}/delete/"))
    assert "Still in use by web-1." in page
    assert 'class="danger"' not in page
    answer = browser.post(f"{HERE}{network.pk}/delete/", headers=HTMX)
    assert answer.status_code == 409
    assert "Still in use by web-1." in answer["HX-Trigger"]


def test_the_page_of_a_network_links_what_is_plugged_in(browser, plugged, sync, lab):
    instance = plugged("web-1")
    sync()
    network = Network.objects.for_tenant(lab).get(name="own")
    page = text(browser.get(f"{HERE}{network.pk}/"))
    assert f"/t/lab/instances/{instance.pk}/" in page
    assert f"{HERE}routers/{Router.objects.get().pk}/" in page


def test_the_topology_shows_the_way_from_outside_to_the_instance(browser, plugged, sync):
    plugged("web-1")
    sync()
    page = text(browser.get(HERE + "topology/"))
    picture = page[page.index('class="topology"') : page.index('id="as-table"')]
    order = [picture.index(f"<b>{name}</b>") for name in ("public", "own", "own", "No way out", "shared")]
    assert order == sorted(order)
    assert "web-1" in picture
    assert "web-1" in page[page.index('id="as-table"') :]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_text(browser, form, work, name, lab):
    browser.post(HERE + "new/", form | {"name": name})
    work()
    network = Network.objects.for_tenant(lab).get(name=name)
    for path in ("", "topology/", f"{network.pk}/", f"{network.pk}/delete/"):
        page = text(browser.get(HERE + path))
        assert "<script>alert" not in page
        assert page.count("\u0634") or not name.startswith("\u0634")


def test_a_reader_sees_no_button_that_makes_anything(rita, cloud):
    client = Client()
    client.force_login(rita)
    page = text(client.get(HERE))
    assert "networks/new/" not in page
    assert "you may only look" in page


# --- routers ----------------------------------------------------------------------


def test_a_router_is_made_connected_and_deleted(browser, cloud, routed, sync, work, lab, public):
    sync()
    fields = {"cloud": cloud.pk, "name": "second", "external": public.pk, "key": "k"}
    assert browser.post(HERE + "routers/new/", fields).status_code == 303
    work()
    router = Router.objects.for_tenant(lab).get(name="second")
    page = text(browser.get(f"{HERE}routers/{router.pk}/"))
    assert "own · 10.9.0.0/24" in page
    assert "public" in page


def test_connecting_nothing_is_said_at_the_field(browser, routed, sync, lab):
    sync()
    router = Router.objects.for_tenant(lab).get()
    answer = browser.post(f"{HERE}routers/{router.pk}/connect/", {})
    assert answer.status_code == 422
    assert "Choose a subnet." in text(answer)


# --- on clouds that have none -------------------------------------------------------


@pytest.fixture
def plain(cloud):
    """A cloud without networks to choose from, such as a single host."""
    cloud.features = ["start-stop"]
    cloud.save(update_fields=["features"])
    Network.objects.all().delete()
    SecurityGroup.objects.all().delete()
    return cloud


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("", "has no networks to choose from"),
        ("topology/", "has no networks to choose from"),
        ("security-groups/", "has no security groups"),
        ("floating-ips/", "has no floating IPs"),
    ],
)
def test_a_cloud_without_says_so(browser, plain, path, sentence):
    page = text(browser.get(HERE + path))
    assert f"The cloud pretend {sentence}" in page
    assert "/new/" not in page


def test_there_nothing_can_be_made(browser, plain, form):
    page = text(browser.get(HERE + "new/"))
    assert "The cloud pretend cannot do this." in page
    assert text(browser.post(HERE + "new/", form)) != ""
    assert not Operation.objects.exists()

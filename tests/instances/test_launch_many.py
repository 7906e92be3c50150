"""Many at once: one transaction, one batch, exact quota; and launching again what failed of it."""

import threading
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dashboard.audit.models import Entry
from dashboard.audit.verify import first_broken
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import NetworkSpec
from dashboard.instances import actions
from dashboard.instances.models import Instance
from dashboard.instances.naming import Naming
from dashboard.live.models import Event
from dashboard.networks.models import FloatingIp, Network
from dashboard.operations import run
from dashboard.operations.models import Batch, Operation, long_ago
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import QuotaExceeded, drift

from .conftest import look, used

PATH = "/t/lab/instances/launch/"


@pytest.fixture
def many(as_bob, cloud, image, small):
    def ask(count=3, pattern="web", **changed):
        settings = {"cloud": cloud, "image": image, "flavor": small, "key": uuid.uuid4().hex} | changed
        return actions.launch_many(as_bob, naming=Naming(pattern=pattern, count=count), **settings)

    return ask


@pytest.fixture
def many_placed(as_bob, placed, tiny):
    """On a cloud where the tenant has server groups, floating IPs, and a network from which a router leads out."""
    image = placed.images.get(name="Demo Linux")
    own = NetworkSpec(mark="n", name="own", cidr="10.9.0.0/24", external_network_id="public")
    placed.driver_for(as_bob.tenant.pk).networks.create_network(own)
    look(placed)

    def ask(count=3, **changed):
        settings = {"cloud": placed, "image": image, "flavor": tiny, "key": uuid.uuid4().hex} | changed
        return actions.launch_many(as_bob, naming=Naming(pattern="web", count=count), **settings)

    return ask


@pytest.fixture
def form(cloud, image, small):
    plain = {"name": "web-{n:02}", "cloud": cloud.pk, "image": image.pk, "flavor": small.pk, "key": uuid.uuid4().hex}
    return {**plain, "count": "3"}


@pytest.fixture
def faults(fake_path):
    return Faults(str(fake_path))


def names(**where):
    return sorted(Instance.objects.present().filter(**where).values_list("name", flat=True))


def without_limits(tenant):
    Quota.objects.filter(tenant=tenant).update(limit=None)


def test_it_is_one_batch_with_an_operation_an_audit_entry_and_an_event_for_each(many, lab, work):
    batch = many()
    assert [o.target_name for o in batch.operations.order_by("created_at")] == ["web-1", "web-2", "web-3"]
    assert Entry.objects.filter(verb="instance.launch", outcome="accepted").count() == 3
    assert Event.objects.filter(topic="instances").count() == 3
    assert (used(lab), used(lab, "ram_mib"), drift(lab), first_broken(str(lab.pk))) == (3, 1536, {}, None)
    work()
    assert set(Instance.objects.values_list("status", flat=True)) == {"ACTIVE"}


def test_what_does_not_fit_as_a_whole_is_refused_as_a_whole(many, lab):
    Quota.objects.filter(tenant=lab).exclude(resource="instances").update(limit=None)
    with pytest.raises(QuotaExceeded) as refused:
        many(count=11)
    assert [(s.resource, s.wanted, s.missing) for s in refused.value.shortages] == [("instances", 11, 1)]
    assert [model.objects.count() for model in (Instance, Operation, Batch, Entry)] == [0, 0, 0, 0]
    assert many(count=10).operations.count() == used(lab) == 10


def test_the_same_key_again_is_the_same_batch(many, lab):
    assert many(key="once") == many(key="once")
    assert (Batch.objects.count(), used(lab)) == (1, 3)


def test_fifty_take_hardly_more_queries_than_two(many, lab):
    without_limits(lab)
    many(count=1)  # a tenant's first entry begins its chain in the audit trail
    counts = []
    for count in (2, 50):
        with CaptureQueriesContext(connection) as queries:
            many(count=count)
        counts.append(len(queries))
    assert counts[0] <= 25
    assert counts[1] <= counts[0] + 4  # SQLite takes so many values in one INSERT


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_two_clicks_at_once_are_one_batch(many, lab):
    found, gate = [], threading.Barrier(2)

    def click():
        gate.wait()
        found.append(many(key="once").pk)
        connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(set(found)) == 1
    assert (Batch.objects.count(), Operation.objects.count(), used(lab)) == (1, 3, 3)


def test_each_gets_a_floating_ip_and_all_are_in_one_new_group(placed, lab, many_placed, work):
    public = Network.objects.for_tenant(lab).get(name="public")
    asked = {"new_group": {"name": "apart", "policy": "soft-anti-affinity"}}
    many_placed(asked=asked, floating_network=public)
    assert (used(lab, "floating_ips"), FloatingIp.objects.count()) == (3, 3)
    work()
    driver = placed.driver_for(lab.pk)
    (group,) = driver.placing.groups()
    assert {i.asked["server_group"] for i in Instance.objects.all()} == {group.id}
    assert len({ip.port_id for ip in driver.networks.floating_ips()}) == 3


def test_a_launch_waits_with_its_group_until_the_first_of_its_batch_has_made_it(placed, lab, many_placed):
    asked = {"new_group": {"name": "apart", "policy": "soft-anti-affinity"}}
    batch = many_placed(count=2, asked=asked)
    first, second = batch.operations.order_by("created_at")
    run.advance(second.pk)
    assert not placed.driver_for(lab.pk).placing.groups()
    Operation.objects.filter(pk=first.pk).update(state="cancelled")
    Operation.objects.filter(pk=second.pk).update(due_at=long_ago())
    run.advance(second.pk)
    assert len(placed.driver_for(lab.pk).placing.groups()) == 1


# --- the form ------------------------------------------------------------------------


def test_the_form_launches_a_batch_and_leads_to_its_page(browser, form):
    answer = browser.post(PATH, form)
    batch = Batch.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, reverse("operations:batch", args=["lab", batch.pk]))
    assert names() == ["web-01", "web-02", "web-03"]
    page = browser.get(answer["Location"]).content.decode()
    assert "3 instances are being built: web-01 to web-03." in page


def test_one_alone_may_have_a_number_too(browser, form):
    assert browser.post(PATH, form | {"count": "1", "first": "7"})["Location"] == "/t/lab/instances/"
    assert names() == ["web-07"]


@pytest.mark.parametrize("count", ["0", "-1", "51", "1e9", "abc", "1.5", "9" * 5000, "\N{ROCKET}"])
def test_a_count_that_is_none_is_said_at_its_field(browser, form, count):
    answer = browser.post(PATH, form | {"count": count})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert '<p class="wrong" id="count-error">' in page
    assert "Type a whole number from 1 to 50." in page
    assert (f'value="{count}"' in page, Instance.objects.count()) == (True, 0)


@pytest.mark.parametrize("pattern", ["web-{", "{n:999}", "{0.__class__}"])
def test_a_pattern_that_is_none_is_said_at_its_field(browser, form, pattern):
    answer = browser.post(PATH, form | {"name": pattern})
    assert (answer.status_code, Instance.objects.count()) == (422, 0)
    assert "only {n} stands for the number" in answer.content.decode()


def test_a_name_that_a_number_makes_too_long_is_said(browser, form):
    answer = browser.post(PATH, form | {"name": "x" * 255})
    assert (answer.status_code, "has more than 255 characters" in answer.content.decode()) == (422, True)


def test_several_cannot_have_one_address(browser, placed, tiny, lab):
    network = Network.objects.for_tenant(lab).get(name="shared")
    address = f"address_{network.pk.hex}"
    form = {
        "cloud": placed.pk,
        "image": placed.images.get(name="Demo Linux").pk,
        "flavor": tiny.pk,
        "networks": [network.pk],
    }
    form |= {"name": "web", "key": "k", "count": "3", address: "10.20.0.9"}
    answer = browser.post(PATH, form)
    assert (answer.status_code, "Only one instance can have this address" in answer.content.decode()) == (422, True)
    assert browser.post(PATH, form | {"count": "1"}).status_code == 303


# --- launching again what failed --------------------------------------------------------


@pytest.fixture
def half_failed(many, faults, work):
    """Of three the second was refused."""
    batch = many()
    run.advance(batch.operations.order_by("created_at")[0].pk)
    faults.fail("Refused", reason="capacity", call="create", times=1)
    run.advance(batch.operations.order_by("created_at")[1].pk)
    work()
    assert sorted(batch.operations.values_list("state", flat=True)) == ["done", "done", "failed"]
    return batch


def test_exactly_what_failed_is_launched_again_by_its_name(half_failed, as_bob, lab, work):
    again = actions.retry_failed(as_bob, half_failed)
    assert [o.target_name for o in again.operations.all()] == ["web-2"]
    assert (names(), used(lab), drift(lab)) == (["web-1", "web-2", "web-3"], 3, {})
    work()
    assert names(status="ACTIVE") == ["web-1", "web-2", "web-3"]


def test_pressed_twice_it_is_launched_again_once(half_failed, browser, lab):
    url = reverse("instances:retry", args=["lab", half_failed.pk])
    first, second = browser.post(url), browser.post(url)
    assert first["Location"] == reverse("operations:batch", args=["lab", Batch.objects.first().pk])
    assert second["Location"] == reverse("operations:batch", args=["lab", half_failed.pk])
    assert "None of them is left to launch again." in browser.get(second["Location"]).content.decode()
    assert (Batch.objects.count(), used(lab)) == (2, 3)


@pytest.mark.parametrize("query", ["", "?only=failed"])
def test_asked_for_again_on_its_page_the_address_is_that_of_the_new_batch(half_failed, browser, query):
    old = "http://testserver" + reverse("operations:batch", args=["lab", half_failed.pk]) + query
    headers = {"HX-Request": "true", "HX-Current-URL": old}
    answer = browser.post(reverse("instances:retry", args=["lab", half_failed.pk]), headers=headers)
    assert answer["HX-Redirect"] == reverse("operations:batch", args=["lab", Batch.objects.first().pk])


def test_asked_for_again_in_a_dialog_the_new_batch_takes_its_place(half_failed, browser):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/t/lab/instances/"}
    answer = browser.post(reverse("instances:retry", args=["lab", half_failed.pk]), headers=headers)
    new = reverse("operations:batch", args=["lab", Batch.objects.first().pk])
    assert (answer.status_code, answer["Location"]) == (303, new)


def test_the_old_page_leads_to_the_new_batch_with_its_state_and_offers_nothing_more(half_failed, browser, work):
    old = reverse("operations:batch", args=["lab", half_failed.pk])
    assert "Ask for the one that failed again" in browser.get(old).content.decode()
    new = browser.post(reverse("instances:retry", args=["lab", half_failed.pk]))["Location"]
    assert f'<a href="{new}">1 under way</a>' in browser.get(old).content.decode()
    work()
    page = browser.get(old).content.decode()
    assert f'<a href="{new}">1 done</a>' in page
    assert "It was asked for again." in page
    assert "that failed again" not in page


def test_one_that_was_launched_again_is_not_when_its_remains_could_not_be_deleted(many, as_bob, faults, work):
    faults.end_in_error("No valid host", times=1)
    batch = many(count=2)
    work()
    actions.retry_failed(as_bob, batch)
    faults.fail("Refused", reason="policy", call="delete", times=1)
    work()
    assert Operation.objects.filter(kind="instance.delete-now", state="failed").exists()
    with pytest.raises(actions.NotPossible):
        actions.retry_failed(as_bob, batch)


def test_what_cannot_be_launched_again_is_not_offered(half_failed, browser):
    Instance.objects.filter(name="web-2").update(status="ACTIVE")
    page = browser.get(reverse("operations:batch", args=["lab", half_failed.pk])).content.decode()
    assert "that failed again" not in page


def test_what_failed_on_the_cloud_holds_its_quota_until_it_is_gone(many, as_bob, lab, faults, work):
    faults.end_in_error("No valid host", times=2)
    batch = many(count=2)
    work()
    Quota.objects.filter(tenant=lab, resource="instances").update(limit=2)
    with pytest.raises(QuotaExceeded):
        actions.retry_failed(as_bob, batch)
    assert (Batch.objects.count(), used(lab)) == (1, 2)
    Quota.objects.filter(tenant=lab, resource="instances").update(limit=4)
    actions.retry_failed(as_bob, batch)
    assert used(lab) == 4
    work()
    assert (names(), used(lab), drift(lab)) == (["web-1", "web-2"], 2, {})


def test_one_that_runs_and_lacks_only_its_address_is_left_alone(placed, lab, many_placed, work, as_bob, faults):
    faults.fail("Refused", reason="policy", call="allocate", times=3)
    public = Network.objects.for_tenant(lab).get(name="public")
    batch = many_placed(floating_network=public)
    work()
    assert set(batch.operations.values_list("state", flat=True)) == {"failed"}
    with pytest.raises(actions.NotPossible):
        actions.retry_failed(as_bob, batch)
    assert len(names(status="ACTIVE")) == 3

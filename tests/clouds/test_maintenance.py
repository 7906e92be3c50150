"""A cloud in maintenance: nothing new is made there, everybody reads why, and what is there goes on."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.audit.models import Entry
from dashboard.clouds import maintenance
from dashboard.clouds.interface import Status
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.instances import actions
from dashboard.instances.models import Flavor, Instance
from dashboard.instances.naming import Naming
from dashboard.instances.refusals import NotPossible
from dashboard.networks import actions as networking
from dashboard.operations import actions as operations
from dashboard.operations.models import Batch, Operation, State
from dashboard.operations.recovery import NotPossible as NotMended
from dashboard.tenancy.access import Administrator

REASON = "New disks until noon"


@pytest.fixture
def admin(root):
    return Administrator(user=root, address="127.0.0.1")


@pytest.fixture
def close(admin, cloud):
    def closed(**more):
        maintenance.begin(admin, cloud, reason=REASON, until=more.get("until"))

    return closed


@pytest.fixture
def browser(bob):
    client = Client()
    client.force_login(bob)
    return client


def form_of(browser):
    page = browser.get("/t/lab/instances/launch/").content.decode()
    return dict(re.findall(r'<input type="hidden"(?: id="\w+")? name="(key|cloud)" value="([^"]*)"', page))


def test_a_launch_is_refused_with_the_reason(launch, close):
    launch()
    close()
    with pytest.raises(NotPossible, match=REASON):
        launch("web-2")
    assert Instance.objects.count() == 1


def test_what_was_accepted_before_comes_to_its_end(launch, close, work):
    instance = launch()
    close()
    work()
    instance.refresh_from_db()
    assert instance.status == Status.ACTIVE


def test_an_action_reads_the_row_and_not_what_its_caller_holds(admin, as_bob, cloud, image, small):
    before = Cloud.objects.get(pk=cloud.pk)
    maintenance.begin(admin, cloud, reason=REASON, until=None)
    with pytest.raises(NotPossible, match=REASON):
        actions.launch_many(
            as_bob, naming=Naming(pattern="w", count=2, first=1), key="k", cloud=before, image=image, flavor=small
        )


def test_stopping_and_deleting_stay_and_a_larger_size_does_not(as_bob, launch, work, close, cloud):
    instance = launch(flavor=Flavor.objects.get(name="medium"))
    work()
    close()
    instance.refresh_from_db()
    with pytest.raises(NotPossible, match=REASON):
        actions.change(as_bob, instance.pk, "resize", size=Flavor.objects.get(name="large"))
    actions.change(as_bob, instance.pk, "stop")
    work()
    same = Flavor.objects.create(cloud=cloud, name="same", vcpus=1, ram_mib=512, disk_gib=10)
    assert actions.change(as_bob, instance.pk, "resize", size=same)


def test_neither_a_failed_launch_nor_a_failed_batch_begins_again(as_bob, launch, close):
    instance = launch()
    Operation.objects.update(state=State.FAILED, error_code="deadline")
    Instance.objects.update(status=Status.ERROR)
    close()
    with pytest.raises(NotMended, match=REASON):
        operations.resume(as_bob, Operation.objects.get(target_id=instance.pk).pk)
    batch = Batch.objects.create(tenant=instance.tenant, kind="instance.launch", key="k")
    Operation.objects.update(batch=batch)
    with pytest.raises(NotPossible, match=REASON):
        actions.retry_failed(as_bob, batch)


def test_no_network_is_made(as_bob, cloud, close):
    cloud.features = [*cloud.features, "network-edit"]
    cloud.save(update_fields=["features"])
    close()
    cloud.refresh_from_db()
    with pytest.raises(networking.NotPossible):
        networking.create_network(as_bob, cloud=cloud, name="n", subnet={}, external=None, key="k")


def test_the_form_says_why_its_button_is_grey_and_refuses(browser, close, image, small):
    close()
    page = browser.get("/t/lab/instances/launch/").content.decode()
    assert re.search(rf'id="launch" aria-disabled="true"[^>]*title="[^"]*{REASON}', page)
    sent = {**form_of(browser), "name": "web", "image": image.pk, "flavor": small.pk}
    answer = browser.post("/t/lab/instances/launch/", sent)
    assert answer.status_code == 422
    assert REASON in answer.content.decode()
    assert not Instance.objects.exists()


def test_of_two_clouds_the_open_one_is_offered_first_and_the_other_says_what_it_is(browser, cloud, lab, close):
    other = Cloud.objects.create(name="zz-other", kind="fake", settings={}, features=cloud.features, health="up")
    CloudAccount.objects.create(tenant=lab, cloud=other)
    close()
    page = browser.get("/t/lab/instances/launch/").content.decode()
    assert f'<option value="{other.pk}" selected>zz-other</option>' in page
    assert "pretend (in maintenance)" in page


@pytest.mark.parametrize("where", ["/t/lab/clouds/", "/t/lab/", "instance"])
def test_people_read_it_where_they_work(browser, launch, close, where):
    instance = launch()
    close(until=timezone.now() + timedelta(hours=2))
    page = browser.get(f"/t/lab/instances/{instance.pk}/" if where == "instance" else where).content.decode()
    assert REASON in page
    assert "It is meant to end at" in page


def test_the_reason_is_only_text(admin, cloud, browser):
    maintenance.begin(admin, cloud, reason="<script>alert(1)</script>", until=None)
    assert b"<script>alert" not in browser.get("/t/lab/clouds/").content


def test_an_end_that_is_over_is_not_promised_any_more(admin, cloud):
    maintenance.begin(admin, cloud, reason=REASON, until=timezone.now() - timedelta(minutes=1))
    cloud.refresh_from_db()
    assert maintenance.why_closed(cloud).endswith(REASON)


def test_ending_it_opens_the_cloud_and_of_two_one_is_told_that_it_was_open(admin, cloud, close, launch):
    close()
    assert [maintenance.end(admin, cloud), maintenance.end(admin, cloud)] == [True, False]
    assert launch()
    verbs = Entry.objects.filter(object_kind="cloud").order_by("number").values_list("verb", flat=True)
    assert list(verbs) == ["cloud.maintenance", "cloud.maintenance-end"]


def test_the_page_wants_a_reason_and_keeps_what_was_typed(root, cloud):
    client = Client()
    client.force_login(root)
    here = f"/clouds/{cloud.pk}/maintenance/"
    answer = client.post(here, {"reason": " ", "until": "2001-01-01T10:00"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'id="reason-error"' in page
    assert 'id="until-error"' in page
    assert 'value="2001-01-01T10:00"' in page
    assert client.post(here, {"reason": REASON}).status_code == 303
    assert Cloud.objects.get(pk=cloud.pk).maintenance_by == "root"
    assert REASON in client.get(f"/clouds/{cloud.pk}/").content.decode()

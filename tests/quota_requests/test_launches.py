"""The launch that a request carries: kept sealed, started once when it is approved, or told why not."""

import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from dashboard.audit.models import Entry
from dashboard.instances.models import Instance
from dashboard.keypairs.models import KeyPair
from dashboard.mail.models import OutgoingMail
from dashboard.mail.sealing import unseal
from dashboard.operations.models import Batch, Operation
from dashboard.quota_requests import actions, passing, starting, tidying
from dashboard.quota_requests.actions import NotPossible
from dashboard.quota_requests.models import CarriedLaunch, QuotaRequest
from dashboard.quotas.models import CloudQuota, Quota
from dashboard.tenancy.models import Membership, Tenant

USER_DATA = "#cloud-config\npassword: canary\n"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFpgGrHxMbvhHH+VrqfCBuLGHvWc2SbmzjZIfvQ3wn1R bob@desk"


@pytest.fixture
def typed(cloud, image):
    """A launch of one large instance, which has eight vCPUs."""
    flavor = cloud.flavors.get(name="large")
    return {"name": "db", "cloud": cloud.pk, "image": image.pk, "flavor": flavor.pk, "key": uuid.uuid4().hex}


@pytest.fixture
def browser(browser_of, bob):
    return browser_of(bob)


@pytest.fixture
def carry(browser, typed, lab):
    """From a launch that quota refused to a request that waits: the request."""

    def do(**more):
        answer = browser.post(reverse("quota-requests:carry", args=["lab"]), typed | more)
        assert answer.status_code == 303, answer.content.decode()
        form = browser.get(answer["Location"])
        wanted = form.context["form"].initial
        limits = {name: value for name, value in wanted.items() if name in {q.resource for q in lab.quotas.all()}}
        data = {"key": "k", "reason": "for the course", "launch": wanted["launch"], "with_launch": "on"} | limits
        assert browser.post(reverse("quota-requests:new", args=["lab"]), data).status_code == 303
        return QuotaRequest.objects.get()

    return do


@pytest.fixture
def full(lab):
    """No room for eight vCPUs."""
    Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=4)


@pytest.fixture
def approved(approve, django_capture_on_commit_callbacks):
    """Approve it; the worker hears of it after the commit."""

    def do(request, **given):
        with django_capture_on_commit_callbacks():
            approve(request, **given)
        starting.start(request.pk)
        return CarriedLaunch.objects.get(request=request)

    return do


def steps(request):
    return list(request.lines.values_list("who", "what"))


def test_a_refused_launch_leads_to_a_request_with_what_is_missing(browser, typed, full):
    refused = browser.post(reverse("instances:launch", args=["lab"]), typed)
    text = refused.content.decode()
    assert refused.status_code == 422
    assert 'formaction="/t/lab/quota/requests/carry/"' in text
    answer = browser.post(reverse("quota-requests:carry", args=["lab"]), typed | {"user_data": USER_DATA})
    form = browser.get(answer["Location"])
    assert form.context["form"].initial["vcpus"] == "8"
    assert "instances" not in form.context["form"].initial
    assert "canary" not in form.content.decode()
    assert "canary" not in CarriedLaunch.objects.get().sealed
    assert Instance.objects.count() == 0


def test_what_is_over_a_limit_is_asked_for_on_top_of_what_is_used(browser, typed, full, lab):
    Quota.objects.filter(tenant=lab, resource="vcpus").update(used=9)
    answer = browser.post(reverse("quota-requests:carry", args=["lab"]), typed | {"name": "w-{n}", "count": "2"})
    assert browser.get(answer["Location"]).context["form"].initial["vcpus"] == "25"


def test_a_limit_on_the_cloud_is_asked_for_there(browser, typed, lab, cloud):
    CloudQuota.objects.create(tenant=lab, cloud=cloud, resource="vcpus", limit=4, used=1)
    answer = browser.post(reverse("quota-requests:carry", args=["lab"]), typed)
    initial = browser.get(answer["Location"]).context["form"].initial
    assert initial[f"vcpus-{cloud.pk}"] == "9"
    assert "vcpus" not in initial


def test_a_launch_that_is_wrong_is_not_carried(browser, typed):
    answer = browser.post(reverse("quota-requests:carry", args=["lab"]), typed | {"name": ""})
    assert answer.status_code == 422
    assert "Give the instance a name" in answer.content.decode()
    assert CarriedLaunch.objects.count() == 0


def test_a_private_key_is_never_kept(browser, typed):
    private = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----"
    data = typed | {"key_pair": "paste", "public_key": private}
    assert browser.post(reverse("quota-requests:carry", args=["lab"]), data).status_code == 422
    assert CarriedLaunch.objects.count() == 0


def test_the_launch_starts_by_itself_in_the_name_of_whoever_asked(carry, full, approved, limit, lab, work):
    request = carry(user_data=USER_DATA)
    launch = approved(request)
    instance = Instance.objects.get()
    assert (launch.state, launch.sealed, launch.instance_id) == ("started", "", instance.pk)
    assert (instance.name, instance.created_by.username, limit(lab)) == ("db", "bob", 8)
    assert steps(request) == [("bob", "ask"), ("root", "approve"), ("system", "launch")]
    entry = Entry.objects.get(verb="instance.launch")
    assert (entry.actor, entry.via) == ("bob", "quota request")
    assert OutgoingMail.objects.filter(to="bob@example.org", subject="The launch of db in Lab has started").exists()
    work()
    instance.refresh_from_db()
    assert instance.status == "ACTIVE"


def test_several_start_as_one_batch(carry, full, approved):
    launch = approved(carry(name="w-{n:02}", count="2"))
    assert launch.batch_id == Batch.objects.get().pk
    assert sorted(Instance.objects.values_list("name", flat=True)) == ["w-01", "w-02"]


def test_it_starts_once_however_often_it_is_rung_for(carry, full, approved):
    request = carry()
    approved(request)
    starting.start(request.pk)
    CarriedLaunch.objects.update(state="due")  # as if its worker had died before it was written down
    starting.start(request.pk)
    assert Instance.objects.count() == Operation.objects.count() == 1


def test_a_worker_that_dies_in_the_middle_leaves_nothing_and_the_clock_rings_again(carry, full, approve):
    request = carry()
    approve(request)
    with transaction.atomic():
        starting.start(request.pk)
        transaction.set_rollback(True)  # what a database does with whoever is killed
    assert (Instance.objects.count(), CarriedLaunch.objects.get().state) == (0, "due")
    assert starting.ring_due(print) == 0  # its message may still be on the way
    CarriedLaunch.objects.update(due_at=timezone.now())
    assert starting.ring_due(lambda pk: starting.start(uuid.UUID(pk))) == 1
    assert Instance.objects.count() == 1


def test_what_never_works_is_given_up_in_the_end(carry, full, approve):
    request = carry()
    approve(request)
    CarriedLaunch.objects.update(due_at=timezone.now(), attempts=starting.MOST_ATTEMPTS)
    assert starting.ring_due(print) == 0
    assert CarriedLaunch.objects.get().state == "failed"
    assert steps(request)[-1] == ("system", "launch-failed")


def test_when_somebody_else_took_the_room_the_requester_is_told_and_launches_from_the_form(
    carry, full, approve, browser, lab
):
    request = carry(user_data=USER_DATA)
    approve(request)
    Quota.objects.filter(tenant=lab, resource="vcpus").update(used=4)
    starting.start(request.pk)
    launch = CarriedLaunch.objects.get()
    assert launch.state == "failed"
    assert launch.why == "Not enough quota: vCPUs, 8 needed and 4 left."
    mail = OutgoingMail.objects.get(to="bob@example.org", subject__contains="could not start")
    assert mail.to == "bob@example.org"
    page = browser.get(reverse("quota-requests:detail", args=["lab", request.pk])).content.decode()
    assert "8 needed and 4 left" in page
    form = browser.get(reverse("quota-requests:launch", args=["lab", request.pk]))
    assert form.context["form"].initial["name"] == "db"
    assert "canary" in form.content.decode()


def test_only_its_requester_sees_the_form(carry, full, approve, browser_of, alice, root, lab):
    request = carry(user_data=USER_DATA)
    approve(request)
    Quota.objects.filter(tenant=lab, resource="vcpus").update(used=4)
    starting.start(request.pk)
    for user in (alice, root):
        assert browser_of(user).get(reverse("quota-requests:launch", args=["lab", request.pk])).status_code == 404
        assert "canary" not in browser_of(user).get(f"/t/lab/quota/requests/{request.pk}/").content.decode()


def test_less_quota_than_it_needs_starts_nothing(carry, full, approved):
    launch = approved(carry(), vcpus=6)
    assert (launch.state, Instance.objects.count()) == ("failed", 0)


@pytest.mark.parametrize("when", ["before", "after"])
def test_it_can_be_taken_back_until_it_starts(carry, full, approve, as_bob, as_alice, lab, limit, when):
    request = carry()
    if when == "after":
        approve(request)
    with pytest.raises(NotPossible, match="You have no launch"):
        actions.take_back(as_alice, request.pk)
    actions.take_back(as_bob, request.pk)
    if when == "before":
        approve(request)
    starting.start(request.pk)
    launch = CarriedLaunch.objects.get()
    assert (launch.state, launch.sealed, Instance.objects.count(), limit(lab)) == ("taken-back", "", 0, 8)


def test_what_has_started_is_not_taken_back(carry, full, approved, as_bob):
    request = carry()
    approved(request)
    with pytest.raises(NotPossible, match="has started already"):
        actions.take_back(as_bob, request.pk)


@pytest.mark.parametrize("end", ["deny", "withdraw", "lapse"])
def test_what_was_typed_is_forgotten_when_the_request_comes_to_nothing(carry, full, as_bob, as_alice, end):
    request = carry(user_data=USER_DATA)
    if end == "deny":
        actions.deny(as_alice, request.pk, comment="not now")
    elif end == "withdraw":
        actions.withdraw(as_bob, request.pk)
    else:
        QuotaRequest.objects.update(created_at=timezone.now() - tidying.KEPT)
        tidying.tidy()
    starting.start(request.pk)
    launch = CarriedLaunch.objects.get()
    assert (launch.state, launch.sealed, Instance.objects.count()) == ("dropped", "", 0)


def test_drafts_and_old_failures_are_forgotten(browser, typed, carry, full, approved):
    launch = approved(carry(), vcpus=6)
    browser.post(reverse("quota-requests:carry", args=["lab"]), typed)
    CarriedLaunch.objects.update(made_at=timezone.now() - tidying.KEPT)
    tidying.tidy()
    assert CarriedLaunch.objects.get().pk == launch.pk
    assert CarriedLaunch.objects.get().sealed == ""


def no_member(lab, **_things):
    Membership.objects.filter(user__username="bob").delete()
    return "bob is not in this tenant any more."


def reader(lab, **_things):
    Membership.objects.filter(user__username="bob").update(role="reader")
    return "bob is Reader in Lab now; to launch needs the role Member."


def no_image(lab, image, **_things):
    type(image).objects.filter(pk=image.pk).update(is_gone=True)
    return "Image: This image does not exist any more"


def no_cloud(lab, cloud, **_things):
    cloud.accounts.filter(tenant=lab).delete()
    return "The cloud pretend cannot be launched on any more."


@pytest.mark.parametrize("what", [no_member, reader, no_image, no_cloud])
def test_what_changed_before_it_starts_is_told(carry, full, approve, lab, image, cloud, what):
    request = carry()
    approve(request)
    said = what(lab, image=image, cloud=cloud)
    starting.start(request.pk)
    launch = CarriedLaunch.objects.get()
    assert said in launch.why
    assert (launch.state, Instance.objects.count()) == ("failed", 0)


def disabled(lab, **_things):
    Tenant.objects.update(disabled_at=timezone.now(), disabled_reason="unpaid", disabled_by="root")
    return "Lab is disabled. root says: “unpaid”."


def in_maintenance(cloud, **_things):
    type(cloud).objects.update(maintenance="new disks")
    return "pretend is in maintenance and takes nothing new: new disks"


def away(cloud, **_things):
    type(cloud).objects.update(health="away")
    return "The cloud pretend does not answer."


def over(cloud, **_things):
    Tenant.objects.update(disabled_at=None)
    type(cloud).objects.update(maintenance="", health="ok")


def ring():
    """What the clock does once half a minute is over."""
    CarriedLaunch.objects.update(due_at=timezone.now())
    return starting.ring_due(lambda pk: starting.start(uuid.UUID(pk)))


@pytest.mark.parametrize("what", [disabled, in_maintenance, away])
def test_what_passes_keeps_it_waiting_and_everybody_reads_why(
    carry, full, approve, browser_of, alice, lab, cloud, what
):
    request = carry()
    approve(request)
    said = what(lab=lab, cloud=cloud)
    starting.start(request.pk)
    for _time in range(starting.MOST_ATTEMPTS + 1):
        assert ring() == 1
    assert (CarriedLaunch.objects.get().state, Instance.objects.count()) == ("due", 0)
    assert steps(request) == [("bob", "ask"), ("root", "approve"), ("system", "launch-waits")]
    page = browser_of(alice).get(reverse("quota-requests:detail", args=["lab", request.pk])).content.decode()
    assert said in page
    assert ">Waits<" in page
    over(cloud)
    assert ring() == 1
    launch = CarriedLaunch.objects.get()
    assert (launch.state, launch.why, Instance.objects.count()) == ("started", "", 1)


def test_what_comes_in_between_keeps_it_waiting_too(carry, full, approve, monkeypatch, cloud):
    request = carry()
    approve(request)
    prepared = starting.prepared

    def slow(launch):
        begin = prepared(launch)
        in_maintenance(cloud)
        return begin

    monkeypatch.setattr(starting, "prepared", slow)
    starting.start(request.pk)
    launch = CarriedLaunch.objects.get()
    assert (launch.state, "new disks" in launch.why, Instance.objects.count()) == ("due", True, 0)


def test_who_launched_too_much_in_this_minute_waits_for_the_next(carry, full, approve, launch, settings):
    settings.LAUNCHES_PER_MINUTE = 1
    launch()
    request = carry()
    approve(request)
    starting.start(request.pk)
    waiting = CarriedLaunch.objects.get()
    assert (waiting.state, waiting.why.startswith("bob asked for as many instances")) == ("due", True)
    Operation.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    ring()
    assert CarriedLaunch.objects.get().state == "started"


def test_while_it_waits_it_can_be_taken_back(carry, full, approve, as_bob, cloud):
    request = carry()
    approve(request)
    in_maintenance(cloud)
    starting.start(request.pk)
    actions.take_back(as_bob, request.pk)
    over(cloud)
    assert ring() == 0
    assert (CarriedLaunch.objects.get().state, CarriedLaunch.objects.get().why) == ("taken-back", "")


def test_after_thirty_days_it_is_given_up(carry, full, approve, browser_of, bob, lab, cloud):
    request = carry(user_data=USER_DATA)
    approve(request)
    in_maintenance(cloud)
    QuotaRequest.objects.update(decided_at=timezone.now() - passing.LONGEST)
    assert ring() == 1
    launch = CarriedLaunch.objects.get()
    assert (launch.state, launch.sealed) == ("failed", "")
    assert launch.why.startswith("It waited for 30 days. Launch it anew if it is still needed.")
    assert launch.why.endswith("new disks")
    mail = OutgoingMail.objects.get(to="bob@example.org", subject__contains="could not start")
    assert "It waited for 30 days" in unseal(mail.body)
    assert "filled in as it was" not in unseal(mail.body)
    page = browser_of(bob).get(reverse("quota-requests:detail", args=["lab", request.pk])).content.decode()
    assert "Launch from the form" not in page


def test_a_pasted_key_is_kept_when_it_starts(carry, full, approved):
    launch = approved(carry(key_pair="paste", public_key=KEY, keep_as="desk"))
    assert launch.state == "started"
    assert KeyPair.objects.get().name == "desk"
    assert Instance.objects.get().key_pair.name == "desk"


def test_another_persons_draft_is_not_taken(browser_of, alice, browser, typed, full):
    answer = browser.post(reverse("quota-requests:carry", args=["lab"]), typed)
    pk = answer["Location"].rpartition("=")[2]
    data = {"key": "k", "reason": "x", "vcpus": "30", "launch": pk, "with_launch": "on"}
    browser_of(alice).post(reverse("quota-requests:new", args=["lab"]), data)
    assert CarriedLaunch.objects.get().state == "draft"

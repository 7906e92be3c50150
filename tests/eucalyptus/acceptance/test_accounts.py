"""Tenants' accounts: who signs which call, getting one twice, its limits, and leaving it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from dashboard.clouds.models import CloudAccount, Fetched
from dashboard.clouds.registry import connect
from dashboard.clouds.tasks import fetch
from dashboard.instances import console_log, inventory
from dashboard.instances.models import Instance
from dashboard.operations import run
from dashboard.operations.models import Operation, State
from dashboard.places import actions
from dashboard.places.actions import NotPossible
from dashboard.places.limits import read_limits_of
from dashboard.quotas.models import Quota
from tests.conftest import actor_of
from tests.eucalyptus.drivers import settings_of
from tests.instances.conftest import at_once

from .conftest import again, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def for_lab(root, lab):
    """The administrator, acting for `lab`."""
    return actor_of(root, lab)


# --- whose key ------------------------------------------------------------------------------


def wrongly_signed(remote, calls, account_id):
    """EC2 calls of anybody else than a user of ours in this account; and what was asked for everybody at once."""
    ours = {key.id for key in remote.accounts.keys.values() if key.user.name.startswith("skydeck-")}
    ec2 = [one for one in calls if one.service == "ec2"]
    assert ec2, "nothing was asked at all"
    others = [one.action for one in ec2 if one.account != account_id or one.key_id not in ours]
    return others + [one.action for one in ec2 if "verbose" in one.parameters.values()]


def test_every_call_for_a_tenant_is_signed_by_our_user_in_its_account(remote, account, give, other, launch, work):
    others = give(other, "other-account")
    began = len(remote.requests)
    instance = launch()
    work()
    inventory.sync_account(account.pk)
    console_log.fetch(str(instance.pk))
    middle = len(remote.requests)
    inventory.sync_account(others.pk)
    list(others.driver().networks.floating_ips())
    mine, theirs = remote.requests[began:middle], remote.requests[middle:]
    assert wrongly_signed(remote, mine, account.remote_id) == []
    assert wrongly_signed(remote, theirs, others.remote_id) == []
    assert {one.key_id for one in mine + theirs if one.service != "ec2"} <= {remote.root_key.id}


def test_with_stored_keys_each_accounts_own_key_signs_and_no_token_is_asked_for(remote, cloud, give, lab, other):
    cloud.settings = {**cloud.settings, "enters_by": "key"}
    cloud.save()
    for account in (give(lab, "lab-account"), give(other, "other-account")):
        began = len(remote.requests)
        assert inventory.sync_account(account.pk)
        calls = remote.requests[began:]
        assert wrongly_signed(remote, calls, account.remote_id) == []
        assert {key.token for key in remote.accounts.keys.values() if key.id in {one.key_id for one in calls}} == {""}
    assert remote.asked("GetImpersonationToken") == []


def test_the_administrators_key_asks_ec2_only_about_the_cloud_itself(remote, cloud, account, launch, work):
    launch()
    work()
    inventory.sync_cloud(cloud.pk)
    read_limits_of(str(account.pk))
    signed = {one.action for one in remote.requests if one.service == "ec2" and one.key_id == remote.root_key.id}
    assert (
        {"DescribeAccountAttributes"}
        <= signed
        <= {"DescribeLaunchTemplates", "DescribeAccountAttributes", "DescribeInstanceTypes"}
    )


def test_many_at_once_each_sees_its_own(remote, account, give, other):
    others = give(other, "other-account")
    wanted = {one: set(remote.outside.add_instances(3, one)) for one in (account.remote_id, others.remote_id)}
    drivers = [(one.remote_id, one.driver()) for one in (account, others)] * 10
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda pair: (pair[0], {one.id for one in pair[1].compute.list()}), drivers))
    assert all(ids == wanted[account_id] for account_id, ids in seen)


# --- an account twice --------------------------------------------------------------------------


def ours_in(remote, name):
    """Our users in the account, and the keys that they have for good."""
    users = [user for user in remote.outside.account(name).users.values() if user.name.startswith("skydeck-")]
    return [(user, remote.accounts.keys_of(user)) for user in users]


def test_asked_for_twice_it_is_made_once(remote, cloud, lab, for_lab, work):
    actions.make(for_lab, cloud, name="blue")
    with pytest.raises(NotPossible):
        actions.make(for_lab, cloud, name="blue")
    work()
    with pytest.raises(NotPossible):
        actions.make(for_lab, cloud, name="blue")
    assert len(remote.asked("CreateAccount")) == 1
    assert len(ours_in(remote, "blue")) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_account_with_one_user(remote, cloud, lab, for_lab, work):
    remote.faults.slow_s = 0.02
    operation = actions.make(for_lab, cloud, name="blue")
    assert at_once(*[lambda: run.advance(operation.pk)] * 4) == [None] * 4
    work()
    assert again(operation).state == State.DONE
    assert [one.name for one in remote.accounts.by_id.values()].count("blue") == 1
    assert len(ours_in(remote, "blue")) == 1


def test_two_that_know_nothing_of_each_other_make_one_account(remote, cloud):
    """Two Skydecks of one database, or a worker whose lease ended while it was asking."""
    with (
        closing(connect("eucalyptus", settings_of(remote))) as one,
        closing(connect("eucalyptus", settings_of(remote))) as two,
        ThreadPoolExecutor(2) as pool,
    ):
        made = list(pool.map(lambda driver: driver.places.create(mark="t-7", name="green"), (one, two)))
    assert made[0] == made[1]
    assert [one.name for one in remote.accounts.by_id.values()].count("green") == 1


@pytest.mark.parametrize(
    ("enters_by", "action"),
    [
        *[(way, action) for way in ("token", "key") for action in ("CreateUser", "PutUserPolicy", "PutAccountPolicy")],
        ("key", "CreateAccessKey"),
    ],
)
def test_whichever_answer_is_lost_there_is_one_account_with_one_user(
    remote, cloud, lab, for_lab, work, action, enters_by
):
    """And at most one key for good, of the two that a user may have."""
    cloud.settings = {**cloud.settings, "enters_by": enters_by}
    cloud.save()
    remote.faults.next("lost", action)
    operation = actions.make(for_lab, cloud, name="blue")
    work()
    assert again(operation).state == State.DONE
    ((_user, keys),) = ours_in(remote, "blue")
    assert len(keys) == (1 if enters_by == "key" else 0)
    account = CloudAccount.objects.get(tenant=lab)
    assert inventory.sync_account(account.pk)
    account.driver().close()


def test_an_account_whose_making_was_not_answered_is_linked_by_an_administrator(remote, cloud, lab, for_lab, work):
    """Nothing says yet that it is ours; so it is not taken, and not made twice."""
    remote.faults.next("lost", "CreateAccount")
    operation = actions.make(for_lab, cloud, name="blue")
    work()
    assert again(operation).error_code == "place-name-taken"
    place = next(place for place in cloud.driver().places.list() if place.name == "blue")
    actions.link(for_lab, cloud, place_id=place.id)
    work()
    account = CloudAccount.objects.get(tenant=lab)
    assert (account.remote_id, inventory.sync_account(account.pk)) == (place.id, True)
    assert [one.name for one in remote.accounts.by_id.values()].count("blue") == 1
    account.driver().close()


def test_an_account_of_somebody_else_is_never_taken(remote, cloud, for_lab, work):
    remote.outside.create_account("theirs")
    before = dict(remote.outside.account("theirs").policies)
    operation = actions.make(for_lab, cloud, name="theirs")
    work()
    assert again(operation).error_code == "place-name-taken"
    there = remote.outside.account("theirs")
    assert (there.policies, set(there.users)) == (before, {"admin"})
    assert not CloudAccount.objects.exists()


def test_two_tenants_never_share_an_account(remote, cloud, account, root, other, work):
    with pytest.raises(NotPossible):
        actions.link(actor_of(root, other), cloud, place_id=account.remote_id)


def test_before_it_is_linked_an_account_is_counted_and_nothing_in_it_changes(remote, cloud, lab, as_root):
    remote.outside.create_account("theirs")
    remote.outside.add_instances(3, "theirs")
    remote.outside.edit_quota("theirs", vminstancenumber=5)
    there = remote.outside.account("theirs")
    before = (dict(there.policies), set(there.users))
    asked = as_root.post(f"/clouds/{cloud.pk}/tenants/lab/link/", {"place": there.id})
    fetch(str(cloud.pk), "places")
    fetch(str(cloud.pk), "place", there.id)
    page = text_of(as_root.get(asked["Location"]))
    assert "3 instances appear in Lab" in page
    assert "Link account theirs" in page
    row = Fetched.objects.get(what="place")
    assert next(one for one in row.items if one["resource"] == "instances") == {
        "resource": "instances",
        "limit": 5,
        "used": 3,
    }
    assert (dict(there.policies), set(there.users)) == before


def test_the_disk_that_is_told_before_is_what_is_counted_after(remote, cloud, lab, for_lab, as_root, work):
    """Of the instance store as well as of root volumes, each once."""
    remote.outside.create_account("theirs")
    remote.outside.add_instances(3, "theirs")
    ebs = next(image.id for image in remote.images.values() if image.root == "ebs")
    remote.outside.add_instances(2, "theirs", image=ebs)
    place_id = remote.outside.account("theirs").id
    fetch(str(cloud.pk), "places")
    fetch(str(cloud.pk), "place", place_id)
    told = next(one for one in Fetched.objects.get(what="place").items if one["resource"] == "disk_gib")
    Quota.objects.filter(tenant=lab, resource="disk_gib").update(limit=100)
    page = as_root.get(f"/clouds/{cloud.pk}/tenants/lab/link/?place={place_id}")
    assert "Disk" in [line.resource.label for line in page.context["place"].over]
    actions.link(for_lab, cloud, place_id=place_id)
    work()
    account = CloudAccount.objects.get(tenant=lab)
    assert inventory.sync_account(account.pk)
    assert Quota.objects.get(tenant=lab, resource="disk_gib").used == told["used"] > 3 * 100
    account.driver().close()


@pytest.mark.django_db(transaction=True)
def test_two_administrators_link_one_account_at_once_and_one_of_them_is_told(remote, cloud, root, lab, other, work):
    remote.outside.create_account("theirs")
    account_id = remote.outside.account("theirs").id
    for tenant in (lab, other):
        actions.link(actor_of(root, tenant), cloud, place_id=account_id)
    pks = list(Operation.objects.values_list("pk", flat=True))
    assert at_once(*[lambda pk=pk: run.advance(pk) for pk in pks]) == [None] * 2
    work()
    assert sorted(Operation.objects.values_list("state", "error_code")) == [("done", ""), ("failed", "place-taken")]
    account = CloudAccount.objects.get(remote_id=account_id)
    assert len(ours_in(remote, "theirs")) == 1
    account.driver().close()


# --- limits ---------------------------------------------------------------------------------------


def written(remote):
    return [json.loads(one.parameters["PolicyDocument"]) for one in remote.asked("PutAccountPolicy")]


def test_our_limits_are_the_accounts_and_nothing_that_is_written_to_it_allows_anything(remote, account, lab, work):
    limits = account.driver().quotas.get()
    ours = dict(Quota.objects.filter(tenant=lab).values_list("resource", "limit"))
    assert {name: one.limit for name, one in limits.items()} == {name: ours[name] for name in limits}
    effects = {statement["Effect"] for document in written(remote) for statement in document["Statement"]}
    assert effects == {"Limit"}


def test_what_an_account_uses_stands_beside_its_limits(remote, account, as_root, launch, work):
    remote.outside.add_instances(2, "lab-account")
    read_limits_of(str(account.pk))
    assert again(account).limits["instances"]["used"] == 2
    page = text_of(as_root.get(f"/clouds/{account.cloud_id}/tenants/lab/"))
    assert 'data-label="Used there">2</td>' in page


def test_a_limit_that_somebody_writes_by_hand_is_shown_as_drift_until_it_is_gone(remote, account, as_root, lab, work):
    here = f"/clouds/{account.cloud_id}/tenants/lab/"
    assert "lower on the cloud" not in text_of(as_root.get(here))
    remote.outside.edit_quota("lab-account", vminstancenumber=2)
    read_limits_of(str(account.pk))
    assert again(account).limits["instances"]["limit"] == 2
    assert "lower on the cloud" in text_of(as_root.get(here))
    remote.outside.edit_quota("lab-account")
    read_limits_of(str(account.pk))
    assert "lower on the cloud" not in text_of(as_root.get(here))


def test_our_own_policy_edited_by_hand_is_pushed_again(remote, account, as_root, lab, work):
    remote.outside.edit_quota("lab-account", "skydeck-quota", vminstancenumber=99)
    read_limits_of(str(account.pk))
    here = f"/clouds/{account.cloud_id}/tenants/lab/"
    assert "higher on the cloud" in text_of(as_root.get(here))
    assert as_root.post(f"{here}push/").status_code == 303
    work()
    assert account.driver().quotas.get()["instances"].limit == Quota.objects.get(tenant=lab, resource="instances").limit
    assert "higher on the cloud" not in text_of(as_root.get(here))


def test_without_any_limit_no_policy_of_limits_is_left(remote, cloud, account):
    quotas = cloud.driver().quotas
    quotas.set(account.remote_id, dict.fromkeys(quotas.get(account.remote_id)))
    assert [name for name in remote.outside.account("lab-account").policies if "quota" in name] == []
    assert {one.limit for one in quotas.get(account.remote_id).values()} == {None}


# --- leaving ------------------------------------------------------------------------------------------


def test_leaving_an_account_locks_us_out_and_leaves_what_it_has_with_its_owner(remote, account, for_lab, launch, work):
    """Unless it is asked to: what runs in it goes on, and is its `admin`'s as before."""
    instance = launch()
    work()
    bucketful = remote.outside.account("lab-account")
    actions.unlink(for_lab, account)
    work()
    assert remote.accounts.by_id[account.remote_id] is bucketful
    assert [one.state for one in remote.instances.values()] == ["running"]
    assert (ours_in(remote, "lab-account"), remote.asked("DeleteAccount")) == ([], [])
    assert again(instance).deleted_at
    assert not Instance.objects.present().exists()
    assert not CloudAccount.objects.exists()
    assert not Operation.objects.open().exists()

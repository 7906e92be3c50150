"""Accounts of tenants, what lets us into them, and their limits."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from dashboard.clouds.drivers.eucalyptus import keys, policies
from dashboard.clouds.drivers.eucalyptus.ec2 import Ec2
from dashboard.clouds.drivers.eucalyptus.session import Session
from dashboard.clouds.interface import (
    Conflict,
    Refused,
    Unavailable,
    noting_calls,
)
from dashboard.clouds.registry import borrows, connect
from dashboard.keypairs.public_keys import Type, generate

from .dialect import dialect
from .dialect.resources import Gateway
from .drivers import settings_of

# --- accounts and keys -------------------------------------------------------------------------------------


def test_a_granted_place_holds_no_secret(admin, place):
    granted = admin.places.grant(place.id, label="x").settings
    assert set(granted) == {"place_id", "place_user"}
    assert borrows("eucalyptus", granted)
    assert not borrows("eucalyptus", {**granted, "access_key": "AKI"})
    assert not borrows("openstack", granted)


def test_tokens_are_fetched_once_and_again_before_they_end():
    now, fetched = [1000.0], []

    def fetch():
        fetched.append(keys.Key(f"AKI{len(fetched)}", "s", "t"))
        return fetched[-1]

    borrowed = keys.BorrowedKeys(fetch, clock=lambda: now[0])
    assert borrowed.now() is borrowed.now()
    now[0] += keys.LASTS_S - keys.RENEWED_S - 1
    assert borrowed.now() is fetched[0]
    now[0] += 1
    assert borrowed.now() is fetched[1]


def test_a_token_that_the_cloud_forgot_is_fetched_anew(cloud, driver):
    list(driver.compute.list())
    for key in [key for key in cloud.accounts.keys.values() if key.token]:
        del cloud.accounts.keys[key.id]
    assert list(driver.compute.list()) == []


def test_every_call_in_a_place_is_signed_by_its_own_user(cloud, place, driver, spec):
    driver.compute.create(spec)
    calls = [one for one in cloud.requests if one.service == "ec2"]
    assert {one.account for one in calls} == {place.id}


def test_secrets_are_in_no_text(cloud, admin, driver):
    list(driver.compute.list())
    shown = repr([admin.session, driver.session, driver.session.keys.now(), vars(admin.places)])
    assert cloud.root_key.secret not in shown
    assert driver.session.keys.now().secret not in shown


def test_calls_are_noted_with_the_clouds_ids(driver, spec):
    with noting_calls() as calls:
        driver.compute.create(spec)
    assert [call.source for call in calls if call.changes][:1] == ["ec2"]


def test_two_workers_make_one_account(cloud, admin):
    first = admin.places.create(mark="t-9", name="green")
    assert admin.places.create(mark="t-9", name="green") == first
    assert [place.name for place in admin.places.list()].count("green") == 1


def test_accounts_of_the_cloud_itself_are_no_places(admin, place):
    assert {found.name for found in admin.places.list()} == {"lab", place.name}


@pytest.mark.parametrize("name", ["Blue", "-blue", "a--b", "123456789012", "x" * 64, ""])
def test_a_name_that_no_account_can_have_is_refused_before_it_is_sent(cloud, admin, name):
    with pytest.raises(Refused):
        admin.places.create(mark="t-2", name=name)
    assert not cloud.asked("CreateAccount")


def test_an_account_is_removed_only_once_it_is_empty(cloud, admin, place, driver, spec):
    remote = driver.compute.create(spec)
    with pytest.raises(Conflict, match=r"1 instance\b"):
        admin.places.remove(place.id)
    driver.compute.delete(remote.id)
    cloud.outside.add_bucket("kept", place.id)
    with pytest.raises(Conflict, match=r"1 bucket\b"):
        admin.places.remove(place.id)
    del cloud.buckets["kept"]
    for _twice in range(2):
        admin.places.remove(place.id)
    assert place.id not in {found.id for found in admin.places.list()}


def as_admin_of(cloud, place):
    """A person with an account's own tools."""
    account = cloud.outside.account(place.id)
    key = cloud.accounts.add_key(account.users["admin"], now=cloud.clock.now())
    return Ec2(Session({**settings_of(cloud), "access_key": key.id, "secret_key": key.secret}))


def owned(cloud, place):
    """What is in EC2 and is the account's."""
    kinds = (cloud.groups, cloud.key_pairs, cloud.vpcs, cloud.subnets, cloud.gateways, cloud.route_tables)
    return [one for kind in kinds for one in kind.values() if one.account == place.id]


def test_what_the_tenant_made_stands_against_removing_the_account(cloud, admin, place, driver):
    group = driver.networks.create_security_group(mark="g-1", name="web")
    tools = as_admin_of(cloud, place)
    tools.call(
        "import_key_pair", KeyName="laptop", PublicKeyMaterial=generate(comment="me", type=Type.RSA)[1].text.encode()
    )
    here = len(owned(cloud, place))
    with pytest.raises(Conflict, match=r"still has 1 security group \(web\), 1 key pair \(laptop\)$"):
        admin.places.remove(place.id)
    assert len(owned(cloud, place)) == here
    driver.networks.delete_security_group(group.id)
    tools.call("delete_key_pair", KeyName="laptop")
    admin.places.remove(place.id)


def test_what_came_with_the_account_and_with_launches_goes_with_it(cloud, admin, place, driver, spec):
    remote = driver.compute.create(replace(spec, public_key=generate(comment="me", type=Type.RSA)[1].text))
    driver.compute.delete(remote.id)
    if cloud.mode == "vpc":
        vpc_id = cloud.outside.account(place.id).default_vpc
        cloud.gateways["igw-1"] = Gateway("igw-1", place.id, vpc_id)
    assert cloud.key_pairs
    for _twice in range(2):
        admin.places.remove(place.id)
    stays = [] if cloud.mode == "vpc" else ["default"]  # which is deleted for nobody
    assert [one.name for one in owned(cloud, place)] == stays


@pytest.mark.parametrize(
    "done", ["DetachInternetGateway", "DeleteInternetGateway", "DeleteSubnet", "DeleteVpc", "DeleteAccount"]
)
def test_a_removal_that_was_cut_short_goes_on(done):
    with dialect(mode="vpc") as cloud, closing(connect("eucalyptus", settings_of(cloud))) as admin:
        place = admin.places.create(mark="t-1", name="blue")
        admin.places.used(place.id)
        vpc_id = cloud.outside.account(place.id).default_vpc
        cloud.gateways["igw-1"] = Gateway("igw-1", place.id, vpc_id)
        cloud.faults.next("lost", done)
        with pytest.raises(Unavailable):
            admin.places.remove(place.id)
        admin.places.remove(place.id)
        assert owned(cloud, place) == []
        assert cloud.accounts.find("blue") is None


def test_networks_of_the_tenants_making_stand_against_it():
    with dialect(mode="vpc") as cloud, closing(connect("eucalyptus", settings_of(cloud))) as admin:
        place = admin.places.create(mark="t-1", name="blue")
        tools = as_admin_of(cloud, place)
        vpc_id = tools.call("create_vpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet_id = tools.call("create_subnet", VpcId=vpc_id, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
        tools.call("create_network_interface", SubnetId=subnet_id)
        left = rf"1 VPC \({vpc_id}\), 1 subnet \({subnet_id}\), 1 network interface "
        with pytest.raises(Conflict, match=left):
            admin.places.remove(place.id)
        assert not [one for one in cloud.requests if one.action.startswith("Delete")]


# --- limits ---------------------------------------------------------------------------------------------------


def test_no_policy_that_is_written_allows_anything(cloud, admin, place):
    admin.quotas.set(place.id, {"instances": 3, "disk_gib": 9})
    documents = cloud.outside.account(place.id).policies.values()
    effects = {
        statement["Effect"] for text in documents for statement in policies.statements(policies.json.loads(text))
    }
    assert effects == {"Limit"}


def test_a_limit_written_by_hand_is_seen(cloud, admin, place):
    admin.quotas.set(place.id, {"instances": 5})
    cloud.outside.edit_quota(place.id, vminstancenumber=2)
    assert admin.quotas.get(place.id)["instances"].limit == 2


@pytest.mark.parametrize(
    ("operator", "number", "limit"),
    [
        ("NumericLessThanEquals", "4", 4),
        ("numlteq", "4", 4),
        ("NumericLessThanEqualsIfExists", "4", 4),
        ("ForAnyValue:NumericLessThanEquals", "4", 4),
        ("NumericLessThan", "4", 3),
        ("numlt", "4", 3),
        ("NumericLessThanEquals", ["2", "4"], 4),
        ("NumericLessThanEquals", 4, 4),
        ("NumericGreaterThan", "4", None),
        ("StringEquals", "four", None),
    ],
)
def test_a_limit_is_read_however_it_is_said(operator, number, limit):
    said = {"Effect": "Limit", "Action": "ec2:*", "Condition": {operator: {"ec2:Quota-VmInstanceNumber": number}}}
    text = policies.json.dumps({"Statement": said})
    assert policies.limits_in(text) == ({} if limit is None else {"ec2:quota-vminstancenumber": limit})


def test_a_limit_under_the_short_name_of_its_operator_holds_and_is_seen(cloud, admin, place, driver, spec):
    said = {"Effect": "Limit", "Action": "ec2:*", "Condition": {"numlteq": {"ec2:quota-vminstancenumber": ["0"]}}}
    document = policies.json.dumps({"Version": policies.VERSION, "Statement": [said]})
    admin.places.iam.put_policy(place.id, "by-hand", document)
    assert admin.quotas.get(place.id)["instances"].limit == 0
    with pytest.raises(Refused, match="Quota exceeded"):
        driver.compute.create(spec)


def test_what_is_in_an_account_is_counted_as_its_own_driver_counts_it(cloud, admin, place, driver):
    cloud.outside.add_instances(2, place.id)
    assert admin.places.used(place.id) == {word: one.used for word, one in driver.quotas.get().items()}
    assert admin.places.used(place.id)["instances"] == 2


def test_where_accounts_are_entered_by_stored_keys_nothing_is_counted_before_there_is_one(cloud, admin, place):
    admin.session.settings["enters_by"] = "key"
    assert admin.places.used(place.id) == {}
    assert cloud.asked("GetImpersonationToken") == []
    settings = {**settings_of(cloud), **admin.places.grant(place.id, label="x").settings}
    cloud.outside.add_instances(2, place.id)
    with closing(connect("eucalyptus", settings)) as driver:
        assert driver.quotas.used()["instances"] == 2


def test_a_tenant_alone_reads_no_limits_and_says_none(cloud, admin, place):
    """With a stored key nothing may be read: nothing is told, and not that there is no limit."""
    admin.session.settings["enters_by"] = "key"
    granted = admin.places.grant(place.id, label="x").settings
    with closing(connect("eucalyptus", {**settings_of(cloud), **granted})) as driver:
        assert driver.quotas.get() == {}


# --- no key at all ------------------------------------------------------------------------------------------------


def test_without_a_key_it_is_seen_only_that_it_answers(cloud):
    nobody = {**settings_of(cloud), "access_key": "", "secret_key": ""}
    with closing(connect("eucalyptus", nobody)) as driver:
        assert driver.check().version == "Eucalyptus"
        assert driver.places is None


@pytest.mark.parametrize("digits", [8, 17])
@pytest.mark.parametrize("prefix", ["emi", "ami"])
def test_ids_of_any_form_are_taken_as_they_are(digits, prefix):
    with dialect(digits=digits, image_prefix=prefix, instances=3) as cloud:
        where = settings_of(cloud) | {"access_key": cloud.lab_key.id, "secret_key": cloud.lab_key.secret}
        with closing(connect("eucalyptus", {**where, "place_id": "lab"})) as driver:
            (first, *_) = listed = list(driver.compute.list())
            assert len(listed) == 3
            assert driver.compute.get(first.id) == first
            assert first.image_id.startswith(prefix)

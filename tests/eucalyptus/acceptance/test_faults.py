"""Keys, clocks and wires that are not what they should be, while Skydeck is in use: each said, nothing lost."""

from __future__ import annotations

import hashlib
import re
import ssl
import time
from html import unescape

import pytest

from dashboard.clouds.drivers.eucalyptus import transport
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.clouds.secrets import seal
from dashboard.clouds.tasks import diagnose
from dashboard.instances import inventory
from dashboard.instances.models import Flavor, Instance
from dashboard.operations import run
from dashboard.operations.models import Operation, long_ago
from dashboard.places import actions as place_actions
from tests.conftest import actor_of
from tests.eucalyptus.drivers import settings_of
from tests.instances.conftest import at_once

from .conftest import again, on, operation_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def full(remote, account):
    """Five instances, seen."""
    remote.outside.add_instances(5, "lab-account")
    assert inventory.sync_account(account.pk)
    return account


def rows():
    return sorted(Instance.objects.present().values_list("remote_id", "status", "missed"))


def step(operation):
    """One visit of a worker, whenever it is due."""
    Operation.objects.filter(pk=operation.pk).update(due_at=long_ago())
    run.advance(operation.pk)
    return again(operation)


# --- keys and clocks ----------------------------------------------------------------------


def deactivate(remote):
    remote.outside.deactivate_key(remote.root_key.id)
    return lambda: setattr(remote.root_key, "is_active", True)


def other_secret(remote):
    remote.root_key.secret, before = "another", remote.root_key.secret
    return lambda: setattr(remote.root_key, "secret", before)


def clock_behind(remote):
    remote.faults.clock_ahead_s = 3600
    return lambda: setattr(remote.faults, "clock_ahead_s", 0)


def clock_ahead(remote):
    remote.faults.clock_ahead_s = -120
    return lambda: setattr(remote.faults, "clock_ahead_s", 0)


WRONG = [
    (deactivate, "ec2-key-inactive"),
    (other_secret, "ec2-signature"),
    (clock_behind, "ec2-clock"),
    (clock_ahead, "ec2-clock"),
]


@pytest.mark.parametrize(("spoil", "code"), WRONG)
def test_a_launch_waits_with_the_reason_and_goes_on_when_it_is_mended(
    remote, account, launch, work, capsys, caplog, spoil, code
):
    account.driver().session.keys._key = None  # as after the hour that a token lasts
    mend = spoil(remote)
    instance = launch()
    waiting = step(operation_of(instance))
    assert (waiting.state, waiting.waiting_for) == ("waiting", code)
    assert not inventory.sync_account(account.pk)
    mend()
    work()
    assert again(instance).status == "ACTIVE"
    assert len(remote.instances) == 1
    said = "".join(capsys.readouterr()) + caplog.text
    assert [
        key.id for key in remote.accounts.keys.values() if key.secret in said or (key.token and key.token in said)
    ] == []


def test_clocks_and_keys_have_words_of_their_own_on_the_clouds_page(remote, cloud, as_root):
    told = {}
    for spoil, _code in WRONG:
        mend = spoil(remote)
        diagnose(str(cloud.pk))
        mend()
        told[spoil] = next(found for found in again(cloud).findings if found["state"] == "bad")["code"]
        page = text_of(as_root.get(f"/clouds/{cloud.pk}/"))
        assert remote.root_key.secret not in page
    assert told == {
        deactivate: "euca-key-inactive",
        other_secret: "euca-secret-wrong",
        clock_behind: "euca-clock-behind",
        clock_ahead: "euca-clock-ahead",
    }


@pytest.mark.parametrize("spoil", [deactivate, other_secret])
def test_the_clouds_own_words_tell_an_inactive_key_from_a_wrong_secret(remote, cloud, as_root, spoil):
    """Its codes do not: both are 403."""
    spoil(remote)
    diagnose(str(cloud.pk))
    page = text_of(as_root.get(f"/clouds/{cloud.pk}/"))
    assert ("is not active" in page, "Signature validation" in page) == (spoil is deactivate, spoil is other_secret)


def test_a_token_that_ends_in_the_middle_is_fetched_anew_and_nothing_is_doubled(remote, account, launch, work):
    remote.delays_s["launch"] = 30.0
    instance = launch()
    step(operation_of(instance))
    before = len(remote.asked("GetImpersonationToken"))
    remote.clock.advance(2 * 3600)
    work()
    assert again(instance).status == "ACTIVE"
    assert len(remote.asked("GetImpersonationToken")) == before + 1
    assert len(remote.instances) == 1


# --- the wire -----------------------------------------------------------------------------------


def test_a_connection_that_ends_after_100_requests_is_no_fault(remote, account):
    compute = account.driver().compute
    assert [list(compute.list()) for _ in range(60)] == [[]] * 60  # two calls each
    assert {one.status for one in remote.requests[-120:]} == {200}


def test_a_connection_that_was_closed_meanwhile_costs_a_launch_nothing(remote, account, launch, work):
    remote.faults.idle_s = 0.2
    list(account.driver().compute.list())
    time.sleep(0.5)
    instance = launch()
    work()
    assert (again(instance).status, len(remote.asked("RunInstances"))) == ("ACTIVE", 1)
    assert operation_of(instance).failures == 0


@pytest.mark.parametrize("fault", ["cut", "entities", "page", "dropped", "internal"])
def test_an_answer_that_is_none_takes_no_row_away(remote, full, fault):
    before = rows()
    remote.faults.next(fault, "DescribeInstances", times=9)
    assert not inventory.sync_account(full.pk)
    assert rows() == before
    assert again(full).health == "away"
    remote.faults.clear()
    assert inventory.sync_account(full.pk)
    assert rows() == before


def test_an_answer_of_60_mb_is_read(remote, full):
    remote.faults.next("huge", "DescribeInstances")
    before = rows()
    assert inventory.sync_account(full.pk)
    assert rows() == before


def test_a_larger_one_than_anybody_needs_is_not_and_takes_no_row_away(remote, full):
    remote.faults.huge_bytes = transport.LARGEST_ANSWER + (2 << 20)
    remote.faults.next("huge", "DescribeInstances", times=9)
    before, asked = rows(), len(remote.asked("DescribeInstances"))
    assert not inventory.sync_account(full.pk)
    assert rows() == before
    assert "larger than 64 MiB" in again(full).health_detail
    assert len(remote.asked("DescribeInstances")) == asked + 1


def test_the_administrators_key_that_was_ended_is_told_as_that_and_work_waits_for_another(
    remote, cloud, account, launch, work, as_person
):
    key = remote.root_key
    remote.outside.deactivate_key(key.id)
    assert not inventory.sync_cloud(cloud.pk)
    instance = launch()
    run.advance(operation_of(instance).pk)
    assert (again(cloud).health, operation_of(instance).waiting_for) == ("refused", "cloud-key")
    assert "does not accept Skydeck's key any more" in text_of(as_person.get("/t/lab/instances/"))
    new = remote.accounts.add_key(key.user, now=remote.clock.now())
    cloud.settings, cloud.sealed = {**cloud.settings, "access_key": new.id}, seal({"secret_key": new.secret})
    cloud.save()
    assert inventory.sync_cloud(cloud.pk)
    work()
    assert again(instance).status == "ACTIVE"


def test_an_account_that_was_deleted_there_is_told_as_that(remote, account, root, lab, work):
    remote.accounts.by_id.pop(account.remote_id)
    operation = place_actions.read_limits(actor_of(root, lab), account)
    work()
    assert again(operation).error_code == "place-removed"


# --- sizes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [None, "page", "cut"])
def test_a_list_of_types_that_is_empty_or_none_leaves_the_table_with_its_age(remote, full, as_person, fault):
    """boto3 would read Eucalyptus' own answer as an empty list; so would we read a page of a proxy."""
    before = dict(Flavor.objects.filter(is_gone=False).values_list("name", "vcpus"))
    seen_at = again(full).seen_at
    if fault:
        remote.faults.next(fault, "DescribeInstanceTypes", times=9)
    else:
        remote.types.clear()
    assert not inventory.sync_account(full.pk)
    assert dict(Flavor.objects.filter(is_gone=False).values_list("name", "vcpus")) == before != {}
    assert again(full).seen_at == seen_at
    page = text_of(as_person.get("/t/lab/instances/launch/"))
    assert "m1.small" in page
    assert "does not answer" in unescape(page)


def test_a_type_that_is_gone_is_not_offered_and_its_instances_keep_their_size(remote, full, as_person):
    remote.outside.remove_type("m1.small")
    assert inventory.sync_account(full.pk)
    assert Flavor.objects.get(name="m1.small").is_gone
    assert set(Instance.objects.values_list("vcpus", "ram_mib", "disk_gib")) == {(1, 1741, 160)}
    assert as_person.get("/t/lab/instances/").status_code == 200


def test_the_same_in_another_order_with_less_is_the_same(remote, full):
    """The dialect server answers in any order each time, and leaves out what Eucalyptus leaves out."""
    before = list(Instance.objects.order_by("pk").values())
    for _ in range(3):
        assert inventory.sync_account(full.pk)
    after = list(Instance.objects.order_by("pk").values())
    assert [row | {"seen_at": None} for row in after] == [row | {"seen_at": None} for row in before]


# --- two at once --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_accounts_adopted_at_once_keep_apart(remote, cloud, root, lab, other, work):
    wanted = {}
    for tenant, name, number in ((lab, "theirs-1", 3), (other, "theirs-2", 4)):
        remote.outside.create_account(name)
        wanted[tenant] = set(remote.outside.add_instances(number, name))
        place_actions.link(actor_of(root, tenant), cloud, place_id=remote.outside.account(name).id)
    assert (
        at_once(*[lambda pk=pk: run.advance(pk) for pk in Operation.objects.values_list("pk", flat=True)]) == [None] * 2
    )
    work()
    accounts = list(CloudAccount.objects.all())
    assert at_once(*[lambda pk=one.pk: inventory.sync_account(pk) for one in accounts] * 2) == [None] * 4
    for tenant, ids in wanted.items():
        assert set(Instance.objects.for_tenant(tenant).values_list("remote_id", flat=True)) == ids
    for account in accounts:
        account.driver().close()


# --- certificates -----------------------------------------------------------------------------------------


@pytest.fixture
def connected(db, remote):
    """A draft that is tested with these settings; its page says what was found."""

    def test(**more):
        hidden = {"secret_key": remote.root_key.secret}
        shown = {name: value for name, value in settings_of(remote, **more).items() if name not in hidden}
        cloud, _new = Cloud.objects.update_or_create(
            name="tls", defaults={"kind": "eucalyptus", "settings": shown, "sealed": seal(hidden), "is_draft": True}
        )
        diagnose(str(cloud.pk))
        return again(cloud)

    return test


def certificate_of(remote):
    text = remote.certificate.read_text()
    return re.search("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", text, re.DOTALL)[0]


def bad(cloud):
    return [(found["step"], found["code"]) for found in cloud.findings if found["state"] == "bad"]


@on(tls="rsa-only")
def test_without_ecdhe_the_page_names_ciphers_and_what_to_do(remote, connected, as_root):
    cloud = connected(ca_bundle=certificate_of(remote))
    assert bad(cloud) == [("tls", "euca-no-cipher")]
    page = text_of(as_root.get(f"/clouds/{cloud.pk}/"))
    assert "ECDHE" in page
    assert "server_ssl_ciphers" in page


@on(tls="modern")
def test_a_certificate_of_its_own_is_refused_until_it_is_given(remote, connected):
    assert [step for step, _code in bad(connected())] == ["tls"]
    assert remote.requests == []
    assert not bad(connected(ca_bundle=certificate_of(remote)))


@on(tls="wrong-name")
def test_one_for_another_name_is_refused_unless_it_is_pinned(remote, connected):
    pem = certificate_of(remote)
    assert [step for step, _code in bad(connected(ca_bundle=pem))] == ["tls"]
    assert not bad(connected(fingerprint=hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()))


# --- where it may be -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:{port}", "http://[::ffff:127.0.0.1]:{port}", "http://169.254.169.254"]
)
def test_an_address_of_this_machine_is_refused_unless_the_administrator_allows_it(remote, connected, as_root, address):
    cloud = connected(endpoint=address.format(port=remote.port), allow_local="no")
    assert bad(cloud) == [("dns", "euca-address-local")]
    assert remote.requests == []


def test_a_tenant_that_brings_its_key_cannot_say_where_the_cloud_is(remote, cloud, alice, lab, client, work):
    cloud.tenants_bring, cloud.sealed = True, ""
    cloud.settings = {name: value for name, value in cloud.settings.items() if name != "access_key"}
    cloud.save()
    client.force_login(alice)
    brought = {"access_key": remote.lab_key.id, "secret_key": remote.lab_key.secret}
    elsewhere = {"endpoint": "http://169.254.169.254", "allow_local": "yes", "place_user": "x", "place_id": "1"}
    assert client.post(f"/t/lab/clouds/{cloud.pk}/credential/", brought | elsewhere).status_code in (204, 303)
    work()
    account = CloudAccount.objects.get(tenant=lab)
    used = account.connection()
    assert (used["endpoint"], used["place_id"]) == (remote.url, remote.outside.account("lab").id)
    assert "place_user" not in used
    assert inventory.sync_account(account.pk)
    account.driver().close()

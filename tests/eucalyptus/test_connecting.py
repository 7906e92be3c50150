"""A Eucalyptus from the form to a tenant's account and an instance in it, as people do it in the browser."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client

from dashboard.access.rules import why_none
from dashboard.audit.models import Entry
from dashboard.clouds.interface import Status
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.clouds.tasks import diagnose
from dashboard.images.models import Image
from dashboard.instances import actions as instance_actions
from dashboard.instances import inventory
from dashboard.instances.allowed import why_not
from dashboard.instances.models import Flavor, Instance
from dashboard.networks.models import Network, SecurityGroup
from dashboard.operations.models import Operation, State
from dashboard.quotas.models import Quota
from dashboard.tenancy.models import Role
from dashboard.trail.listing import Row
from tests.conftest import actor_of

from .dialect import dialect

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def remote():
    with dialect(zone_names=("zone-a",)) as cloud:
        yield cloud


@pytest.fixture
def browser(root):
    client = Client()
    client.force_login(root)
    return client


@pytest.fixture
def form(remote):
    keys = {"access_key": remote.root_key.id, "secret_key": remote.root_key.secret}
    chosen = {"names": "path", "release": "auto", "enters_by": "token", "allow_local": "yes"}
    return {"name": "euca", "endpoint": remote.url, **keys, **chosen}


@pytest.fixture
def cloud(browser, form):
    """Connected by the form, tested, in use."""
    assert browser.post("/clouds/connect/eucalyptus/", form).status_code == 303
    cloud = Cloud.objects.get(name="euca")
    diagnose(str(cloud.pk))
    assert browser.post(f"/clouds/{cloud.pk}/use/").status_code == 303
    cloud.refresh_from_db()
    yield cloud
    cloud.driver().close()


@pytest.fixture
def account(browser, cloud, lab, work):
    made = browser.post(f"/clouds/{cloud.pk}/tenants/lab/make/", {"name": "lab-account", "network": "1"})
    assert made.status_code == 303
    work()
    account = CloudAccount.objects.get(cloud=cloud, tenant=lab)
    yield account
    account.driver().close()


def test_the_form_is_shown_and_keeps_the_secret_to_itself(browser, cloud, form):
    page = browser.get(f"/clouds/{cloud.pk}/edit/").content.decode()
    assert form["endpoint"] in page
    assert form["secret_key"] not in page
    assert form["secret_key"] not in str(cloud.settings)


def test_the_form_names_its_choices_and_says_which_keys_are_needed(browser):
    page = " ".join(browser.get("/clouds/connect/eucalyptus/").content.decode().split())
    for named in ("The path: /services/compute", "With tokens", "Found out by itself", "Refused"):
        assert f">{named}</option>" in page
    assert '<label for="id_access_key">Access key</label>' in page
    assert '<label for="id_secret_key">Secret key</label>' in page
    assert '<label for="id_region">Region <span class="optional">' in page


def test_the_connection_is_shown_in_words(browser, cloud):
    page = browser.get(f"/clouds/{cloud.pk}/").content.decode()
    assert "<dd>With tokens</dd>" in page
    assert "There is none, since the address begins with http://" in page
    assert "unencrypted, though only on this machine itself" in page


def test_an_administrators_key_is_not_offered_to_a_tenant(browser, form, lab):
    browser.post("/clouds/connect/eucalyptus/", form)
    draft = Cloud.objects.get()
    diagnose(str(draft.pk))
    assert "Give it to the tenant" not in browser.get(f"/clouds/{draft.pk}/").content.decode()


def test_members_read_the_products_name(browser, cloud, account):
    for url, tag in ((f"/t/lab/clouds/{cloud.pk}/", "<dd>"), ("/t/lab/clouds/", '<td role="cell">')):
        assert f"{tag}Eucalyptus" in browser.get(url).content.decode()


@pytest.mark.parametrize(
    ("verb", "values", "said"),
    [
        ("make", {"name": " "}, "Give the account a name."),
        ("link", {"place": ""}, "Choose an account."),
    ],
)
def test_what_is_refused_is_said_in_the_clouds_words(browser, cloud, lab, verb, values, said):
    assert said in browser.post(f"/clouds/{cloud.pk}/tenants/lab/{verb}/", values).content.decode()


def test_a_failure_is_told_in_the_clouds_words(browser, remote, cloud, lab, work):
    remote.outside.create_account("theirs")
    browser.post(f"/clouds/{cloud.pk}/tenants/lab/make/", {"name": "theirs"})
    work()
    page = browser.get(f"/clouds/{cloud.pk}/tenants/lab/").content.decode()
    assert "The cloud has another account with this name already" in page
    assert "link that account" in page


def test_the_form_and_the_tenants_pages_have_the_clouds_own_words(browser, account):
    form = browser.get("/clouds/connect/eucalyptus/").content.decode()
    assert "Of accounts only: each tenant brings its own" in form
    assert "Of projects only: each tenant brings its own" in browser.get("/clouds/connect/openstack/").content.decode()
    for path in ("/t/lab/clouds/", f"/t/lab/clouds/{account.cloud_id}/"):
        shown = browser.get(path).content.decode()
        assert ">Eucalyptus" in shown
        assert ">eucalyptus<" not in shown


@pytest.mark.parametrize(
    ("name", "value"), [("endpoint", "no address"), ("secret_key", ""), ("fingerprint", "abc"), ("ca_bundle", "abc")]
)
def test_the_form_says_what_is_wrong(browser, form, name, value):
    assert browser.post("/clouds/connect/eucalyptus/", {**form, name: value}).status_code == 422
    assert not Cloud.objects.exists()


def test_at_another_address_the_secret_is_typed_again(browser, cloud, form):
    moved = {**form, "endpoint": "http://192.0.2.1:8773", "secret_key": ""}
    assert browser.post(f"/clouds/{cloud.pk}/edit/", moved).status_code == 422


def test_what_the_test_found_is_shown_in_words(browser, cloud):
    page = browser.get(f"/clouds/{cloud.pk}/").content.decode()
    assert "not yet confirmed on a running cloud" in page
    assert {finding["state"] for finding in cloud.findings} == {"ok", "warning"}


def test_a_tenant_gets_an_account_with_our_limits_and_no_secret_is_stored(remote, account, lab):
    there = remote.outside.account("lab-account")
    assert account.remote_id == there.id
    assert f"skydeck-tenant-{lab.pk}" in there.policies
    assert Operation.objects.get(kind="place.make").state == State.DONE
    assert account.driver().quotas.get()["vcpus"].limit == Quota.objects.get(tenant=lab, resource="vcpus").limit
    assert not [key for key in remote.accounts.keys.values() if key.user.account is there and not key.token]


def test_an_instance_that_is_there_is_seen_and_is_not_to_be_stopped(remote, account, lab, bob, work):
    (remote_id,) = remote.outside.add_instances(1, "lab-account")
    inventory.sync_account(str(account.pk))
    instance = Instance.objects.get(remote_id=remote_id)
    assert (instance.status, instance.keeps_disk) == (Status.ACTIVE, False)
    assert "as long as it runs" in why_not(instance, "stop", role=Role.MEMBER, operation=None)
    assert not why_not(instance, "reboot", role=Role.MEMBER, operation=None)
    with pytest.raises(Exception, match="as long as it runs"):
        instance_actions.change(actor_of(bob, lab), instance.pk, "stop")


def test_unlinking_locks_us_out_and_leaves_the_account(browser, remote, cloud, account, work):
    list(account.driver().compute.list())
    assert browser.post(f"/clouds/{cloud.pk}/tenants/lab/unlink/", {"name": "lab"}).status_code == 303
    work()
    assert set(remote.outside.account("lab-account").users) == {"admin"}


def test_an_account_goes_with_the_tenant_once_nothing_is_in_it(browser, remote, cloud, account, work):
    inventory.sync_cloud(str(cloud.pk))
    here = f"/clouds/{cloud.pk}/tenants/lab/unlink/"
    page = browser.get(here).content.decode()
    assert "Delete it on the cloud as well" in page
    assert "in the account is ended at once" in page
    remote.outside.add_bucket("kept", "lab-account")
    for is_empty in (False, True):
        if is_empty:
            del remote.buckets["kept"]
        assert browser.post(here, {"name": "lab", "also-delete": "yes"}).status_code == 303
        work()
        assert remote.accounts.find("lab-account") is (None if is_empty else remote.outside.account("lab-account"))
        assert CloudAccount.objects.exists() is not is_empty
    told = " ".join(Operation.objects.filter(kind="place.unlink").values_list("error_detail", flat=True))
    assert re.search(r"1 bucket\b", told)
    noted = list(Entry.objects.filter(object_kind="place"))
    assert noted
    assert {str(Row(entry).noun) for entry in noted} == {"place"}  # which is true of projects and of accounts


def test_a_tenant_without_an_account_is_told_that_it_has_no_account(cloud):
    cloud.features = [*cloud.features, "access-keys"]
    assert "no account on this cloud yet" in why_none(cloud, None)


@pytest.fixture
def ask(remote, cloud, account, lab, bob):
    """Launch from an image of the instance store, with a key and the default group."""
    inventory.sync_cloud(str(cloud.pk))
    inventory.sync_account(str(account.pk))
    image = Image.objects.get(cloud=cloud, name="Debian 12 cloud")
    flavor = Flavor.objects.get(cloud=cloud, name="c4.large")

    def launch(name):
        how = {"cloud": cloud, "image": image, "flavor": flavor, "name": name}
        return instance_actions.launch(actor_of(bob, lab), **how, key=uuid.uuid4().hex)

    return launch


def test_a_launch_ends_with_one_instance_of_that_name(remote, account, ask, work):
    instance = ask("web")
    work()
    instance.refresh_from_db()
    assert (instance.status, instance.name, instance.keeps_disk) == (Status.ACTIVE, "web", False)
    assert [one.state for one in remote.instances.values()] == ["running"]
    assert {one.account for one in remote.asked("RunInstances")} == {account.remote_id}


def test_a_launch_whose_answer_is_lost_ends_with_one_instance(remote, ask, work):
    remote.faults.next("lost", "RunInstances")
    instance = ask("web")
    work()
    instance.refresh_from_db()
    assert instance.status == Status.ACTIVE
    assert len(remote.instances) == 1


@pytest.mark.parametrize(("spoil", "code"), [("fill", "ec2-no-room"), ("limit", "ec2-limit")])
def test_no_room_and_a_limit_are_told_in_words_of_their_own(remote, ask, work, spoil, code):
    if spoil == "fill":
        remote.outside.fill("zone-a")
    else:
        remote.outside.edit_quota("lab-account", vminstancenumber=0)
    instance = ask("web")
    work()
    assert Operation.objects.get(target_id=instance.pk, kind="instance.launch").error_code == code
    assert len(remote.asked("RunInstances")) == 1
    assert not remote.instances


def test_groups_and_public_addresses_of_the_account_are_seen(cloud, account, lab):
    inventory.sync_account(str(account.pk))
    assert [group.name for group in SecurityGroup.objects.filter(cloud=cloud, tenant=lab)] == ["default"]
    assert {network.name: network.is_external for network in Network.objects.filter(cloud=cloud)}["public"]

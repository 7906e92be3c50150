"""A real OpenStack from a pasted clouds.yaml to a tenant's project and its end, as an administrator does it."""

from __future__ import annotations

import secrets
from contextlib import suppress

import pytest
import yaml
from django.test import Client

from dashboard.clouds.drivers.openstack.quotas import OpenStackQuotas
from dashboard.clouds.interface import AuthFailed, NotFound, Status
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.clouds.registry import connect
from dashboard.clouds.tasks import diagnose, fetch
from dashboard.images.models import Image
from dashboard.instances import actions as instance_actions
from dashboard.instances import inventory
from dashboard.instances.models import Flavor, Instance
from dashboard.operations.models import Operation, State
from dashboard.quotas.models import Quota
from tests.conftest import actor_of

pytestmark = [pytest.mark.openstack, pytest.mark.django_db]


@pytest.fixture
def pasted(clouds, proxy):
    """The administrator's clouds.yaml; all that is asked with it goes through the proxy."""
    settings = clouds["lab-admin"]
    auth = {**settings["auth"], "auth_url": proxy.auth_url}
    return yaml.dump({"clouds": {"real": {**settings, "auth": auth}}})


@pytest.fixture
def browser(root):
    client = Client()
    client.force_login(root)
    return client


@pytest.fixture
def cloud(browser, pasted):
    """Connected by pasting, tested, in use."""
    assert browser.post("/clouds/connect/", {"text": pasted}).status_code == 303
    cloud = Cloud.objects.get()
    diagnose(str(cloud.pk))
    assert browser.post(f"/clouds/{cloud.pk}/use/").status_code == 303
    cloud.refresh_from_db()
    yield cloud
    cloud.driver().close()


@pytest.fixture
def give(browser, cloud, work, admin):
    """A project for a tenant, made by the page's form; removed at the end, with our user in it."""
    made = []

    def make(tenant):
        name = f"connecting-{tenant.slug}-{secrets.token_hex(3)}"
        assert (
            browser.post(f"/clouds/{cloud.pk}/tenants/{tenant.slug}/make/", {"name": name, "network": "1"}).status_code
            == 303
        )
        work()
        account = CloudAccount.objects.get(cloud=cloud, tenant=tenant)
        made.append(account.remote_id)
        return account

    yield make
    for place_id in made:
        remove_networks(admin, place_id)
        cloud.driver().places.withdraw(place_id)
        with suppress(NotFound):
            admin.delete("identity", f"/projects/{place_id}")


def remove_networks(admin, place_id):
    """By the administrator, as one removes a project: the routers' legs, routers, networks."""
    mine = {"project_id": place_id}
    legs = admin.get("network", "/ports", params={**mine, "device_owner": "network:router_interface"})["ports"]
    for port in legs:
        admin.put("network", f"/routers/{port['device_id']}/remove_router_interface", json={"port_id": port["id"]})
    for kind in ("routers", "networks"):
        for found in admin.get("network", f"/{kind}", params=mine)[kind]:
            admin.delete("network", f"/{kind}/{found['id']}")


def page_of(browser, account):
    return browser.get(f"/clouds/{account.cloud_id}/tenants/{account.tenant.slug}/").content.decode()


def change(browser, account, verb, **values):
    return browser.post(f"/clouds/{account.cloud_id}/tenants/{account.tenant.slug}/{verb}/", values)


def test_every_step_of_the_test_is_green(browser, cloud):
    assert {finding["state"] for finding in cloud.findings} == {"ok"}
    assert len(cloud.findings) > 10
    assert browser.get(f"/clouds/{cloud.pk}/").content.decode().count('<li class="ok">') == len(cloud.findings)


def test_a_project_with_a_credential_of_its_own_and_our_limits(browser, cloud, give, lab, admin):
    account = give(lab)
    assert account.driver().place().id == account.remote_id
    assert account.credential_id
    there = OpenStackQuotas(admin).get(account.remote_id)
    assert (there["vcpus"].limit, there["networks"].limit, there["volume_gib"].limit) == (20, 5, 100)
    assert "the same" in page_of(browser, account)


def test_what_somebody_changed_by_hand_is_drift_to_adopt_or_to_push_again(browser, give, lab, admin, work):
    account, quotas = give(lab), OpenStackQuotas(admin)
    quotas.set(account.remote_id, {"vcpus": 7, "networks": 9, "volumes": None})
    change(browser, account, "read")
    work()
    page = page_of(browser, account)
    assert "3 limits differ" in page
    assert "lower on the cloud" in page
    assert "unlimited" in page
    change(browser, account, "adopt", resource="networks")
    assert Quota.objects.get(tenant=lab, resource="networks").limit == 9
    change(browser, account, "push")
    work()
    there = quotas.get(account.remote_id)
    assert (there["vcpus"].limit, there["networks"].limit, there["volumes"].limit) == (20, 9, 10)
    assert "limits differ" not in page_of(browser, account)


def test_a_rotated_credential_works_and_the_old_one_does_not(browser, give, lab, work):
    account = give(lab)
    old = account.driver()
    assert old.place().id == account.remote_id
    old_settings = account.connection()
    change(browser, account, "rotate")
    work()
    account.refresh_from_db()
    assert account.driver().place().id == account.remote_id
    assert account.connection() != old_settings
    with pytest.raises((AuthFailed, NotFound)):
        connect("openstack", old_settings).place()


def test_unlinking_ends_the_credential_and_deletes_nothing(browser, cloud, give, lab, work, admin):
    account = give(lab)
    settings = account.connection()
    assert change(browser, account, "unlink", name="wrong").status_code == 422
    assert change(browser, account, "unlink", name="lab").status_code == 303
    work()
    assert not CloudAccount.objects.exists()
    with pytest.raises((AuthFailed, NotFound)):
        connect("openstack", settings).place()
    assert admin.get("identity", f"/projects/{account.remote_id}")["project"]["enabled"]


def test_a_project_that_exists_is_linked_from_the_list(browser, cloud, project, lab, work):
    fetch(str(cloud.pk), "places")
    page = browser.get(f"/clouds/{cloud.pk}/tenants/lab/").content.decode()
    assert f'<option value="{project.id}">' in page
    here = f"/clouds/{cloud.pk}/tenants/lab/link/"
    asked = browser.post(here, {"place": project.id})
    fetch(str(cloud.pk), "place", project.id)
    assert "It has no instance" in browser.get(asked["Location"]).content.decode()
    browser.post(here, {"place": project.id, "confirmed": "yes"})
    work()
    account = CloudAccount.objects.get()
    try:
        assert (account.remote_id, account.origin) == (project.id, "linked")
        assert account.driver().place().id == project.id
    finally:
        cloud.driver().places.withdraw(project.id)


def test_a_manager_brings_the_credential_of_a_project(alice, proxy, project, lab, work):
    cloud = Cloud.objects.create(
        name="brought", kind="openstack", tenants_bring=True, settings={"auth_url": proxy.auth_url}
    )
    client = Client()
    client.force_login(alice)
    form = {"application_credential_id": project.credential, "application_credential_secret": "wrong"}
    client.post(f"/t/lab/clouds/{cloud.pk}/credential/", form)
    work()
    assert Operation.objects.get().error_code == "credential-refused"
    assert not CloudAccount.objects.exists()
    form["application_credential_secret"] = project.credential_secret
    client.post(f"/t/lab/clouds/{cloud.pk}/credential/", form)
    work()
    account = CloudAccount.objects.get()
    assert (account.remote_id, account.remote_name, account.origin) == (project.id, project.name, "brought")
    assert account.limits["vcpus"]["limit"]


def test_a_tenants_work_never_uses_another_ones_credential(browser, cloud, give, proxy, lab, other, bob, charlie, work):
    """The proxy's log of every call, with whose token it was made."""
    accounts = {tenant.pk: give(tenant) for tenant in (lab, other)}
    assert inventory.sync_cloud(cloud.pk)
    for account in accounts.values():
        assert inventory.sync_account(account.pk)
    for person, tenant in ((bob, lab), (charlie, other)):
        proxy.forget()
        account = accounts[tenant.pk]
        instance = launch(actor_of(person, tenant), cloud)
        work()
        instance.refresh_from_db()
        assert (instance.status, instance.failure) == (Status.ACTIVE, "")
        assert inventory.sync_account(account.pk)
        instance_actions.change(actor_of(person, tenant), instance.pk, "delete-now")
        work()
        asked = [call for call in proxy.calls() if call.service != "identity"]
        assert len(asked) > 5
        assert {call.credential for call in asked} == {account.credential_id}
        assert {call.who.project for call in asked} == {account.remote_id}
        signed_in = proxy.calls(service="identity", method="POST", path="/auth/tokens")
        assert {call.credential for call in signed_in} <= {account.credential_id}
    assert not Operation.objects.exclude(state=State.DONE).filter(kind__startswith="place.").exists()


def launch(actor, cloud) -> Instance:
    return instance_actions.launch(
        actor,
        cloud=cloud,
        image=Image.objects.get(cloud=cloud, name="tiny"),
        flavor=Flavor.objects.get(cloud=cloud, name="m1.nano"),
        name="connecting",
        key=secrets.token_hex(8),
    )

"""What people see of a Eucalyptus: what it cannot do is not offered, and each page says why."""

from __future__ import annotations

import uuid
from html import unescape

import pytest

from dashboard.clouds.interface import Feature
from dashboard.clouds.tasks import diagnose, fetch
from dashboard.images.models import Image
from dashboard.instances import console_log, inventory
from dashboard.instances.models import Instance
from dashboard.networks import actions as network_actions
from dashboard.networks.models import FloatingIp, Network, Port, SecurityGroup
from tests.eucalyptus.dialect.outside import HOSTILE

from .conftest import again, on, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/t/lab/instances/"}


@pytest.fixture
def running(launch, work):
    instance = launch("web")
    work()
    return again(instance)


def page(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return unescape(text_of(answer))


# --- turning off ---------------------------------------------------------------------------


def test_one_of_the_instance_store_has_no_stop_and_says_why(remote, running, as_person):
    here = f"/t/lab/instances/{running.pk}/"
    why = "Its disk is there only as long as it runs"
    assert why in page(as_person, here)
    assert why in page(as_person, f"{here}stop/")
    asked = as_person.post(f"{here}stop/", headers=HTMX)
    assert asked.status_code == 409
    assert why in asked.headers["HX-Trigger"]
    assert remote.asked("StopInstances") == []
    assert "It goes on running" in page(as_person, f"{here}delete/")


def test_one_with_a_root_volume_is_stopped_and_started(remote, account, launch, work, as_person):
    instance = launch("kept", image=Image.objects.get(name="CentOS 7 on ebs"))
    work()
    assert again(instance).failure == ""
    here = f"/t/lab/instances/{instance.pk}/"
    for verb, state in (("stop", "stopped"), ("start", "running")):
        assert as_person.post(f"{here}{verb}/").status_code == 303
        work()
        assert remote.instances[again(instance).remote_id].state == state


@pytest.mark.parametrize("remote", [{"mode": "edge"}, {"mode": "vpc"}], indirect=True, ids=["edge", "vpc"])
def test_stopping_and_deleting_say_what_becomes_of_addresses_and_of_the_root_volume(
    remote, account, launch, work, as_bob, as_person
):
    instance = launch("kept", image=Image.objects.get(name="CentOS 7 on ebs"))
    work()
    inventory.sync_account(account.pk)
    outside = Network.objects.get(cloud=account.cloud, is_external=True)
    row = network_actions.allocate(as_bob, cloud=account.cloud, external=outside, key=uuid.uuid4().hex)
    work()
    network_actions.associate(as_bob, row.pk, port=Port.objects.get(instance_id=again(instance).remote_id))
    work()
    here = f"/t/lab/instances/{instance.pk}/"
    stop, delete = page(as_person, f"{here}stop/"), page(as_person, f"{here}delete/")
    said = {
        "edge": "Its addresses are taken away, floating IPs too, and it gets others when it is started again.",
        "vpc": "A public address that the cloud gave it by itself is taken away.",
    }[remote.mode]
    for dialog in (stop, delete):
        assert said in dialog
        assert "Its addresses stay" not in dialog
    assert "volume is attached" not in delete
    assert again(instance).volume_ids == []
    as_person.post(f"{here}stop/")
    work()
    inventory.sync_account(account.pk)
    stays = f"Its floating IP {again(row).address} stays yours."
    assert stays in delete
    assert (stays in stop) == (remote.mode == "edge")
    assert bool(again(row).port_id) == (remote.mode == "vpc")


@pytest.mark.parametrize("verb", ["resize", "snapshot", "rebuild", "pause", "suspend", "shelve", "rescue", "lock"])
def test_what_is_not_there_or_without_effect_is_refused_with_a_reason(remote, running, as_person, verb):
    """Eucalyptus answers 200 to some of it and does nothing."""
    before = len(remote.requests)
    here = f"/t/lab/instances/{running.pk}/{verb}/"
    assert "cannot do this" in page(as_person, here)
    values = {"flavor": str(running.flavor_id), "name": "x", "image": str(running.image_id)}
    assert as_person.post(here, values, headers=HTMX).status_code in (409, 422)
    assert len(remote.requests) == before


# --- consoles --------------------------------------------------------------------------------


def test_the_console_is_text_and_no_screen_is_offered(remote, running, as_person):
    console_log.fetch(str(running.pk))
    here = f"/t/lab/instances/{running.pk}/"
    text = again(running).console_log.text
    assert text
    for path in ("console-log", "console", "serial"):
        shown = page(as_person, f"{here}{path}/")
        assert text.splitlines()[0] in shown
        assert "gives the console's text only" in shown
    detail = page(as_person, here)
    assert f'href="{here}console-log/"' in detail
    assert f"{here}console/" not in detail
    assert not {Feature.CONSOLE_VNC, Feature.CONSOLE_SERIAL} & set(running.cloud.features)


def test_of_one_that_does_not_run_the_page_says_so(remote, running, as_person):
    remote.outside.set_state(running.remote_id, "stopped")
    inventory.sync_account(running.cloud.accounts.get().pk)
    console_log.fetch(str(running.pk))
    assert "does not run" in page(as_person, f"/t/lab/instances/{running.pk}/console-log/")


def test_what_a_guest_wrote_is_not_obeyed(remote, running, as_person):
    remote.instances[running.remote_id].console = f"\x1b[31m{HOSTILE}\x07 login:"
    console_log.fetch(str(running.pk))
    answer = as_person.get(f"/t/lab/instances/{running.pk}/console-log/")
    assert "<script>alert" not in text_of(answer)
    assert "\x1b" not in text_of(answer)


def test_without_metrics_every_page_works(running, as_person):
    """The driver asks CloudWatch for nothing: the feature is not offered at all."""
    assert not running.cloud.can(Feature.METRICS)
    for path in (f"/t/lab/instances/{running.pk}/", "/t/lab/instances/", "/t/lab/"):
        page(as_person, path)


# --- networks -----------------------------------------------------------------------------------


@on(release="5.1", mode="edge")
def test_in_edge_no_network_is_made_and_none_is_chosen(remote, account, as_person):
    """The one flat network is shown; VPCs are never asked about."""
    assert not {Feature.NETWORKS, Feature.NETWORK_EDIT} & set(again(account.cloud).features)
    assert "networks" not in as_person.get("/t/lab/instances/launch/").context["form"].fields
    asked = {one.action for one in remote.requests}
    assert not [action for action in asked if "Vpc" in action or "Subnet" in action]


@on(mode="vpc", zone_names=("zone-a", "zone-b"))
def test_of_several_default_subnets_the_cloud_chooses_one(remote, account, image, small, work, as_person):
    path = "/t/lab/instances/launch/"
    form = as_person.get(path).context["form"]
    assert (len(form.network_rows), [row["is_chosen"] for row in form.network_rows]) == (2, [False, False])
    assert "None chosen: the cloud chooses." in page(as_person, path)
    typed = {"name": "web", "cloud": account.cloud_id, "image": image.pk, "flavor": small.pk, "key": uuid.uuid4().hex}
    assert as_person.post(path, {**typed, "zone": "zone-b"}).status_code == 303
    work()
    assert (Instance.objects.get().status, Instance.objects.get().zone) == ("ACTIVE", "zone-b")
    assert "SubnetId" not in remote.asked("RunInstances")[0].parameters


@on(mode="vpc", zone_names=("zone-a", "zone-b"))
def test_a_subnet_lies_in_one_zone_and_so_do_its_instances(remote, account, image, small, work, as_person):
    path, there = "/t/lab/instances/launch/", Network.objects.get(zone="zone-b")
    plain = {"name": "web", "cloud": account.cloud_id, "image": image.pk, "flavor": small.pk, "networks": [there.pk]}
    answer = as_person.post(path, {**plain, "zone": "zone-a", "key": uuid.uuid4().hex})
    why = f"The network {there} lies in the zone zone-b. Choose this zone, or another network."
    assert (answer.status_code, answer.context["form"].errors) == (422, {"zone": [why]})
    assert as_person.post(path, {**plain, "key": uuid.uuid4().hex}).status_code == 303
    work()
    assert (Instance.objects.get().status, Instance.objects.get().zone) == ("ACTIVE", "zone-b")
    assert [one.parameters["SubnetId"] for one in remote.asked("RunInstances")] == [there.remote_id]


@on(mode="edge")
def test_in_edge_rules_are_for_what_gets_in_and_the_page_says_that_all_gets_out(remote, account, as_person):
    group = SecurityGroup.objects.get(name="default")
    here = f"/t/lab/networks/security-groups/{group.pk}/"
    shown = page(as_person, here)
    assert "None: nothing gets in. All outgoing traffic is allowed: the cloud euca has no rules for it." in shown
    for wrong in ({"direction": "egress"}, {"family": "IPv6"}, {"protocol": ""}):
        answer = as_person.post(f"{here}rules/", {"direction": "ingress", "family": "IPv4", "protocol": "tcp"} | wrong)
        assert answer.status_code == 422
        assert f'id="{next(iter(wrong))}-error"' in text_of(answer)
    assert remote.asked("AuthorizeSecurityGroupEgress") == []


@pytest.mark.parametrize("remote", [{"mode": "edge"}, {"mode": "vpc"}], indirect=True, ids=["edge", "vpc"])
def test_an_address_goes_its_way_by_itself_in_edge_and_by_its_allocation_with_vpc(
    remote, account, running, as_bob, work
):
    inventory.sync_account(account.pk)
    outside = Network.objects.get(cloud=account.cloud, is_external=True)
    row = network_actions.allocate(as_bob, cloud=account.cloud, external=outside, key=uuid.uuid4().hex)
    work()
    inventory.sync_account(account.pk)
    port = Port.objects.get(instance_id=running.remote_id)
    network_actions.associate(as_bob, row.pk, port=port)
    work()
    (address,) = remote.addresses.values()
    assert again(row).address == address.ip
    assert address.instance == running.remote_id
    associate, by_ip = remote.asked("AssociateAddress")[0].parameters, remote.mode == "edge"
    assert ("PublicIp" in associate, "AllocationId" in associate) == (by_ip, not by_ip)
    for verb in (network_actions.disassociate, network_actions.release):
        verb(as_bob, row.pk)
        work()
    assert (dict(remote.addresses), FloatingIp.objects.exists()) == ({}, False)


# --- names that mean harm ---------------------------------------------------------------------------


def test_markup_in_every_name_is_text_on_every_page(remote, account, running, as_person, as_root):
    remote.outside.hostile_names()
    remote.outside.account("lab-account").name = "lab-account"
    inventory.sync_account(account.pk)
    diagnose(str(account.cloud_id))
    fetch(str(account.cloud_id), "places")
    assert again(running).name.startswith("<script>")
    mine = ["", "launch/", f"{running.pk}/", f"{running.pk}/delete/", f"{running.pk}/console-log/"]
    pages = [text_of(as_person.get(f"/t/lab/instances/{path}")) for path in mine]
    networks = ["", "security-groups/", "floating-ips/", "topology/"]
    pages += [text_of(as_person.get(f"/t/lab/networks/{path}")) for path in networks]
    cloud = f"/clouds/{account.cloud_id}/"
    clouds = [cloud, f"{cloud}tenants/", f"{cloud}tenants/lab/", "/instances/", "/flavors/"]
    pages += [text_of(as_root.get(path)) for path in clouds]
    assert not [one[:300] for one in pages if "<script>alert" in one]
    assert sum("&lt;script&gt;alert" in one for one in pages) >= 6


# --- many -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [10, 300])
def test_the_list_takes_as_many_queries_as_that_of_any_cloud(
    remote, account, as_person, django_assert_num_queries, count
):
    remote.outside.add_instances(count, "lab-account")
    assert inventory.sync_account(account.pk)
    assert Instance.objects.count() == count
    as_person.get("/t/lab/instances/")
    with django_assert_num_queries(8):
        as_person.get("/t/lab/instances/")

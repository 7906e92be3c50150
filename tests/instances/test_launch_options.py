"""A launch with all that a cloud offers: what the form shows, takes and refuses, and what comes of it."""

import uuid

import pytest

from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import NetworkSpec
from dashboard.images.models import Image
from dashboard.instances import actions
from dashboard.instances.models import Instance, PlacingChoice
from dashboard.networks.models import FloatingIp, Network, SecurityGroup
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import drift

from .conftest import again, look, used

HTMX = {"HX-Request": "true"}
PATH = "/t/lab/instances/launch/"


@pytest.fixture
def cloud(placed, lab):
    """With a network `own` of the tenant, from which a router leads out."""
    networks = placed.driver_for(lab.pk).networks
    networks.create_network(NetworkSpec(mark="n", name="own", cidr="10.9.0.0/24", external_network_id="public"))
    look(placed)
    return placed


@pytest.fixture
def image(placed):
    return Image.objects.get(name="Demo Linux")


@pytest.fixture
def small(tiny):
    return tiny


@pytest.fixture
def own(cloud, lab):
    return Network.objects.for_tenant(lab).get(name="own")


@pytest.fixture
def form(cloud, image, small, own):
    plain = {"name": "web-1", "cloud": cloud.pk, "image": image.pk, "flavor": small.pk, "key": uuid.uuid4().hex}
    return {**plain, "networks": [own.pk]}


@pytest.fixture
def public(cloud, lab):
    return Network.objects.for_tenant(lab).get(name="public")


def address_of(network):
    return f"address_{network.pk.hex}"


def post(browser, form, **changed):
    return browser.post(PATH, form | changed)


def wrong(browser, form, **changed):
    """The page that a refused form comes back with; nothing was done."""
    answer = post(browser, form, **changed)
    assert answer.status_code == 422
    assert (Instance.objects.count(), FloatingIp.objects.count()) == (0, 0)
    return answer.content.decode()


def on_cloud(cloud, tenant):
    return cloud.driver_for(tenant.pk)


def test_a_launch_with_every_option(browser, form, own, public, work, lab, cloud):
    group = SecurityGroup.objects.for_tenant(lab).get(name="default")
    more = {
        address_of(own): "10.9.0.77",
        "security_groups": [group.pk],
        "zone": "two",
        "boot_volume_gib": "7",
        "server_group": "new",
        "group_name": "web",
        "group_policy": "anti-affinity",
        "floating_network": public.pk,
        "tags": "green, blue",
    }
    assert post(browser, form, **more).status_code == 303
    work()
    instance, driver = Instance.objects.get(), on_cloud(cloud, lab)
    assert (instance.status, instance.zone, sorted(instance.tags)) == ("ACTIVE", "two", ["blue", "green"])
    (floating_ip,) = driver.networks.floating_ips()
    assert floating_ip.fixed_address == "10.9.0.77"
    assert [(g.name, g.policy) for g in driver.placing.groups()] == [("web", "anti-affinity")]
    assert [used(lab, r) for r in ("disk_gib", "volumes", "volume_gib", "floating_ips")] == [0, 1, 7, 1]
    steps = Operation.objects.get().steps
    assert list(steps.values_list("name", "state")) == [
        ("server-group", "done"), ("create", "done"), ("built", "done"), ("floating-ip", "done"),
    ]  # fmt: skip
    assert drift(lab) == {}


def test_a_plain_launch_asks_for_the_first_network_of_its_own(browser, form, work, own, cloud):
    page = browser.get(PATH).content.decode()
    assert f'value="{own.pk}" checked' in page
    post(browser, form)
    work()
    assert Instance.objects.get().addresses[0].startswith("10.9.0.")
    assert list(Operation.objects.get().steps.values_list("name", flat=True)) == ["create", "built"]


def test_only_what_the_cloud_declares_is_shown(browser, form, cloud):
    cloud.features = ["start-stop", "zones"]
    cloud.save()
    page = browser.get(PATH).content.decode()
    assert 'name="zone"' in page
    for name in ("networks", "security_groups", "floating_network", "boot_volume_gib", "server_group", "tags"):
        assert f'name="{name}"' not in page
    assert post(browser, form, tags="x").status_code == 303
    assert Instance.objects.get().asked == {}


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("10.10.0.5", "It is not in 10.9.0.0/24."),
        ("10.9.0.1", "This address belongs to the network itself."),
        ("10.9.0.0", "This address belongs to the network itself."),
        ("10.9.0.255", "This address belongs to the network itself."),
        ("10.9.0.300", "This is not an IP address."),
        ("2001:db8::1", "It is not in 10.9.0.0/24."),
    ],
)
def test_an_address_that_the_network_cannot_give_is_said_at_its_field(browser, form, own, address, says):
    page = wrong(browser, form, **{address_of(own): address})
    assert says in page
    assert f'value="{address}"' in page
    assert '<details id="options" class="options" open>' in page


def test_an_address_that_is_taken_is_said(browser, form, own, work):
    post(browser, form, **{address_of(own): "10.9.0.77"})
    work()
    look(own.cloud)
    answer = post(browser, form, key="other", **{address_of(own): "10.9.0.77"})
    assert (answer.status_code, "This address is taken." in answer.content.decode()) == (422, True)


def test_an_address_on_a_network_that_is_not_chosen_is_said(browser, form, own, lab):
    shared = Network.objects.for_tenant(lab).get(name="shared")
    assert "Choose this network too" in wrong(browser, form, networks=[shared.pk], **{address_of(own): "10.9.0.77"})


def test_of_several_networks_one_must_be_chosen(browser, form):
    assert "Choose a network; there are several" in wrong(browser, form, networks=[])


def test_two_networks_give_two_addresses(browser, form, own, lab, work):
    shared = Network.objects.for_tenant(lab).get(name="shared")
    post(browser, form, networks=[own.pk, shared.pk])
    work()
    assert sorted(a.split(".")[1] for a in Instance.objects.get().addresses) == ["20", "9"]


@pytest.fixture
def zoned(cloud, place, lab, fake_path):
    """Networks of the tenant that lie in one zone each."""
    for number, zone in enumerate(("one", "two")):
        outside.make_network(str(fake_path), place_id=place, name=f"in-{zone}", cidr=f"10.5.{number}.0/24", zone=zone)
    look(cloud)
    return {network.zone: network for network in Network.objects.for_tenant(lab).exclude(zone="")}


ELSEWHERE = "The network in-two lies in the zone two. Choose this zone, or another network."


def test_a_zone_in_which_the_network_does_not_lie_is_refused_at_its_field(browser, form, zoned):
    answer = post(browser, form, networks=[zoned["two"].pk], zone="one")
    assert (answer.status_code, answer.context["form"].errors) == (422, {"zone": [ELSEWHERE]})
    assert 'aria-describedby="zone-error"' in answer.content.decode()
    assert not Instance.objects.exists()
    assert post(browser, form, networks=[zoned["two"].pk], zone="two").status_code == 303


def test_so_it_is_explained_before_the_launch(browser, form, zoned):
    def said(**typed):
        return browser.post(PATH, form | typed | {"explain": "1"}, headers=HTMX).content.decode()

    assert ELSEWHERE in said(networks=[zoned["two"].pk], zone="one")
    assert "It goes into the zone two, in which its network lies." in said(networks=[zoned["two"].pk])
    assert "in which its network lies" not in said(networks=[zoned["two"].pk], zone="two")


def test_networks_of_two_zones_are_refused(browser, form, zoned):
    answer = post(browser, form, networks=[network.pk for network in zoned.values()])
    why = "in-one lies in the zone one, in-two in two: an instance is in one zone only."
    assert (answer.status_code, answer.context["form"].errors) == (422, {"networks": [why]})


def test_one_that_spans_zones_goes_with_any(browser, form, own, zoned):
    assert post(browser, form, networks=[own.pk, zoned["two"].pk], zone="two").status_code == 303
    assert post(browser, form, networks=[own.pk], zone="one", key="other").status_code == 303


def test_with_no_zone_chosen_the_instance_goes_where_its_network_lies(browser, form, zoned, work):
    assert post(browser, form, networks=[zoned["two"].pk]).status_code == 303
    assert Instance.objects.get().asked["zone"] == "two"
    work()
    instance = Instance.objects.get()
    assert (instance.status, instance.zone) == ("ACTIVE", "two")
    more = browser.get(PATH, {"like": instance.pk}).context["form"]
    assert (more.initial["networks"], "zone" in more.initial) == ([str(zoned["two"].pk)], False)


def test_who_launches_without_the_form_is_refused_as_well(zoned, cloud, launch):
    chosen = {"networks": [{"id": zoned["two"].remote_id}], "zone": "one"}
    with pytest.raises(actions.NotPossible, match="lies in the zone two"):
        launch(asked=chosen)


def test_each_network_says_in_which_zone_it_lies(browser, zoned):
    assert "in the zone two" in browser.get(PATH).content.decode()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"boot_volume_gib": "0"}, "greater than or equal to 1"),
        ({"boot_volume_gib": "x"}, "whole number"),
        ({"boot_volume_gib": "101"}, "Not enough quota: Volume space"),
        ({"zone": "nowhere"}, "not one of the available choices"),
        ({"server_group": "new"}, "Give the new server group a name."),
        ({"server_group": "rubbish"}, "not one of the available choices"),
        ({"floating_network": str(uuid.uuid4())}, "not one of the available choices"),
        ({"security_groups": [str(uuid.uuid4())]}, "not one of the available choices"),
        ({"networks": [str(uuid.uuid4())]}, "not one of the available choices"),
        ({"tags": "a/b"}, "has a slash"),
        ({"tags": 'a,"c,d",prod'}, "“c,d” has a comma"),
        ({"tags": "a" * 200_000}, "60 characters at most"),
    ],
)
def test_a_wrong_option_is_said_and_nothing_is_lost(browser, form, typed, says):
    page = wrong(browser, form, **typed)
    assert says in page
    assert 'value="web-1"' in page


def test_a_volume_smaller_than_the_image_is_refused_and_a_larger_one_makes_up_for_a_small_flavor(browser, form):
    debian = Image.objects.get(name="Debian 12")
    assert "Debian 12 needs at least 4 GiB." in wrong(browser, form, image=debian.pk, boot_volume_gib="3")
    assert "this flavor has 1 GiB" in wrong(browser, form, image=debian.pk)


def test_another_tenants_networks_groups_and_server_groups_are_not_offered(browser, form, cloud, other, lab):
    theirs = on_cloud(cloud, other)
    theirs.networks.create_network(NetworkSpec(mark="x", name="secret-net", cidr="10.66.0.0/24"))
    theirs.networks.create_security_group(mark="y", name="secret-group")
    theirs.placing.create_group(name="secret-servers", policy="affinity")
    look(cloud)
    assert "secret" not in browser.get(PATH).content.decode()
    secret = Network.objects.get(name="secret-net")
    assert "not one of the available choices" in wrong(browser, form, networks=[secret.pk])
    assert PlacingChoice.objects.filter(cloud=cloud, tenant=other, groups__0__name="secret-servers").exists()


def test_a_server_group_that_is_there_is_used(browser, form, cloud, lab, work):
    group = on_cloud(cloud, lab).placing.create_group(name="web", policy="affinity")
    look(cloud)
    post(browser, form, server_group=group.id)
    work()
    assert Instance.objects.get().asked["server_group"] == group.id
    assert len(on_cloud(cloud, lab).placing.groups()) == 1


def test_the_preview_counts_the_volume_and_the_floating_ip(browser, small, public):
    typed = {"flavor": small.pk, "boot_volume_gib": "7", "floating_network": public.pk}
    part = browser.get(PATH, typed, headers=HTMX).content.decode()
    for words in ("Volume space", "0 GiB → 7 GiB", "Floating IPs", "0 → 1"):
        assert words in part


def test_what_was_chosen_stays_when_only_the_quota_is_looked_at(browser, form, own, public):
    page = post(
        browser, form, update="1", boot_volume_gib="7", floating_network=public.pk, tags="green"
    ).content.decode()
    assert f'<option value="{public.pk}" selected>' in page
    for kept in ('value="7"', 'value="green"', f'value="{own.pk}" checked', " open>"):
        assert kept in page


# --- a floating IP that does not come --------------------------------------------------


def test_without_quota_for_an_address_nothing_is_launched(browser, form, public, lab):
    Quota.objects.filter(tenant=lab, resource="floating_ips").update(limit=0)
    page = wrong(browser, form, floating_network=public.pk)
    assert "Not enough quota: Floating IPs" in page
    assert used(lab) == 0


def test_an_address_that_is_refused_leaves_the_instance_and_gives_its_quota_back(
    browser, form, public, work, lab, fake_path
):
    Faults(str(fake_path)).fail("Refused", reason="policy", call="allocate")
    post(browser, form, floating_network=public.pk)
    work()
    operation = Operation.objects.get()
    assert (operation.state, Instance.objects.get().status) == ("failed", "ACTIVE")
    assert Instance.objects.get().failure == ""
    assert (used(lab, "floating_ips"), FloatingIp.objects.count(), used(lab), drift(lab)) == (0, 0, 1, {})


def test_a_launch_that_is_refused_never_asks_for_its_address(browser, form, public, work, lab, cloud, fake_path):
    Faults(str(fake_path)).fail("Refused", reason="capacity", call="create")
    post(browser, form, floating_network=public.pk)
    work()
    assert (used(lab), used(lab, "floating_ips"), FloatingIp.objects.count(), drift(lab)) == (0, 0, 0, {})
    assert on_cloud(cloud, lab).networks.floating_ips() == ()


def test_deleting_what_is_still_launched_gives_its_planned_address_back(
    browser, form, public, work, lab, cloud, as_bob
):
    post(browser, form, floating_network=public.pk)
    instance = Instance.objects.get()
    actions.change(as_bob, instance.pk, "delete")
    work()
    assert (again(instance).status, used(lab), used(lab, "floating_ips"), drift(lab)) == ("DELETED", 0, 0, {})
    assert on_cloud(cloud, lab).networks.floating_ips() == ()


def test_a_lost_answer_makes_one_group_and_one_address(browser, form, public, work, lab, cloud, fake_path):
    for call in ("create_group", "allocate", "associate", "create"):
        Faults(str(fake_path)).lose_answer(call=call)
    more = {"server_group": "new", "group_name": "web", "group_policy": "soft-affinity"}
    post(browser, form, floating_network=public.pk, **more)
    work()
    driver = on_cloud(cloud, lab)
    assert len(driver.placing.groups()) == len(driver.networks.floating_ips()) == len(list(driver.compute.list())) == 1
    assert (Operation.objects.get().state, used(lab, "floating_ips")) == ("done", 1)


def test_a_tenant_without_a_credential_is_told_whom_to_ask(browser, cloud, lab, work, launch, own):
    launch(asked={"networks": [{"id": own.remote_id}]})
    work()
    cloud.accounts.filter(tenant=lab).update(sealed="")
    assert "has no credential on the cloud pretend" in browser.get("/t/lab/instances/").content.decode()
    assert "There is no cloud to launch on" in browser.get(PATH).content.decode()


def test_a_place_that_is_away_greys_its_rows_and_those_of_nobody_else(
    browser, client, charlie, cloud, lab, launch, work, own, fake_path
):
    launch(asked={"networks": [{"id": own.remote_id}]})
    work()
    account = cloud.accounts.get(tenant=lab)
    outside.revoke(str(fake_path), account.credential_id)
    from dashboard.instances import inventory

    assert not inventory.sync_account(account.pk)
    page = browser.get("/t/lab/instances/").content.decode()
    assert "Ask your administrator to renew it" in page
    assert 'class="away"' in page
    client.force_login(charlie)
    assert "administrator to renew" not in client.get("/t/other/instances/").content.decode()

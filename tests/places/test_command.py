"""`manage.py cloud`."""

import pytest
from django.core.management import CommandError, call_command

from dashboard.clouds.interface import NetworkSpec
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.instances.models import Flavor
from dashboard.places import actions
from dashboard.places.acceptance import waiting


@pytest.fixture
def made(placed, for_lab, for_other, work):
    for actor in (for_lab, for_other):
        actions.make(actor, placed, name=actor.tenant.slug)
    work()
    return {account.tenant.slug: account for account in CloudAccount.objects.select_related("tenant")}


def test_list_shows_each_cloud_with_its_health(placed, capsys):
    call_command("cloud", "list")
    assert "east  fake  Not asked yet  tenants: 0" in capsys.readouterr().out


def test_check_prints_each_step_and_keeps_it_for_the_page(placed, capsys):
    call_command("cloud", "check", "east")
    out = capsys.readouterr().out
    assert out.count("ok  ") == 7
    assert len(Cloud.objects.get().findings) == 7


def test_check_says_what_is_wrong_and_ends_with_one(placed, faults, capsys):
    faults.fail("AuthFailed", call="check", times=None, detail="bad key")
    with pytest.raises(SystemExit) as ended:
        call_command("cloud", "check", "east")
    out = capsys.readouterr().out
    assert ended.value.code == 1
    assert "BAD   Sign-in" in out
    assert "the cloud said: bad key" in out


# --- the list of an operator ------------------------------------------------------------


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(waiting, "PAUSE_S", 0.02)


@pytest.fixture
def small(placed):
    return Flavor.objects.create(cloud=placed, name="small", vcpus=1, ram_mib=512, disk_gib=5)


def test_a_launch_in_a_tenants_place_leaves_nothing_there(made, at_once, lab, capsys):
    call_command("cloud", "check", "east", "--launch", "--tenant", "lab")
    out = capsys.readouterr().out
    assert "fail" not in out
    for step in ("launch", "find it in the list", "read its console", "turn it off", "turn it on", "remove it"):
        assert f"pass          {step}: " in out, step
    assert list(made["lab"].driver().compute.list()) == []


def test_what_is_put_around_it_is_tried_too_and_nothing_of_it_is_left(made, at_once, placed, for_lab, capsys):
    inside, placed_ = made["lab"].driver(), placed.driver()
    (outside,) = [one.id for one in inside.networks.networks() if one.is_external]
    inside.networks.create_network(NetworkSpec(mark="n", name="own", cidr="10.7.0.0/24", external_network_id=outside))
    places = len(list(placed_.places.list()))
    call_command("cloud", "check", "east", "--launch", "--tenant", "lab")
    out = capsys.readouterr().out
    keys = ("make a key for one's own tools", "end the key")
    steps = ("make a place", "enter it", "delete the place", "tag it", "add a rule to it", "give it to the instance")
    for step in (*keys, *steps):
        assert f"pass          {step}: " in out, step
    assert [group.name for group in inside.networks.security_groups()] == ["default"]
    assert (inside.networks.floating_ips(), len(list(placed_.places.list()))) == ((), places)


def test_where_no_router_leads_out_a_floating_ip_is_no_failure(made, at_once, capsys):
    call_command("cloud", "check", "east", "--launch", "--tenant", "lab")
    out = capsys.readouterr().out
    assert "not possible  give it to the instance: no router leads from its network to the outside" in out
    assert "pass          release the floating IP" in out


def test_a_launch_on_a_cloud_without_places_leaves_nothing_there(cloud, at_once, capsys):
    call_command("cloud", "check", "pretend", "--launch")
    out = capsys.readouterr().out
    assert "fail" not in out
    for step in ("list places", "make a place", "make a security group", "take a floating IP"):
        assert f"not possible  {step}: this cloud " in out, step
    assert "pass          tag it: " in out
    assert list(cloud.driver().compute.list()) == []


@pytest.mark.parametrize(
    ("call", "error"),
    [("create", "Refused"), ("stop", "Unavailable"), ("console_log", "Unavailable"), ("find", "Unavailable")],
)
def test_whatever_the_cloud_refuses_nothing_is_left(made, at_once, faults, capsys, call, error):
    faults.fail(error, call=call, times=1)
    with pytest.raises(SystemExit):
        call_command("cloud", "check", "east", "--launch", "--tenant", "lab")
    assert "fail  " in capsys.readouterr().out
    assert list(made["lab"].driver().compute.list()) == []


def test_a_name_that_nobody_has_is_said(db):
    with pytest.raises(CommandError, match="no cloud named east"):
        call_command("cloud", "check", "east")


def test_rotate_replaces_all_or_only_one(made, capsys):
    before = {slug: account.credential_id for slug, account in made.items()}
    call_command("cloud", "rotate", "east", "--tenant", "lab")
    after = dict(CloudAccount.objects.values_list("tenant__slug", "credential_id"))
    assert after["lab"] != before["lab"]
    assert after["other"] == before["other"]
    call_command("cloud", "rotate", "east")
    assert "other: Done" in capsys.readouterr().out
    assert CloudAccount.objects.get(tenant__slug="other").credential_id != before["other"]


def test_rotate_says_what_it_waits_for_and_ends_with_one(made, faults, capsys):
    faults.away()
    with pytest.raises(SystemExit):
        call_command("cloud", "rotate", "east", "--tenant", "lab")
    assert "The cloud does not answer." in capsys.readouterr().out

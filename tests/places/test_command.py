"""`manage.py cloud`."""

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from dashboard.clouds import secrets
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.places import actions


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


def test_reseal_lets_an_old_key_go(made, settings):
    new, old = Fernet.generate_key().decode(), settings.FIELD_KEYS
    settings.FIELD_KEYS = [new, *old]
    call_command("cloud", "reseal")
    settings.FIELD_KEYS = [new]
    for account in CloudAccount.objects.all():
        assert secrets.unseal(account.sealed)["key"]


def test_reseal_changes_nothing_when_one_cannot_be_read(made, settings):
    before = list(CloudAccount.objects.order_by("pk").values_list("sealed", flat=True))
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("cloud", "reseal")
    assert list(CloudAccount.objects.order_by("pk").values_list("sealed", flat=True)) == before

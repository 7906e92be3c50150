"""`manage.py cloud check` on a Eucalyptus: what it prints, what it leaves behind, what its report keeps to itself."""

from __future__ import annotations

import re

import pytest
from django.core.management import CommandError, call_command

from dashboard.clouds.drivers.eucalyptus.access import EucalyptusAccess
from dashboard.clouds.interface import Unavailable
from dashboard.clouds.models import CloudAccount
from dashboard.clouds.secrets import seal
from dashboard.instances import inventory
from dashboard.instances.models import Instance
from dashboard.places.acceptance import trial, waiting
from dashboard.places.acceptance.around import AddressTrial, GroupTrial
from dashboard.places.acceptance.entering import PlaceTrial
from dashboard.quotas.reservations import drift

from .conftest import used

MADE = {
    *("CreateAccount", "CreateUser", "RunInstances", "ImportKeyPair", "CreateTags"),
    *("CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "AllocateAddress", "AssociateAddress"),
}
AROUND = (
    *("make a place", "enter it", "make a key for one's own tools", "end the key", "delete the place"),
    *("find its key pair", "tag it"),
    *("make a security group", "add a rule to it", "remove the security group", "remove its key pair"),
    *("take a floating IP", "give it to the instance", "take it from the instance", "release the floating IP"),
    *("turn it off", "turn it on"),
)
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
EVERY = [{"release": release, "mode": mode} for release in ("4.4", "5.1") for mode in ("edge", "vpc")]


@pytest.fixture
def check(account, capsys, monkeypatch, tmp_path):
    """What it printed, the report, and with what it ended."""
    monkeypatch.setattr(waiting, "PAUSE_S", 0.02)
    file = tmp_path / "report.md"

    def run(*words):
        capsys.readouterr()
        try:
            call_command("cloud", "check", "euca", "--within", "5", "--report", str(file), *words)
        except SystemExit as ended:
            return capsys.readouterr().out, file.read_text(), ended.code
        return capsys.readouterr().out, file.read_text(), 0

    return run


def verdicts(out):
    """Step and verdict of the list."""
    found = re.findall(r"^(pass|fail|not possible) +(.*?): ", out, re.MULTILINE)
    return {step: verdict for verdict, step in found}


def alive(remote):
    return [one.id for one in remote.instances.values() if one.state != "terminated"]


@pytest.mark.parametrize("remote", EVERY, indirect=True, ids=["-".join(one.values()) for one in EVERY])
def test_without_more_it_only_looks(remote, check):
    before = len(remote.requests)
    out, _report, code = check()
    assert code == 0
    assert "fail" not in verdicts(out).values()
    assert {"sign in", "list instances", "list images", "list flavors", "read limits"} <= set(verdicts(out))
    looked = [one.action for one in remote.requests[before:]]
    assert [action for action in looked if not action.startswith(("Describe", "Get", "List"))] == []


@pytest.mark.parametrize("remote", EVERY, indirect=True, ids=["-".join(one.values()) for one in EVERY])
def test_with_launch_the_smallest_lives_and_nothing_of_it_is_left(remote, check, lab):
    out, _report, code = check("--launch")
    assert "1 rules" not in out
    assert re.search(r"add a rule to it: (1 rule|\d+ rules)\b", out)
    assert code == 0, out
    told = verdicts(out)
    assert {told[step] for step in ("launch", "wait until it runs", "find it in the list", "remove it")} == {"pass"}
    assert set(told.values()) == {"pass", "not possible"}
    for step in AROUND:
        assert told[step] == "pass", step
    assert re.search(r"delete the place: .*it is in the list no more", out)
    assert alive(remote) == []
    assert len(remote.instances) == 1
    networks = [*remote.vpcs.values(), *remote.subnets.values()]
    assert [one.id for one in networks if one.account not in remote.accounts.by_id] == []
    assert (used(lab), drift(lab)) == (0, {})


def test_one_with_a_root_volume_is_chosen_turned_off_and_on_and_its_volume_goes_with_it(remote, check):
    out, _report, _code = check("--launch")
    assert (verdicts(out)["turn it off"], verdicts(out)["turn it on"]) == ("pass", "pass")
    assert alive(remote) == []
    assert {one.state for one in remote.volumes.values()} == {"deleted"}


def test_a_password_is_asked_for_and_that_only_windows_makes_one_is_no_failure(remote, check):
    out, report, code = check("--launch")
    assert (verdicts(out)["read its password"], code) == ("not possible", 0)
    assert "not possible: read its password (there is none yet: only Windows makes one" in report
    assert len(remote.asked("GetPasswordData")) == 1


def test_why_it_is_not_turned_off_is_said_also_in_the_report(remote, check):
    out, report, code = check("--launch", "--image", "Debian 12 cloud")
    assert (verdicts(out)["turn it off"], verdicts(out)["turn it on"], code) == ("not possible", "not possible", 0)
    why = "its disk is there only as long as it runs: the image that was named has no root volume (EBS)"
    assert f"turn it off: {why}" in out
    assert f"not possible: turn it off ({why})" in report
    for image in [one for one in remote.images.values() if one.root == "ebs"]:
        image.state = "deregistered"
    assert "this cloud has no image with a root volume (EBS) that fits" in check("--launch")[0]


# --- what is made around it --------------------------------------------------------------


def things(remote):
    """All that people could find there."""
    return {
        "accounts": {one.name for one in remote.accounts.by_id.values()},
        "groups": {one.name for one in remote.groups.values()},
        "addresses": {one.ip for one in remote.addresses.values()},
        "key pairs": {name for _account, name in remote.key_pairs},
        "instances": set(alive(remote)),
        "volumes": {one.id for one in remote.volumes.values() if one.state != "deleted"},
    }


@pytest.mark.parametrize("remote", EVERY, indirect=True, ids=["-".join(one.values()) for one in EVERY])
def test_nothing_that_was_made_around_it_is_left(remote, check):
    before, asked = things(remote), len(remote.requests)
    _out, report, _code = check("--launch")
    assert things(remote) == before
    assert {one.action for one in remote.requests[asked:]} >= MADE
    assert "left there, to be removed by hand: nothing" in report


@pytest.mark.parametrize("fault", ["unavailable", "lost"])
@pytest.mark.parametrize("action", sorted(MADE - {"RunInstances", "AllocateAddress"}))
def test_whichever_step_fails_nothing_is_left(remote, check, action, fault):
    before = things(remote)
    remote.faults.next(fault, action)
    out, _report, code = check("--launch")
    assert things(remote) == before
    assert "left there" not in out
    assert code == ("fail" in verdicts(out).values())


@pytest.mark.parametrize("action", ["DeleteSecurityGroup", "ReleaseAddress", "DeleteKeyPair", "DeleteAccount"])
def test_a_cloud_that_is_away_for_a_moment_keeps_nothing(remote, check, action):
    before = things(remote)
    remote.faults.next("unavailable", action, times=2)
    out, _report, code = check("--launch")
    assert (things(remote), code) == (before, 0), out


def test_an_address_that_nobody_can_tell_whose_it_is_is_named(remote, check):
    remote.faults.next("lost", "AllocateAddress")
    out, report, code = check("--launch")
    (address,) = remote.addresses
    assert code == 1
    assert f"fail          release the floating IP: perhaps one of {address}" in out
    assert "left there: floating IP" in out
    assert "left there, to be removed by hand: floating IP" in report


@pytest.mark.parametrize(
    ("action", "what"),
    [
        ("DeleteSecurityGroup", "security group sg-"),
        ("ReleaseAddress", "floating IP "),
        ("DeleteKeyPair", "key pair skydeck-"),
        ("DeleteAccount", "place "),
    ],
)
def test_what_cannot_be_removed_is_named_with_its_id_at_the_end(remote, check, action, what):
    before = things(remote)
    remote.faults.next("internal", action, times=9)
    out, report, code = check("--launch")
    (line,) = [line for line in out.splitlines() if line.startswith("left there")]
    assert line.startswith(f"left there: {what}")
    assert line.endswith(": remove it by hand")
    assert code == 1
    (left,) = {name for kind, names in things(remote).items() for name in names - before[kind]}
    assert left in line
    assert left not in report


@pytest.mark.parametrize("step", [(GroupTrial, "add_rule"), (AddressTrial, "give"), (PlaceTrial, "_enter")])
def test_stopped_by_hand_at_any_step_it_removes_what_it_made_and_says_so(remote, check, monkeypatch, capsys, step):
    def interrupted(self):
        raise KeyboardInterrupt

    before = things(remote)
    monkeypatch.setattr(*step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        check("--launch")
    assert things(remote) == before
    out = capsys.readouterr().out
    assert "Stopped before its end." in out
    assert "left there" not in out


def test_stopped_once_more_while_it_removes_it_names_what_it_did_not_come_to(remote, check, monkeypatch, capsys):
    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(AddressTrial, "give", interrupted)
    monkeypatch.setattr(AddressTrial, "_release", interrupted)
    with pytest.raises(KeyboardInterrupt):
        check("--launch")
    out = capsys.readouterr().out
    for what in ("instance i-", "security group sg-", "key pair skydeck-", "floating IP eipalloc-"):
        assert f"left there: {what}" in out
    assert next(iter(remote.addresses)) in out


def test_a_key_is_made_and_ended_in_the_new_place_and_its_secret_is_nowhere(remote, check, monkeypatch):
    made, real = [], EucalyptusAccess.issue
    monkeypatch.setattr(EucalyptusAccess, "issue", lambda *a, **k: made.append(real(*a, **k)) or made[-1])
    out, report, code = check("--launch")
    (issued,) = made
    steps = list(verdicts(out))
    ordered = ["make a place", "enter it", "make a key for one's own tools", "end the key", "delete the place"]
    assert [step for step in steps if step in ordered] == ordered
    assert (code, issued.id in remote.accounts.keys) == (0, False)
    assert [text for text in issued.secret.values() if text in out + report] == []


def test_a_key_that_cannot_be_ended_is_named(remote, check, monkeypatch):
    def away(self, place_id, *, person, mark):
        raise Unavailable("gone")

    monkeypatch.setattr(EucalyptusAccess, "revoke", away)
    out, _report, code = check("--launch")
    assert (verdicts(out)["end the key"], code) == ("fail", 1)
    assert "left there: access key" in out


@pytest.mark.parametrize("remote", EVERY, indirect=True, ids=["-".join(one.values()) for one in EVERY])
def test_the_report_names_release_and_networks(remote, check):
    _out, report, _code = check()
    assert f"release: {remote.release}\nnetworks: {remote.mode.upper()}\n" in report


def test_with_a_key_that_makes_no_accounts_it_makes_none(remote, cloud, account, check):
    key = remote.add_account("others")
    cloud.settings = {**cloud.settings, "access_key": key.id, "enters_by": "key"}
    cloud.sealed = seal({"secret_key": key.secret})
    cloud.save()
    out, _report, _code = check("--launch")
    assert (verdicts(out)["list places"], verdicts(out)["make a place"]) == ("not possible", "not possible")
    assert "make a place: the cloud's own key may not do that" in out


def test_each_call_that_was_answered_is_there_by_its_id(check):
    out, report, _code = check("--launch")
    launch = out[out.index("pass          launch") :]
    ids = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", launch.splitlines()[1])
    assert ids
    assert ids[-1] in report


@pytest.mark.parametrize(
    ("fault", "action"),
    [
        ("lost", "RunInstances"),
        ("capacity", "RunInstances"),
        ("page", "DescribeInstances"),
        ("internal", "GetConsoleOutput"),
        ("unavailable", "TerminateInstances"),
        ("lost", "TerminateInstances"),
    ],
)
def test_whatever_fails_it_says_so_and_leaves_nothing(remote, check, lab, fault, action):
    times = 3 if action.startswith(("Describe", "Get")) else 1  # a read is asked three times
    remote.faults.next(fault, action, times=times, after=2 if action.startswith("Describe") else 0)
    out, _report, code = check("--launch")
    assert alive(remote) == []
    assert verdicts(out)["remove it"] == "pass" or not remote.instances
    assert (code == 1) == (action != "TerminateInstances")
    assert (used(lab), drift(lab)) == (0, {})


def test_stopped_by_hand_in_the_middle_it_removes_what_it_launched(remote, check, monkeypatch):
    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(trial.Trial, "_find", interrupted)
    with pytest.raises(KeyboardInterrupt):
        check("--launch")
    assert len(remote.instances) == 1
    assert alive(remote) == []


def test_what_a_sync_saw_of_it_meanwhile_is_closed_with_its_quota(remote, check, account, lab, monkeypatch):
    real = trial.Trial._find

    def seen(self):
        assert inventory.sync_account(account.pk)
        assert used(lab) == 1
        return real(self)

    monkeypatch.setattr(trial.Trial, "_find", seen)
    out, _report, _code = check("--launch")
    assert verdicts(out)["find it in the list"] == "pass"
    assert (Instance.objects.present().count(), used(lab), drift(lab)) == (0, 0, {})


def test_nothing_else_of_the_tenant_is_touched(remote, check):
    there = remote.outside.add_instances(3, "lab-account")
    check("--launch")
    assert alive(remote) == there


def test_without_a_place_it_says_what_is_missing(remote, check, account):
    CloudAccount.objects.update(sealed="")
    out, _report, code = check("--launch")
    assert (verdicts(out)["enter a place"], code, remote.asked("RunInstances")) == ("not possible", 0, [])


def test_a_tenant_that_has_no_place_there_is_no_tenant_of_it(check):
    with pytest.raises(CommandError, match="charlie has no place"):
        check("--tenant", "charlie")


# --- what the report keeps to itself ------------------------------------------------------------


def canaries(remote, account):
    keys = [text for key in remote.accounts.keys.values() for text in (key.id, key.secret, key.token) if text]
    ids = [one.id for one in remote.accounts.by_id.values()] + [
        user.id for one in remote.accounts.by_id.values() for user in one.users.values()
    ]
    things = [*remote.instances, *remote.images, *remote.groups, *remote.subnets, *remote.zones]
    names = ["lab-account", "euca\n", "lab", "127.0.0.1", "localhost", str(remote.port), "canary", "203.0.113."]
    addresses = [one.private_ip for one in remote.instances.values()]
    return keys + ids + things + names + addresses + [str(account.pk), str(account.tenant_id), str(account.cloud_id)]


@pytest.mark.parametrize("fault", [None, "page", "cut", "internal", "capacity"])
def test_the_report_holds_no_key_no_account_no_name_and_no_address(remote, check, account, fault):
    for name, instance_id in enumerate(remote.outside.add_instances(3, "lab-account")):
        remote.tags[account.remote_id, instance_id] = {"Name": f"canary-{name}"}
    for action in ("RunInstances", "DescribeImages", "DescribeAddresses") if fault else ():
        remote.faults.next(fault, action, times=3)
    _out, report, _code = check("--launch")
    assert [text for text in canaries(remote, account) if text in report] == []
    assert "list instances" in report


@pytest.mark.parametrize("spoil", ["secret", "endpoint"])
def test_the_report_of_a_connection_that_fails_does_not_either(remote, check, account, cloud, spoil):
    if spoil == "secret":
        remote.root_key.secret, old = "another-canary", remote.root_key.secret
    else:
        cloud.settings, old = {**cloud.settings, "endpoint": "http://canary.invalid:8773"}, "canary.invalid"
        cloud.save()
    out, report, code = check()
    assert code == 1
    assert "BAD" in out
    assert [text for text in [*canaries(remote, account), old] if text in report] == []
    assert "- bad: " in report


def test_a_report_that_cannot_be_written_is_said_before_anything_is_asked(remote, account, tmp_path):
    asked = len(remote.requests)
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("cloud", "check", "euca", "--report", str(tmp_path / "nowhere" / "report.md"))
    assert len(remote.requests) == asked

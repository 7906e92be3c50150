"""One line for each part, also when nothing is as it should be."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.clouds.models import Cloud
from dashboard.operations.models import Heartbeat
from dashboard.setup.doctor import ground, running
from dashboard.setup.doctor.findings import Finding
from dashboard.setup.environment import ROOT
from tests.conftest import make_user


def doctor(home, **environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py doctor` as somebody types it."""
    ours = {"PATH": os.environ["PATH"], "SKYDECK_NO_BOOTSTRAP": "1", "SKYDECK_HOME": str(home)}
    command = [sys.executable, "manage.py", "doctor"]
    return subprocess.run(command, cwd=ROOT, env={**ours, **environment}, capture_output=True, text=True, check=False)


def line_of(part: str, ended: subprocess.CompletedProcess[str]) -> str:
    return next(line for line in ended.stdout.splitlines() if line[7:].startswith(part))


def test_a_fresh_checkout_is_told_to_go_up(tmp_path):
    ended = doctor(tmp_path)
    assert ended.returncode == 1
    assert line_of("Database", ended).startswith("ok")
    assert line_of("Migrations", ended).endswith("->  python3 manage.py migrate")
    assert line_of("Worker", ended).endswith("->  python3 manage.py up")


def test_it_works_without_any_package(tmp_path):
    """As the first command in a fresh checkout, where there is no Django."""
    code = "import sys; sys.path.insert(0, '.'); from dashboard.setup.doctor import examine; sys.exit(examine.main([]))"
    environment = {"SKYDECK_NO_BOOTSTRAP": "1", "SKYDECK_HOME": str(tmp_path)}
    command = [sys.executable, "-S", "-c", code]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "No module named 'django'  ->  python3 manage.py up" in line_of("Settings", ended)


def test_settings_that_cannot_be_loaded_are_one_line(tmp_path):
    ended = doctor(tmp_path, SKYDECK_PORT="eighty")
    assert ended.returncode == 1
    assert "SKYDECK_PORT has to be a number; it is 'eighty'" in line_of("Settings", ended)
    assert "Traceback" not in ended.stdout + ended.stderr


def test_a_database_that_cannot_be_opened_is_said_once_and_stops_nothing(tmp_path):
    ended = doctor(tmp_path, SKYDECK_DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/db")
    assert "unable to open database file  ->  start the database" in line_of("Database", ended)
    assert "cannot be looked at without the database" in line_of("Worker", ended)
    assert line_of("Broker", ended).startswith("ok")


def test_a_broker_that_is_not_there_is_said(tmp_path):
    ended = doctor(tmp_path, SKYDECK_BROKER_URL="redis://127.0.0.1:9")
    assert line_of("Broker", ended).endswith("->  start the broker, or correct SKYDECK_BROKER_URL")


def test_there_is_no_colour_outside_a_terminal(tmp_path):
    assert "\033" not in doctor(tmp_path).stdout


def test_a_finding_is_one_line_with_its_mend():
    wrong = Finding("Clock", "an hour late", "set it")
    assert wrong.line(colour=False) == "wrong  Clock             an hour late  ->  set it"
    assert wrong.line(colour=True).startswith("\033[31mwrong\033[0m  Clock")
    assert Finding("Clock", "right").line(colour=True).startswith("\033[32mok\033[0m     Clock")


@pytest.mark.parametrize(("age_s", "is_wrong"), [(5, False), (31, True)])
def test_a_worker_that_is_silent_for_half_a_minute_is_wrong(db, age_s, is_wrong):
    Heartbeat.objects.create(name="worker", at=timezone.now() - timedelta(seconds=age_s))
    assert running.worker().is_wrong == is_wrong


def test_a_worker_that_never_spoke_is_wrong(db):
    assert running.worker().text == "no heartbeat was ever seen"


def test_a_cloud_that_answers_is_fine_and_a_fake_one_is_called_so(cloud):
    (found,) = running.clouds()
    assert not found.is_wrong
    assert "pretended" in found.text


def test_each_cloud_that_does_not_answer_is_named(db, tmp_path):
    Cloud.objects.create(name="gone", kind="fake", settings={"path": str(tmp_path / "no/such/folder/cloud")})
    (found,) = running.clouds()
    assert found.is_wrong
    assert found.part == "Cloud gone"


def test_the_databases_clock_is_compared(db):
    assert not running.clock().is_wrong


def test_too_little_room_on_the_disk_is_wrong(tmp_path, monkeypatch):
    monkeypatch.setattr(ground, "LEAST_FREE_GIB", 1_000_000)
    (found,) = ground.disk(tmp_path / "var")
    assert found.is_wrong
    assert "SKYDECK_HOME" in found.mend


def test_it_is_said_when_no_administrator_can_be_mailed(db, settings):
    assert running.administrators().is_wrong
    admin = make_user("root", is_superuser=True)
    assert not running.administrators().is_wrong
    User.objects.filter(pk=admin.pk).update(email="")
    found = running.administrators()
    assert "no administrator has an e-mail address" in found.text
    assert not found.is_wrong, "no mail leaves at all"
    settings.MAIL_URL = settings.MAIL_URL._replace(scheme="smtp")
    assert running.administrators().is_wrong

"""The operator's list on a real libvirt, with a guest that boots."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from dashboard.clouds.models import Cloud
from dashboard.instances.models import Flavor

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.django_db]


def test_a_guest_lives_and_nothing_of_it_is_left(real_settings, real_driver, capsys, tmp_path, monkeypatch, settings):
    settings.STOP_GRACE_S = 20  # it need not have booted by then
    cloud = Cloud.objects.create(name="host", kind="libvirt", settings=real_settings)
    Flavor.objects.create(cloud=cloud, name="tiny", vcpus=1, ram_mib=192, disk_gib=1)
    before = {remote.id for remote in real_driver.compute.list()}
    call_command("cloud", "check", "host", "--launch", "--within", "120", "--report", str(tmp_path / "report.md"))
    out = capsys.readouterr().out
    assert "fail  " not in out
    steps = ("launch", "find it in the list", "read its console", "tag it", "turn it off", "turn it on", "remove it")
    for step in steps:
        assert f"pass          {step}: " in out, step
    assert {remote.id for remote in real_driver.compute.list()} == before
    assert str(real_settings["pool"]) not in (tmp_path / "report.md").read_text()

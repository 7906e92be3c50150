from __future__ import annotations

import pytest

from dashboard.clouds.drivers.libvirt.driver import features_of
from dashboard.clouds.interface import Feature


@pytest.mark.parametrize(
    ("uri", "has_screens"),
    [
        ("qemu:///system", True),
        ("qemu:///session?socket=/srv/cloud/libvirt-sock", True),
        ("qemu+unix:///system", True),
        ("qemu+ssh://root@kvm1/system", False),
        ("qemu+tls://kvm1/system", False),
        ("qemu+ssh:///system", False),
    ],
)
def test_only_a_local_libvirt_has_screens(uri, has_screens):
    assert (Feature.CONSOLE_VNC in features_of(uri)) is has_screens
    assert Feature.CONSOLE_SERIAL in features_of(uri)


def test_libvirts_test_driver_has_no_consoles_and_tells_no_use():
    features = features_of("test:///default")
    assert not features & {Feature.CONSOLE_VNC, Feature.CONSOLE_SERIAL, Feature.CONSOLE_LOG, Feature.METRICS}
    assert Feature.START_STOP in features

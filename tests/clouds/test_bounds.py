"""What a cloud does not take: known to pages without a driver, and the same as the driver refuses by."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.clouds import registry
from dashboard.clouds.drivers.eucalyptus.driver import EucalyptusDriver
from dashboard.clouds.drivers.fake.driver import FakeDriver
from dashboard.clouds.drivers.libvirt.driver import LibvirtDriver
from dashboard.clouds.drivers.openstack.driver import OpenStackDriver
from dashboard.clouds.interface import Bounds

DRIVERS = {
    "eucalyptus": EucalyptusDriver,
    "openstack": OpenStackDriver,
    "libvirt": LibvirtDriver,
    "fake": FakeDriver,
}
ACCOUNTS = registry.bounds("eucalyptus")


@pytest.mark.parametrize("kind", registry.KINDS)
def test_pages_and_drivers_have_the_same(kind):
    assert registry.bounds(kind) == DRIVERS[kind].bounds


def test_a_key_is_of_a_type_by_its_whole_first_word():
    bounds = Bounds(key_types=("ssh-rsa",))
    taken = {
        key: bounds.takes_key(key) for key in ("ssh-rsa AAAA me", "ssh-rsa2 AAAA", "ssh-ed25519 AAAA", "", "ssh-rsa")
    }
    assert [key for key, is_taken in taken.items() if is_taken] == ["ssh-rsa AAAA me"]
    assert Bounds().takes_key("ssh-ed25519 AAAA")


@pytest.mark.parametrize(
    ("key", "reserved"),
    [
        ("aws:x", "aws:"),
        ("euca:", "euca:"),
        ("skydeck:x", "skydeck:"),
        ("Name", "Name"),
        ("Names", ""),
        ("my-aws:", ""),
    ],
)
def test_it_says_what_of_a_tag_is_reserved(key, reserved):
    assert ACCOUNTS.reserves(key) == reserved


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("lab", "lab"),
        ("lab-", "lab-"),
        ("Research & Development", "research-development"),
        ("a--b", "a-b"),
        ("123456789012", "account-123456789012"),
        ("ü", "account"),
        ("", "account"),
        ("x" * 62 + "-y", "x" * 62),
    ],
)
def test_the_nearest_name_of_an_account(wanted, name):
    assert ACCOUNTS.place_name(wanted) == name


@given(st.text(max_size=80))
@example("-" * 64)
@example("9" * 12 + "!")
def test_the_nearest_name_is_one_that_will_do(wanted):
    name = ACCOUNTS.place_name(wanted)
    assert ACCOUNTS.place_name(name) == name
    assert 0 < len(name) <= 63

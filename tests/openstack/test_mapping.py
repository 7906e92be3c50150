"""Nova's and Glance's words into ours, table by table. No cloud is asked."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dashboard.clouds.drivers.openstack.history import Clock
from dashboard.clouds.drivers.openstack.keypairs import name_of
from dashboard.clouds.drivers.openstack.launch import request_of
from dashboard.clouds.drivers.openstack.mapping import STATUSES, to_image, to_instance
from dashboard.clouds.interface import LaunchSpec, Mark, NetworkChoice, Reason, Refused, Status

SERVER = {
    "id": "s-1",
    "name": "<b>web</b>",
    "status": "ACTIVE",
    "created": "2026-11-22T21:39:51Z",
    "OS-EXT-STS:vm_state": "active",
    "OS-EXT-STS:task_state": None,
    "OS-EXT-AZ:availability_zone": "nova",
    "addresses": {
        "own": [
            {"addr": "203.0.113.9", "version": 4, "OS-EXT-IPS:type": "floating"},
            {"addr": "10.0.0.5", "version": 4, "OS-EXT-IPS:type": "fixed"},
        ]
    },
    "flavor": {"vcpus": 1, "ram": 64, "disk": 1, "ephemeral": 2, "swap": 0, "original_name": "m1.nano"},
    "image": {"id": "i-1"},
    "key_name": None,
    "locked": False,
    "description": None,
    "metadata": {"skydeck_instance": "ours", "skydeck_tenant": "t", "skydeck_operation": "o", "role": "web"},
    "tags": ["web", "skydeck-ours"],
    "os-extended-volumes:volumes_attached": [{"id": "v-1"}],
}
IMAGE = {
    "id": "i-1",
    "name": None,
    "min_disk": 0,
    "min_ram": 192,
    "size": 10,
    "virtual_size": None,
    "visibility": "private",
    "owner": "p",
}
SPEC = LaunchSpec(
    instance_id="ours",
    tenant_id="t",
    operation_id="o",
    name="web",
    image_id="i-1",
    vcpus=1,
    ram_mib=64,
    disk_gib=1,
    flavor_id="f-1",
)


@pytest.mark.parametrize(("state", "status"), STATUSES.items())
def test_every_state_of_novas_has_a_status(state, status):
    assert to_instance({**SERVER, "OS-EXT-STS:vm_state": state}).status is status


@pytest.mark.parametrize(
    ("word", "state", "status"),
    [
        ("ACTIVE", "dreaming", Status.UNKNOWN),
        ("DREAMING", None, Status.UNKNOWN),
        ("UNKNOWN", None, Status.UNKNOWN),
        ("REBOOT", None, Status.UNKNOWN),
        ("RESIZE", None, Status.UNKNOWN),
        ("VERIFY_RESIZE", None, Status.RESIZED),
        ("REBOOT", "active", Status.ACTIVE),
        ("DELETED", "error", Status.DELETED),
        ("SOFT_DELETED", "soft-delete", Status.DELETED),
    ],
)
def test_an_unknown_word_is_unknown_and_what_is_deleted_is_deleted(word, state, status):
    assert to_instance({**SERVER, "status": word, "OS-EXT-STS:vm_state": state}).status is status


def test_a_server_is_told_whole():
    instance = to_instance(SERVER)
    assert instance.mark == Mark(instance_id="ours", tenant_id="t", operation_id="o")
    assert (instance.metadata, instance.tags) == ({"role": "web"}, ("web",))
    assert instance.addresses == ("10.0.0.5", "203.0.113.9")
    assert (instance.disk_gib, instance.volume_ids, instance.flavor_name) == (3, ("v-1",), "m1.nano")
    assert instance.created_at == datetime(2026, 11, 22, 21, 39, 51, tzinfo=UTC)


def test_a_server_from_a_volume_has_no_image():
    assert to_instance({**SERVER, "image": ""}).image_id == ""


def test_what_failed_says_why_and_what_is_under_way_is_named():
    fault = {"code": 500, "message": "No valid host was found. ", "created": "2026-11-22T21:39:51Z"}
    instance = to_instance({**SERVER, "fault": fault, "OS-EXT-STS:task_state": "spawning"})
    assert (instance.fault, instance.task) == ("No valid host was found. ", "spawning")


def test_a_server_of_a_cell_that_is_down_is_partial():
    row = {"id": "s-1", "status": "UNKNOWN", "created": "2026-11-22T21:39:51Z", "tenant_id": "p", "links": []}
    instance = to_instance(row)
    assert (instance.id, instance.is_partial, instance.status) == ("s-1", True, Status.UNKNOWN)


@pytest.mark.parametrize(
    ("sizes", "min_disk_gib"),
    [
        ({"min_disk": 0, "size": 10, "virtual_size": None}, 1),
        ({"min_disk": 3, "size": 10, "virtual_size": 1 << 30}, 3),
        ({"min_disk": 1, "size": 10, "virtual_size": (2 << 30) + 1}, 3),
        ({"min_disk": 0, "size": None, "virtual_size": None}, 0),
    ],
)
def test_an_images_disk_is_rounded_up(sizes, min_disk_gib):
    assert to_image({**IMAGE, **sizes}).min_disk_gib == min_disk_gib


@pytest.mark.parametrize(
    ("said", "is_windows"),
    [
        ({}, None),
        ({"os_type": "windows"}, True),
        ({"os_type": "Linux"}, False),
        ({"os_distro": "windows"}, True),
        ({"os_distro": "debian"}, False),
        ({"os_type": "linux", "os_distro": "windows"}, False),
        ({"os_type": ""}, None),
    ],
)
def test_whether_an_image_is_windows_is_said_by_its_properties_or_not_at_all(said, is_windows):
    assert to_image({**IMAGE, **said}).is_windows is is_windows


def test_how_to_log_in_is_glances_own_word_for_it():
    assert to_image({**IMAGE, "os_admin_user": "debian", "description": "A Debian"}).login_hint == "debian"
    assert to_image({**IMAGE, "description": "A Debian"}).login_hint == "A Debian"


# --- what we ask for


def test_a_launch_carries_our_mark_and_its_tag():
    server = request_of(SPEC, key_name="", has_networks=True)["server"]
    assert server["metadata"] == {"skydeck_instance": "ours", "skydeck_tenant": "t", "skydeck_operation": "o"}
    assert server["tags"] == ["skydeck-ours"]
    assert server["networks"] == "auto"


def test_user_data_are_sent_as_base64_and_a_description_as_it_is():
    spec = replace(SPEC, user_data="#cloud-config\n# naïve\n", description="Front end")
    server = request_of(spec, key_name="", has_networks=True)["server"]
    assert base64.b64decode(server["user_data"]).decode() == spec.user_data
    assert server["description"] == "Front end"


@pytest.mark.parametrize(("size", "is_taken"), [(49_149, True), (49_150, False), (1 << 20, False)])
def test_more_user_data_than_nova_takes_are_refused_in_words(size, is_taken):
    spec = replace(SPEC, user_data="#" * size)
    if is_taken:
        assert request_of(spec, key_name="", has_networks=True)["server"]["user_data"]
        return
    with pytest.raises(Refused, match="Nova takes 49149") as refused:
        request_of(spec, key_name="", has_networks=True)
    assert refused.value.reason is Reason.INVALID


def test_without_neutron_no_network_is_asked_for():
    assert request_of(SPEC, key_name="", has_networks=False)["server"]["networks"] == "none"


def test_networks_are_those_that_were_chosen():
    choices = (NetworkChoice(network_id="n-1", fixed_address="10.0.0.5"), NetworkChoice(network_id="n-2"))
    spec = LaunchSpec(**{name: getattr(SPEC, name) for name in SPEC.__slots__} | {"networks": choices})
    networks = request_of(spec, key_name="", has_networks=True)["server"]["networks"]
    assert networks == [{"uuid": "n-1", "fixed_ip": "10.0.0.5"}, {"uuid": "n-2"}]


def test_one_key_has_one_name_whatever_its_comment():
    assert name_of("ssh-ed25519 AAAA alice@here") == name_of("ssh-ed25519 AAAA\n")
    assert name_of("ssh-ed25519 AAAA") != name_of("ssh-ed25519 BBBB")


# --- the cursor


def test_the_cursor_is_the_clouds_clock_before_it_was_asked_and_some_more():
    clock = Clock()
    clock.asked_at -= 10  # the answer took that long
    clock.read({"Date": "Sun, 22 Nov 2026 21:00:30 GMT"})
    clock.read({"Date": "Sun, 22 Nov 2026 21:00:50 GMT"})  # the second page's does not count
    assert clock.cursor in ("2026-11-22T21:00:04Z", "2026-11-22T21:00:05Z")

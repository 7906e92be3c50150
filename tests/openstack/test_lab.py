"""The lab is an OpenStack: each service does what only the real one does."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from kombu import Connection as Broker
from kombu import Exchange, Queue
from openstack.exceptions import ForbiddenException, ResourceFailure
from websockets.sync.client import connect

from tests.web import wait_until

from . import own_project
from .lab import clouds as lab_clouds
from .lab.place import FAKE_HOSTS, LIBVIRT_HOST

pytestmark = pytest.mark.openstack
BOOT_S = 180


@pytest.fixture(scope="module")
def project(openstack_lab, admin_cloud):
    """One for all of them: to make and to empty one takes seconds."""
    with own_project.fresh(admin_cloud, auth_url=openstack_lab.auth_url) as project:
        yield project


@pytest.fixture
def connection(project):
    with project.connection() as connection:
        yield connection


def launch(connection, network, *, image="tiny", flavor="m1.nano", name="one"):
    found = connection.compute.find_flavor(flavor), connection.image.find_image(image)
    server = connection.compute.create_server(
        name=name, flavor_id=found[0].id, image_id=found[1].id, networks=[{"uuid": network}]
    )
    return connection.compute.wait_for_server(server, interval=0.5, wait=120)


def read_until(socket, wanted, *, limit_s=60):
    """What a console says, up to the wanted words."""
    said, end = b"", time.monotonic() + limit_s
    while wanted not in said:
        said += socket.recv(timeout=max(end - time.monotonic(), 0.1))
    return said


def test_every_compute_host_is_up(admin_cloud):
    services = [each for each in admin_cloud.compute.services() if each.binary == "nova-compute"]
    assert {each.host: each.state for each in services} == dict.fromkeys((*FAKE_HOSTS, LIBVIRT_HOST), "up")


def test_every_service_lists_what_it_has(connection):
    assert {"m1.tiny", "real.demo"} <= {each.name for each in connection.compute.flavors()}
    assert {"tiny", "demo"} <= {each.name for each in connection.image.images()}
    assert "public" in {each.name for each in connection.network.networks()}
    assert "lab" in {each.name for each in connection.block_storage.types()}


def test_placement_knows_each_host(admin_cloud):
    providers = {each.name for each in admin_cloud.placement.resource_providers()}
    assert providers == {each.name for each in admin_cloud.compute.hypervisors()}
    assert len(providers) == len(FAKE_HOSTS) + 1


def test_an_object_comes_back_from_swift(connection):
    connection.object_store.create_container("box")
    connection.object_store.upload_object("box", "a", data=b"content")
    assert connection.object_store.download_object("a", "box") == b"content"
    connection.object_store.delete_object("a", container="box")
    connection.object_store.delete_container("box")


def test_a_volume_is_made(connection):
    volume = connection.block_storage.create_volume(size=1, name="disk")
    assert connection.block_storage.wait_for_status(volume, status="available", wait=60).size == 1


def test_a_fake_server_becomes_active_with_an_address(connection, project):
    server = launch(connection, project.network())
    assert server.status == "ACTIVE"
    assert server.addresses["own"][0]["addr"].startswith("10.77.0.")
    (port,) = connection.network.ports(device_id=server.id)
    assert port.status == "ACTIVE"


def test_a_floating_ip_becomes_active(connection, project, admin_cloud):
    server = launch(connection, project.network())
    (port,) = connection.network.ports(device_id=server.id)
    public = connection.network.find_network("public")
    address = connection.network.create_ip(floating_network_id=public.id, port_id=port.id)
    end = time.monotonic() + 30
    while connection.network.get_ip(address.id).status != "ACTIVE":
        assert time.monotonic() < end
        time.sleep(0.5)


def test_a_flavor_that_fits_nowhere_has_no_valid_host(connection, project, admin_cloud):
    huge = admin_cloud.compute.create_flavor(name=f"huge-{project.name}", vcpus=1, ram=4_000_000, disk=1)
    admin_cloud.compute.update_quota_set(project.id, ram=-1)
    with pytest.raises(ResourceFailure):
        launch(connection, project.network(), flavor=huge.name, name="huge")
    admin_cloud.compute.delete_flavor(huge)
    (server,) = connection.compute.servers(name="huge")
    # Nova notes first that it failed, and then why
    wait_until(lambda: connection.compute.get_server(server).fault, within_s=20)
    assert "No valid host" in connection.compute.get_server(server).fault["message"]


def test_a_reader_may_look_and_not_launch(openstack_lab):
    with lab_clouds.connect(openstack_lab, "lab-reader") as rita:
        assert isinstance(list(rita.compute.servers()), list)
        network = rita.network.find_network("private1")
        with pytest.raises(ForbiddenException, match="os_compute_api:servers:create"):
            launch(rita, network.id)


def test_nova_tells_of_a_server_over_rabbitmq(openstack_lab, connection, project):
    network, heard = project.network(), []
    told = Queue(
        "", Exchange("nova", "topic", passive=True), routing_key="versioned_notifications.info", exclusive=True
    )
    with (
        Broker(openstack_lab.messages("notifications", scheme="amqp")) as broker,
        broker.Consumer(told, callbacks=[lambda body, message: heard.append(str(body))], no_ack=True),
    ):
        server = launch(connection, network)
        while not any("instance.create.end" in each and server.id in each for each in heard):
            broker.drain_events(timeout=20)


@pytest.mark.slow
def test_the_demo_image_boots_and_lets_somebody_in(connection, project):
    server = launch(connection, project.network(), image="demo", flavor="real.demo", name="real-one")
    console = connection.compute.create_console(server, console_type="serial")
    with connect(console["url"], subprotocols=["binary"], compression=None) as socket:
        read_until(socket, b"real-one login: ", limit_s=BOOT_S)
        socket.send(b"demo\r")
        read_until(socket, b"assword: ")
        socket.send(b"demo\r")
        assert b"demo@real-one" in read_until(socket, b"demo@real-one")
    assert "login:" in connection.compute.get_server_console_output(server)["output"]


@pytest.mark.parametrize(("image", "flavor"), [("tiny", "m1.nano"), ("tiny", "real.tiny")])
def test_a_screen_speaks_vnc(connection, project, image, flavor):
    server = launch(connection, project.network(), image=image, flavor=flavor)
    url = urlsplit(connection.compute.create_console(server, console_type="novnc")["url"])
    (path,) = parse_qs(url.query)["path"]
    with connect(f"ws://{url.netloc}/{path}", subprotocols=["binary"], compression=None) as socket:
        assert socket.recv(timeout=20) == b"RFB 003.008\n"


def test_a_fake_server_has_a_serial_line(connection, project):
    server = launch(connection, project.network())
    url = connection.compute.create_console(server, console_type="serial")["url"]
    with connect(url, subprotocols=["binary"], compression=None) as socket:
        assert b"login: " in read_until(socket, b"login: ")

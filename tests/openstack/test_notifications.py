"""What Nova tells over RabbitMQ: recorded messages, hostile ones, and a real broker."""

from __future__ import annotations

import json
import secrets
import threading
import time
from contextlib import closing

import amqp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clouds.drivers.openstack.notifications import Notifications, broker_of, change_in
from dashboard.clouds.interface import AuthFailed, Change, Unavailable

from .broken_servers import closed_port, silent_server

SERVER, PROJECT = "178b0921-8f85-4257-88b6-2e743b5a975c", "6f70656e737461636b20342065766572"


def message(event="instance.create.end", **data):
    """As Nova 34 puts it onto the wire: the notification is a text within the envelope."""
    inner = {
        "event_type": event,
        "message_id": secrets.token_hex(16),
        "priority": "INFO",
        "publisher_id": "nova-compute:fake1",
        "timestamp": "2026-01-01 10:00:00.000000",
        "payload": {
            "nova_object.name": "InstanceActionPayload",
            "nova_object.namespace": "nova",
            "nova_object.version": "1.8",
            "nova_object.data": {"uuid": SERVER, "tenant_id": PROJECT, "state": "active", "host": "fake1"} | data,
        },
    }
    return {"oslo.version": "2.0", "oslo.message": json.dumps(inner)}


HEARD = ["create.end", "create.error", "delete.end", "update", "power_off.end", "resize_finish.end", "soft_delete.end"]


@pytest.mark.parametrize("event", HEARD)
def test_a_change_says_which_instance_and_where(event):
    change = change_in(json.dumps(message(f"instance.{event}")))
    assert change == Change(remote_id=SERVER, instance=None, place_id=PROJECT)


@pytest.mark.parametrize("event", ["instance.create.start", "instance.exists", "keypair.create.end", "service.update"])
def test_what_changes_no_instance_is_passed_over(event):
    assert change_in(json.dumps(message(event))) is None


HOSTILE = [
    b"",
    b"\xff\xfe",
    "[]",
    "1",
    '"x"',
    "{}",
    '{"oslo.message": 1}',
    '{"oslo.message": "[]"}',
    '{"oslo.message": "not json"}',
    "[" * 100_000,
    '{"oslo.message": "' + "x" * (2 << 20) + '"}',
    json.dumps(message(uuid="../../etc/passwd")),
    json.dumps(message(uuid=None)),
    json.dumps(message(tenant_id=["a"])),
    json.dumps(message(event=7)),
    json.dumps({"event_type": "instance.update", "payload": "x"}),
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_message_is_passed_over(body):
    assert change_in(body) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["oslo.message", "payload", "uuid", "x"]), inner),
)


@given(JSON)
def test_no_message_makes_it_fail(body):
    assert change_in(json.dumps(body)) is None


@pytest.mark.parametrize(
    ("url", "hosts", "user", "vhost"),
    [
        ("amqp://host", ("host:5672",), "guest", "/"),
        ("amqps://u:p@host/", ("host:5671",), "u", "/"),
        ("rabbit://u:p%40@host:1234/nova", ("host:1234",), "u", "nova"),
        ("rabbit://u:p@one:5672,u:p@two:5672/%2Fx", ("one:5672", "two:5672"), "u", "/x"),
        ("amqp://u:p@[::1]:5672/v", ("[::1]:5672",), "u", "v"),
    ],
)
def test_the_address_of_a_broker_is_read(url, hosts, user, vhost):
    broker = broker_of(url)
    assert (broker.hosts, broker.user, broker.vhost) == (hosts, user, vhost)
    assert (broker.exchange, broker.topic) == ("nova", "versioned_notifications")


def test_exchange_and_topic_can_be_named():
    broker = broker_of("amqp://host/v?exchange=cell1&topic=mine")
    assert (broker.exchange, broker.topic) == ("cell1", "mine")


@pytest.mark.parametrize("url", ["", "http://u:S3CR3T@host/", "S3CR3T"])
def test_what_is_no_broker_is_said_without_its_password(url):
    with pytest.raises(Unavailable) as raised:
        Notifications(url).changes(threading.Event())
    assert "S3CR3T" not in repr(raised.value)


def test_a_closed_port_is_told_at_once():
    with pytest.raises(Unavailable) as raised:
        Notifications(f"amqp://u:S3CR3T@127.0.0.1:{closed_port()}/").changes(threading.Event())
    assert "S3CR3T" not in repr(raised.value)


def test_a_broker_that_says_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr("dashboard.clouds.drivers.openstack.notifications.CONNECT_S", 0.5)
    monkeypatch.setattr("dashboard.clouds.drivers.openstack.notifications.HEARTBEAT_S", 1)
    began = time.monotonic()
    with silent_server() as port, pytest.raises(Unavailable):
        Notifications(f"amqp://u:p@127.0.0.1:{port}/").changes(threading.Event())
    assert time.monotonic() - began < 10


@pytest.fixture(scope="module")
def url(openstack_lab):
    return openstack_lab.messages("notifications", scheme="amqp")


@pytest.fixture(scope="module")
def exchange(url):
    """A topic exchange of our own, so that Nova's own messages do not come between; and a way to publish."""
    broker = broker_of(url)
    name = f"test-{secrets.token_hex(4)}"
    with closing(connected(broker)) as connection:
        channel = connection.channel()
        channel.exchange_declare(name, "topic", auto_delete=False)

        def publish(body):
            text = body if isinstance(body, bytes | str) else json.dumps(body)
            channel.basic_publish(amqp.Message(text), exchange=name, routing_key="versioned_notifications.info")

        yield f"{url}?exchange={name}", publish
        channel.exchange_delete(name)


@pytest.mark.openstack
class TestARealBroker:
    @pytest.fixture
    def stop(self):
        stop = threading.Event()
        yield stop
        stop.set()

    def test_a_change_is_heard_and_what_is_hostile_is_not(self, exchange, stop):
        url, publish = exchange
        changes = Notifications(url).changes(stop)
        for body in (b"\xff", "[]", message(uuid="x"), message("instance.delete.end")):
            publish(body)
        assert next(changes) == Change(remote_id=SERVER, instance=None, place_id=PROJECT)
        stop.set()
        assert list(changes) == []

    def test_what_was_said_before_the_first_look_is_heard(self, exchange, stop):
        url, publish = exchange
        changes = Notifications(url).changes(stop)
        for _ in range(50):
            publish(message())
        assert [next(changes).remote_id for _ in range(50)] == [SERVER] * 50
        changes.close()

    def test_it_ends_soon_when_it_is_told_to(self, exchange, stop):
        url, _ = exchange
        changes = Notifications(url).changes(stop)
        threading.Timer(0.3, stop.set).start()
        began = time.monotonic()
        assert list(changes) == []
        assert time.monotonic() - began < 3

    def test_its_queue_is_gone_when_it_stops_listening(self, exchange, url, stop):
        bound, publish = exchange
        changes = Notifications(bound).changes(stop)
        publish(message())
        next(changes)
        changes.close()
        with closing(connected(broker_of(url))) as connection:
            wait_until(lambda: not routes(connection, bound.partition("exchange=")[2]))

    def test_a_wrong_password_is_told(self, url):
        with pytest.raises((AuthFailed, Unavailable)) as raised:
            Notifications(url.replace("lab:", "lab:x")).changes(threading.Event())
        assert broker_of(url).password not in repr(raised.value)

    def test_an_exchange_that_is_missing_is_told(self, url):
        with pytest.raises(Unavailable, match="no exchange"):
            Notifications(f"{url}?exchange=nothing").changes(threading.Event())

    def test_a_connection_that_is_lost_is_told(self, exchange, stop, monkeypatch):
        url, _ = exchange
        listening = []
        real = amqp.Connection.connect
        monkeypatch.setattr(amqp.Connection, "connect", lambda self: (listening.append(self), real(self)))
        changes = Notifications(url).changes(stop)
        listening[0].sock.shutdown(2)
        with pytest.raises(Unavailable):
            next(changes)

    def test_nova_tells_of_a_server_that_comes_and_goes(self, url, stop, project):
        changes = Notifications(url).changes(stop)
        threading.Timer(120, stop.set).start()
        with project.connection() as cloud:
            flavor, image = cloud.compute.find_flavor("m1.nano"), cloud.image.find_image("tiny")
            network = [{"uuid": project.network()}]
            server = cloud.compute.create_server(name="told", flavor_id=flavor.id, image_id=image.id, networks=network)
            heard = next(change for change in changes if change.remote_id == server.id)
            assert heard.place_id == project.id
            cloud.compute.delete_server(server.id)
            assert next(change for change in changes if change.remote_id == server.id)
        stop.set()


def connected(broker):
    connection = amqp.Connection(
        host=broker.hosts[0], userid=broker.user, password=broker.password, virtual_host=broker.vhost
    )
    connection.connect()
    return connection


def routes(connection, exchange):
    """Whether a message to the exchange reaches anybody."""
    back = []
    with closing(connection.channel()) as channel:
        channel.events["basic_return"].add(lambda *args: back.append(args))
        channel.basic_publish(
            amqp.Message(json.dumps(message())),
            exchange=exchange,
            routing_key="versioned_notifications.info",
            mandatory=True,
        )
        try:
            connection.drain_events(timeout=0.5)
        except TimeoutError:
            return True
    return not back


def wait_until(holds, *, most_s=10):
    end = time.monotonic() + most_s
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)

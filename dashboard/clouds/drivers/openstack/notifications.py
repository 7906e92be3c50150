"""What Nova tells of by itself: its versioned notifications, over RabbitMQ.

Nova publishes them to a topic exchange (`nova`) with the routing key `versioned_notifications.info` or `.error`, when
its administrator asked for it:

    [notifications]                              [oslo_messaging_notifications]
    notification_format = versioned              driver = messagingv2
    notify_on_state_change = vm_and_task_state   transport_url = rabbit://...

We listen with a queue of our own that is gone with our connection and holds a bounded number of messages: nothing is
taken away from others that listen, and nothing piles up on the broker. What is told is taken as a hint and no more:
which instance, in which project. Whoever hears it asks Nova.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import amqp

from ...interface import AuthFailed, Change, Unavailable

EXCHANGE = "nova"
TOPIC = "versioned_notifications"
PORTS = {"amqp": 5672, "amqps": 5671, "rabbit": 5672}
"""`rabbit` is how OpenStack's own configuration files write it."""

CONNECT_S = 5.0
HEARTBEAT_S = 20
LOOK_S = 0.5
"""How soon a stop is seen."""

MOST_WAITING = 10_000
LONGEST_BODY = 1 << 20

ID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")
SILENT = (".start", ".exists")
"""What changes nothing yet, and what Nova says of every instance each hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """From an URL such as amqps://user:password@one,two:5671/vhost?exchange=nova&topic=versioned_notifications."""

    hosts: tuple[str, ...]
    user: str
    password: str = field(repr=False)
    vhost: str
    has_tls: bool
    exchange: str
    topic: str


def broker_of(url: str) -> Broker:
    """Raises ValueError, without the URL in it: it holds a password."""
    parts = urlsplit(url.strip())
    if parts.scheme not in PORTS or not parts.netloc:
        raise ValueError("an address of a broker begins with amqp:// or amqps://")
    places = parts.netloc.split(",")
    user, _, password = places[0].rpartition("@")[0].partition(":")
    options = parse_qs(parts.query)
    return Broker(
        hosts=tuple(_with_port(host, PORTS[parts.scheme]) for host in places),
        user=unquote(user) or "guest",
        password=unquote(password) or "guest",
        vhost=unquote(parts.path.removeprefix("/")) or "/",
        has_tls=parts.scheme == "amqps" or options.get("ssl") == ["1"],
        exchange=options.get("exchange", [EXCHANGE])[0],
        topic=options.get("topic", [TOPIC])[0],
    )


def _with_port(host: str, port: int) -> str:
    """Several hosts may each be written with a user of their own, of which the first one's is taken."""
    bare = host.rpartition("@")[2]
    return bare if re.search(r":\d+$", bare) else f"{bare}:{port}"


class Notifications:
    def __init__(self, url: str, *, ca_bundle: str = "") -> None:
        self._url = url
        self._ca_bundle = ca_bundle

    def changes(self, stop: threading.Event) -> Iterator[Change]:
        """From this call on, not from the first `next`. Raises Unavailable, also later, and AuthFailed."""
        try:
            broker = broker_of(self._url)
        except ValueError as error:
            raise Unavailable(str(error), source="rabbitmq") from None
        listener = Listener(broker, ca_bundle=self._ca_bundle)
        listener.open()
        return listener.hear(stop)


class Listener:
    """One connection to the broker, from `open` to the end of `hear`."""

    def __init__(self, broker: Broker, *, ca_bundle: str = "") -> None:
        self._broker = broker
        self._ca_bundle = ca_bundle
        self._heard: list[Change] = []
        self._connection: amqp.Connection | None = None

    def open(self) -> None:
        """On the first of the hosts that lets us in."""
        said: Exception = OSError("no host")
        for host in self._broker.hosts:
            try:
                self._connection = self._connect(host)
                self._bind(self._connection.channel())
                return
            except (amqp.AMQPError, OSError) as error:
                self._close()
                said = error
        raise _lost(said)

    def hear(self, stop: threading.Event) -> Iterator[Change]:
        try:
            while not stop.is_set():
                self._wait()
                yield from self._heard
                self._heard.clear()
        except (amqp.AMQPError, OSError) as error:
            raise _lost(error) from None
        finally:
            self._close()

    def _connect(self, host: str) -> amqp.Connection:
        broker = self._broker
        connection = amqp.Connection(
            host=host,
            userid=broker.user,
            password=broker.password,
            login_method="PLAIN",
            virtual_host=broker.vhost,
            ssl=self._tls(host) if broker.has_tls else False,
            connect_timeout=CONNECT_S,
            read_timeout=HEARTBEAT_S,
            write_timeout=CONNECT_S,
            heartbeat=HEARTBEAT_S,
            client_properties={"product": "Skydeck"},
        )
        connection.connect()
        return connection

    def _tls(self, host: str) -> dict[str, Any]:
        name = host.rpartition(":")[0].strip("[]")
        return {"context": {"cadata": self._ca_bundle or None, "check_hostname": True}, "server_hostname": name}

    def _bind(self, channel: amqp.Channel) -> None:
        """Nova's exchange is only looked for: were we to make it, it might not be as Nova wants it."""
        channel.exchange_declare(self._broker.exchange, "topic", passive=True)
        bounded = {"x-max-length": MOST_WAITING, "x-overflow": "drop-head"}
        queue = channel.queue_declare(exclusive=True, auto_delete=True, arguments=bounded).queue
        channel.queue_bind(queue, self._broker.exchange, routing_key=f"{self._broker.topic}.*")
        channel.basic_consume(queue, no_ack=True, callback=self._note)

    def _note(self, message: Any) -> None:
        change = change_in(message.body)
        if change is not None:
            self._heard.append(change)

    def _wait(self) -> None:
        """For one message, a little while. Raises OSError or AMQPError once the broker is not heard any more."""
        assert self._connection is not None
        try:
            self._connection.drain_events(timeout=LOOK_S)
        except TimeoutError:
            self._connection.heartbeat_tick()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.collect()  # without a farewell: nothing is lost, and a dead broker would let us wait


def change_in(body: Any) -> Change | None:
    """The instance that a message is about; None for all that is not understood. Anybody might have written it."""
    try:
        envelope = _object(body)
        message = _object(envelope["oslo.message"]) if "oslo.message" in envelope else envelope
        event = message["event_type"]
        about = message["payload"]["nova_object.data"]
        remote_id, place_id = about["uuid"], about["tenant_id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(event, str) or not event.startswith("instance.") or event.endswith(SILENT):
        return None
    if not (_is_id(remote_id) and _is_id(place_id)):
        return None
    return Change(remote_id=remote_id, instance=None, place_id=place_id)


def _object(body: Any) -> Mapping[str, Any]:
    """Raises ValueError for what is no JSON object."""
    if isinstance(body, str | bytes | bytearray | memoryview):
        text = body.tobytes() if isinstance(body, memoryview) else body
        if len(text) > LONGEST_BODY:
            raise ValueError("too long")
        body = json.loads(text)
    if not isinstance(body, dict):
        raise ValueError("no object")
    return body


def _is_id(value: Any) -> bool:
    """A UUID, with or without its dashes."""
    return isinstance(value, str) and ID.fullmatch(value) is not None


def _lost(error: Exception) -> Unavailable | AuthFailed:
    """The broker's words; they name neither user nor password."""
    detail = f"{type(error).__name__}: {error}"
    if isinstance(error, amqp.AccessRefused):
        return AuthFailed(detail, source="rabbitmq")
    return Unavailable(detail, source="rabbitmq")

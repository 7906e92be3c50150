"""What Skydeck asks of a cloud: the words, the answers and the errors.

No Django, no settings, no logging here or in any driver below. Statuses are the
cloud's last word in the field's own vocabulary; what we are *doing* about an
instance is an Operation, never a status. Sizes carry their unit in the name.

    Driver
    ├── compute    lifecycle of instances            (always there)
    ├── images     what an instance can boot from    (always there)
    └── consoles   live streams to a guest           (or None)
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Status(StrEnum):
    """The cloud's last word on an instance. A word we do not know is UNKNOWN, never a guess."""

    BUILD = "BUILD"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    SUSPENDED = "SUSPENDED"
    SHUTOFF = "SHUTOFF"
    SHELVED = "SHELVED"
    RESCUE = "RESCUE"
    ERROR = "ERROR"
    DELETED = "DELETED"
    UNKNOWN = "UNKNOWN"


class Feature(StrEnum):
    """What a cloud can do. Templates and actions ask these, never a cloud's kind."""

    START_STOP = "start-stop"
    REBOOT_SOFT = "reboot-soft"
    REBOOT_HARD = "reboot-hard"
    PUBLIC_KEY = "public-key"
    CONSOLE_VNC = "console-vnc"
    CONSOLE_SERIAL = "console-serial"
    CONSOLE_LOG = "console-log"
    EVENTS = "events"


class ConsoleKind(StrEnum):
    VNC = "vnc"
    SERIAL = "serial"


# --- errors ------------------------------------------------------------------
#
#   CloudError
#   ├── Unavailable   the cloud did not answer; the same call may work later
#   ├── NotFound      the thing does not exist (any more)
#   ├── Conflict      its present state does not allow this
#   ├── Refused       the cloud understood and said no; `reason` says why
#   └── AuthFailed    our credentials are not accepted


class CloudError(Exception):
    """A cloud did not do what was asked.

    `detail` is the cloud's own text, for administrators only; `request_id` is
    the cloud's id for the call, where it has one. What a user reads is written
    above the driver line, from the class and the reason.
    """

    def __init__(self, detail: str = "", *, request_id: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.request_id = request_id


class Unavailable(CloudError):
    """The cloud did not answer, or said that it cannot right now. Try again later."""


class NotFound(CloudError):
    """No such thing on the cloud."""


class Conflict(CloudError):
    """The present state of the thing does not allow the call."""


class Reason(StrEnum):
    """Why a cloud refused, as far as it can be told."""

    CAPACITY = "capacity"
    QUOTA = "quota"
    POLICY = "policy"
    IMAGE_MISSING = "image-missing"
    IMAGE_TOO_LARGE = "image-too-large"
    INVALID = "invalid"
    OTHER = "other"


class Refused(CloudError):
    """The cloud understood and said no."""

    def __init__(self, detail: str = "", *, reason: Reason = Reason.OTHER, request_id: str = "") -> None:
        super().__init__(detail, request_id=request_id)
        self.reason = reason


class AuthFailed(CloudError):
    """The cloud does not accept our credentials."""


# --- what a cloud says --------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Our own ids, written onto everything that we make on a cloud."""

    tenant_id: str
    instance_id: str
    operation_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteInstance:
    """One instance as the cloud describes it. `mark` is None where we did not make it."""

    id: str
    name: str
    status: Status
    vcpus: int
    ram_mib: int
    disk_gib: int
    mark: Mark | None = None
    addresses: tuple[str, ...] = ()
    host: str = ""
    image_id: str = ""
    flavor_id: str = ""
    created_at: datetime | None = None
    fault: str = ""
    """The cloud's reason for ERROR; hostile text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteImage:
    id: str
    name: str
    min_disk_gib: int = 0
    min_ram_mib: int = 0
    size_bytes: int = 0
    login_hint: str = ""
    """How to log in to a guest of this image, where the cloud knows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchSpec:
    """All that is needed to make one instance. `instance_id` is ours and makes create idempotent."""

    instance_id: str
    tenant_id: str
    operation_id: str
    name: str
    image_id: str
    vcpus: int
    ram_mib: int
    disk_gib: int
    flavor_id: str = ""
    public_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something happened on the cloud. `instance` is None when the thing is gone."""

    remote_id: str
    instance: RemoteInstance | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudFacts:
    """What the cloud says about itself, for its page."""

    version: str = ""
    acceleration: str = ""
    """`kvm`, `tcg` or empty where the question makes no sense."""
    vcpus: int = 0
    ram_mib: int = 0
    disk_free_gib: int = 0
    notes: Mapping[str, str] = field(default_factory=dict)


# --- what we ask ---------------------------------------------------------------


class Compute(Protocol):
    """Lifecycle of instances. Every method may raise any CloudError and has its own timeout.

    The verbs ask and return; they do not wait for the result. Asking for a state
    that holds already is success. `delete` of a thing that is gone is success.
    """

    def list(self) -> Iterator[RemoteInstance]:
        """Every instance, ours or not. Raises rather than ending early: an end is a complete answer."""
        ...

    def get(self, remote_id: str) -> RemoteInstance: ...

    def find(self, instance_id: str) -> RemoteInstance | None:
        """The instance that carries our id, or None when the cloud says there is none."""
        ...

    def create(self, spec: LaunchSpec) -> RemoteInstance:
        """Make and start it.

        A second call with the same `instance_id` returns the first one's result, where the cloud knows
        create tokens; not every one does, so callers look with `find` before they create.
        """
        ...

    def start(self, remote_id: str) -> None: ...

    def stop(self, remote_id: str, *, force: bool = False) -> None:
        """Ask the guest to shut down; with `force`, cut the power."""
        ...

    def reboot(self, remote_id: str, *, hard: bool = False) -> None: ...

    def delete(self, remote_id: str) -> None:
        """Remove the instance and its disk."""
        ...

    def console_log(self, remote_id: str, *, max_bytes: int = 65536) -> str:
        """The end of what the guest wrote to its console; hostile text."""
        ...

    def watch(self, stop: threading.Event) -> Iterator[Change]:
        """Changes as they happen, from this call on, until `stop` is set. Only with Feature.EVENTS.

        Raises Unavailable when the connection is lost: the caller syncs and watches again.
        """
        ...


class Images(Protocol):
    def list(self) -> Iterable[RemoteImage]: ...


class ConsoleStream(Protocol):
    """Bytes to and from a guest. Backpressure is the awaiting of `read` and `write`."""

    async def read(self) -> bytes:
        """Up to 64 KiB; empty at the end."""
        ...

    async def write(self, data: bytes) -> None: ...

    async def close(self) -> None: ...


class Consoles(Protocol):
    async def open(self, remote_id: str, kind: ConsoleKind) -> ConsoleStream: ...


class Driver(Protocol):
    """One cloud, connected lazily. Safe to share between threads; never across a fork."""

    features: frozenset[Feature]
    compute: Compute
    images: Images
    consoles: Consoles | None

    def check(self) -> CloudFacts:
        """Prove that the cloud answers. Raises Unavailable or AuthFailed."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionField:
    """One field of a cloud's connection form. Secret fields are stored encrypted."""

    name: str
    label: str
    help: str = ""
    required: bool = True
    secret: bool = False
    default: str = ""

"""Instances, and what they are made from."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from .words import Status

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
    flavor_name: str = ""
    """Where the cloud tells the flavor only by name (it may be gone since)."""
    created_at: datetime | None = None
    fault: str = ""
    """The cloud's reason for ERROR; hostile text."""
    task: str = ""
    """What the cloud itself is doing about it just now, in its own word; empty when it is at rest."""
    is_locked: bool = False
    description: str = ""
    zone: str = ""
    key_name: str = ""
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Without our mark."""
    volume_ids: tuple[str, ...] = ()
    """Attached to it. Where its own disk is a volume that always goes with it, without that one."""
    keeps_disk: bool = True
    """False: its disk is there only as long as it runs (EC2: instance store), so it can be rebooted and not stopped."""
    is_unfinished: bool = False
    """It was made and does not yet carry what it was to be called: `create`, asked again, sees to that."""
    is_partial: bool = False
    """A part of the cloud is down and only id and name are true: nothing else of it may be believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changed since a cursor. `instances` holds those that are gone with Status.DELETED."""

    instances: tuple[RemoteInstance, ...]
    cursor: str
    """For the next question; opaque, at most 200 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteAction:
    """One thing that was done to an instance, as the cloud remembers it."""

    id: str
    """The cloud's request id."""
    name: str
    """The cloud's word: `create`, `stop`, `resize`, ..."""
    started_at: datetime
    by: str = ""
    """The cloud's id of the person or credential."""
    message: str = ""
    """The cloud's word on how it ended, where it failed; hostile text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFlavor:
    id: str
    name: str
    vcpus: int
    ram_mib: int
    disk_gib: int
    is_public: bool = True
    extra_specs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteImage:
    id: str
    name: str
    min_disk_gib: int = 0
    min_ram_mib: int = 0
    size_bytes: int = 0
    login_hint: str = ""
    """How to log in to a guest of this image, where the cloud knows it."""
    is_public: bool = True
    """Whether every tenant sees it; else only the one whose credential listed it."""
    is_snapshot: bool = False
    keeps_disk: bool = True
    """False: what is launched from it can be rebooted and not stopped, as `RemoteInstance.keeps_disk` has it."""
    tenant_id: str = ""
    """Whose alone it is, where our mark says so: on a cloud without places, whose one credential sees all."""
    is_windows: bool | None = None
    """None where the cloud does not say what system it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteServerGroup:
    id: str
    name: str
    policy: str
    """`affinity`, `anti-affinity`, `soft-affinity` or `soft-anti-affinity`."""


# --- what we ask for -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkChoice:
    """A network for a new instance, and the address on it where one was chosen."""

    network_id: str
    fixed_address: str = ""


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
    networks: tuple[NetworkChoice, ...] = ()
    """None chosen: the cloud chooses (Feature.NETWORK_AUTO, NETWORK_DEFAULT), or it gets the only one."""
    security_group_ids: tuple[str, ...] = ()
    """None chosen: the cloud's default group."""
    zone: str = ""
    server_group_id: str = ""
    boot_volume_gib: int = 0
    """Boot from a new volume of this size, made from the image and deleted with the instance; 0: from the image."""
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    user_data: str = field(default="", repr=False)
    """For cloud-init, as text; with Feature.USER_DATA. It may hold secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something happened on the cloud. `instance` is None when the thing is gone."""

    remote_id: str
    instance: RemoteInstance | None
    place_id: str = ""
    """With Feature.PLACES: something changed about this instance in this place, and no more is told. Ask what."""


class Verb(StrEnum):
    """The plain verbs of Lifecycle: no arguments, no answer."""

    PAUSE = "pause"
    UNPAUSE = "unpause"
    SUSPEND = "suspend"
    RESUME = "resume"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    UNRESCUE = "unrescue"
    LOCK = "lock"
    UNLOCK = "unlock"
    CONFIRM_RESIZE = "confirm-resize"
    REVERT_RESIZE = "revert-resize"


class Compute(Protocol):
    """Instances. Every method may raise any CloudError and has its own timeout.

    The verbs ask and return; they do not wait for the result. Asking for a state
    that holds already is success. `delete` of a thing that is gone is success.
    """

    def list(self) -> Iterator[RemoteInstance]:
        """Every instance, ours or not. Raises rather than ending early: an end is a complete answer.

        With Feature.PLACES: those of the place whose credential the driver has.
        """
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

    def password_data(self, remote_id: str) -> str:
        """Base64 of the administrator's password, encrypted with the instance's public key (RSAES-PKCS1-v1_5).

        Empty while there is none: a guest tells it some minutes after its first boot, and most never do. Hostile
        text. Only with Feature.PASSWORD. Raises Conflict where the cloud tells it only of instances that run.
        """
        ...

    def watch(self, stop: threading.Event) -> Iterator[Change]:
        """Changes as they happen, from this call on, until `stop` is set. Only with Feature.EVENTS.

        Raises Unavailable when the connection is lost: the caller syncs and watches again.
        """
        ...


class History(Protocol):
    """What happened on the cloud while we did not look."""

    def changes(self, cursor: str) -> Changes:
        """What changed since `cursor`; with an empty cursor all there is. Only with Feature.CHANGES."""
        ...

    def actions(self, remote_id: str) -> tuple[RemoteAction, ...]:
        """What was done to one instance, the newest first. Only with Feature.ACTIONS."""
        ...


class Lifecycle(Protocol):
    """The verbs beyond turning on and off; each needs its Feature. They ask and return, as those of Compute do.

    Asking for what holds already (pause what is paused, confirm what is confirmed) is success.
    """

    def do(self, remote_id: str, verb: Verb) -> None: ...

    def rescue(self, remote_id: str, *, image_id: str = "") -> None:
        """Boot from a rescue image, its own disk beside it; without an id from the cloud's own choice."""
        ...

    def resize(self, remote_id: str, *, flavor_id: str, vcpus: int, ram_mib: int, disk_gib: int) -> None:
        """Ends in RESIZED, or, where it went wrong, in the old size. A disk never shrinks.

        Where the cloud has flavors of its own (`Driver.flavors`) `flavor_id` decides; else the three numbers do.
        """
        ...

    def rebuild(self, remote_id: str, *, image_id: str) -> None:
        """Its disk anew from the image; id, name and addresses stay."""
        ...

    def snapshot(self, remote_id: str, *, name: str, key: str) -> str:
        """Ask for an image of its disk; returns the image's id. The same `key` again returns the same image."""
        ...

    def carry_on(self, remote_id: str) -> None:
        """Go on with what is under way (`RemoteInstance.task`), where the cloud has nobody of its own who does.

        Whoever waits asks this between two looks. Raises, once, what went wrong with it.
        """
        ...

    def rename(self, remote_id: str, *, name: str) -> None: ...

    def describe(self, remote_id: str, *, description: str) -> None:
        """Its description, of at most 255 characters; the empty one takes it away."""
        ...

    def set_tags(self, remote_id: str, *, tags: Iterable[str]) -> None:
        """Exactly these."""
        ...

    def set_metadata(self, remote_id: str, *, metadata: Mapping[str, str]) -> None:
        """Exactly these, beside our mark, which stays."""
        ...


class Images(Protocol):
    def list(self) -> Iterable[RemoteImage]:
        """Every image that can be used, snapshots of instances among them."""
        ...


class Flavors(Protocol):
    def list(self) -> Iterable[RemoteFlavor]: ...


class Placing(Protocol):
    """Where on the cloud an instance goes."""

    def zones(self) -> tuple[str, ...]: ...

    def groups(self) -> tuple[RemoteServerGroup, ...]: ...

    def create_group(self, *, name: str, policy: str) -> RemoteServerGroup:
        """A group with this name and policy that is there already is returned."""
        ...

    def delete_group(self, group_id: str) -> None: ...

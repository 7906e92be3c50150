"""A tenant's place on a cloud (OpenStack: project, EC2: account), its limits, and the cloud's hosts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class RemotePlace:
    id: str
    name: str
    domain: str = ""
    is_enabled: bool = True
    mark: str = ""
    """Our tenant's id, where we made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What lets us in as one tenant, and nothing else. `settings` are those of the driver's connection, secrets too."""

    id: str
    settings: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One of the cloud's own limits. `limit` None is unlimited; `used` None where the cloud does not say."""

    limit: int | None
    used: int | None = None


class Places(Protocol):
    """Needs the cloud's admin credential. Every call may be repeated."""

    def list(self) -> Iterable[RemotePlace]: ...

    def create(self, *, mark: str, name: str) -> RemotePlace:
        """A place that carries the mark is returned instead of made again. Raises Conflict when the name is taken."""
        ...

    def grant(self, place_id: str, *, label: str) -> Credential:
        """A new credential of the place, with the rights of a member and no more. Earlier ones stay good."""
        ...

    def revoke(self, place_id: str, *, credential_id: str) -> None:
        """End one credential: nobody signs in with it any more. One that is gone is success.

        What signed in before may be let in a while longer, where the cloud's services remember whom they know.
        """
        ...

    def used(self, place_id: str) -> Mapping[str, int]:
        """What is in a place, be it nobody's here, in the words of Quotas. What the cloud does not tell is left out.

        Reads only. Raises NotFound.
        """
        ...

    def withdraw(self, place_id: str) -> None:
        """End all that we were ever granted in the place. The place itself stays, with all that is in it."""
        ...

    def remove(self, place_id: str) -> None:
        """Delete the place itself, only with Feature.PLACE_REMOVE. One that is gone is success.

        Raises Conflict while anything is in it, which would run on and be nobody's; `detail` counts what.
        """
        ...


class Quotas(Protocol):
    """The cloud's own limits of a place, in our words:

    instances vcpus ram_mib disk_gib key_pairs server_groups volumes volume_gib snapshots networks subnets routers ports
    security_groups security_group_rules floating_ips. What a cloud does not know is left out.
    """

    def get(self, place_id: str = "") -> Mapping[str, Limit]:
        """Of this place; empty: of the one whose credential the driver has."""
        ...

    def used(self) -> Mapping[str, int]:
        """What is in the place whose credential the driver has, counted where the cloud tells administrators no use."""
        ...

    def set(self, place_id: str, limits: Mapping[str, int | None]) -> None:
        """Only these, each to this number, None for unlimited. Needs the cloud's admin credential."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteHost:
    """What a host has and how much of it is given away, as the cloud's scheduler counts.

    Of what the cloud does not count when it chooses a host there is 0.
    """

    name: str
    kind: str
    """Its hypervisor, such as `QEMU`."""
    state: str
    """`up`, `down`, `disabled`, or the cloud's own word."""
    zone: str = ""
    instances: int = 0
    vcpus: int = 0
    vcpus_used: int = 0
    ram_mib: int = 0
    ram_used_mib: int = 0
    disk_gib: int = 0
    disk_used_gib: int = 0
    disks_grow: bool = False
    """A disk takes room only as it is written to: any size fits while there is some left."""


class Capacity(Protocol):
    def hosts(self) -> tuple[RemoteHost, ...]:
        """Amounts with the cloud's overcommit already in them."""
        ...

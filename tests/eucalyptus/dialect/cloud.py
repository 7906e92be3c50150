"""The whole state of one cloud: dicts by id, a clock, and the switches of a test."""

from __future__ import annotations

import ipaddress
import random
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .accounts import SYSTEM, Account, Accounts, Key
from .clock import Clock
from .faults import Faults
from .parameters import data
from .resources import (
    EVERYWHERE,
    Address,
    Bucket,
    Gateway,
    Group,
    Image,
    Instance,
    Interface,
    KeyPair,
    RouteTable,
    Snapshot,
    Subnet,
    VmType,
    Volume,
    Vpc,
    Zone,
)

TYPES = {"4.4": "vm_types_4_4", "5.1": "vm_types_5_1"}
DELAYS_S = {"launch": 0.0, "stop": 0.0, "terminate": 0.0, "volume": 0.0, "snapshot": 0.0, "image": 0.0, "bury": 3600.0}


@dataclass
class Asked:
    """One line of `cloud.requests`. `status` is what the service said, also where the answer was then lost."""

    service: str
    action: str
    parameters: Mapping[str, str]
    key_id: str
    account: str
    status: int = 0
    code: str = ""
    method: str = ""
    path: str = ""
    fault: str | None = None
    ms: float = 0
    bytes: int = 0


@dataclass
class Cloud:
    """`mode` is edge or vpc, `digits` 8 or 17 (of ids), `delays_s` how long each change of a state takes."""

    release: str = "5.1"
    mode: str = "vpc"
    strict: bool = True
    region: str = "eucalyptus"
    digits: int = 0
    image_prefix: str = ""
    zone_names: tuple[str, ...] = ("zone-a", "zone-b")
    has_default_vpc: bool = True
    has_metrics: bool = True
    delays_s: dict[str, float] = field(default_factory=dict)
    seed: int = 1
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    accounts: Accounts = field(default_factory=Accounts)
    requests: list[Asked] = field(default_factory=list)
    types: dict[str, VmType] = field(default_factory=dict)
    zones: dict[str, Zone] = field(default_factory=dict)
    images: dict[str, Image] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    volumes: dict[str, Volume] = field(default_factory=dict)
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    key_pairs: dict[tuple[str, str], KeyPair] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    addresses: dict[str, Address] = field(default_factory=dict)
    vpcs: dict[str, Vpc] = field(default_factory=dict)
    subnets: dict[str, Subnet] = field(default_factory=dict)
    route_tables: dict[str, RouteTable] = field(default_factory=dict)
    gateways: dict[str, Gateway] = field(default_factory=dict)
    interfaces: dict[str, Interface] = field(default_factory=dict)
    buckets: dict[str, Bucket] = field(default_factory=dict)
    tags: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    """(account, id of a resource) -> tags. Each account sees its own only."""
    tokens: dict[tuple[str, int, str], str] = field(default_factory=dict)
    """(account, index, client token) -> instance."""
    public_pool: int = 16
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        if self.release not in TYPES or self.mode not in ("edge", "vpc"):
            raise ValueError(f"release {self.release}, mode {self.mode}: 4.4 or 5.1, edge or vpc")
        is_old = self.release == "4.4"
        self.digits = self.digits or (8 if is_old else 17)
        self.image_prefix = self.image_prefix or ("emi" if is_old else "ami")
        self.delays_s = DELAYS_S | self.delays_s
        self.random = random.Random(self.seed)
        self._private = ipaddress.ip_address("10.111.0.10")
        for row in data(TYPES[self.release])["types"]:
            sizes = row["vcpus"], row["disk_gib"], row["memory_mib"], row["ephemeral_disks"]
            self.types[row["name"]] = VmType(row["name"], *sizes, row["max_network_interfaces"])
        for name in self.zone_names:
            self.zones[name] = Zone(name, vcpus=64, memory_mib=256 * 1024, disk_gib=4000)
        self._add_system_account()
        self._add_images()

    def _add_system_account(self) -> None:
        now = self.clock.now()
        self.root = self.accounts.add(SYSTEM, now=now, account_id="000000000001")
        self.root_key = self.accounts.add_key(self.root.users["admin"], now=now)
        for internal in ("blockstorage", "aws-exec-read", "cloudformation"):
            self.accounts.add(f"(eucalyptus){internal}", now=now)

    def _add_images(self) -> None:
        self.add_image("Debian 12 cloud", size_gib=2)
        snapshot = Snapshot(
            self.new_id("snap"), self.root.id, self.new_id("vol"), 8, self.clock.now(), state="completed"
        )
        self.snapshots[snapshot.id] = snapshot
        self.add_image("CentOS 7 on ebs", root="ebs", size_gib=8, snapshot=snapshot.id)
        self.add_image("Windows Server 2016", root="ebs", size_gib=30, snapshot=snapshot.id, platform="windows")
        self.add_image("vmlinuz", kind="kernel")
        self.add_image("initrd", kind="ramdisk")

    def add_image(self, name: str, *, account: str = "", kind: str = "machine", **fields: Any) -> Image:
        letters = {
            "machine": self.image_prefix,
            "kernel": f"{self.image_prefix[0]}ki",
            "ramdisk": f"{self.image_prefix[0]}ri",
        }
        image = Image(self.new_id(letters[kind]), account or self.root.id, name, kind, made=self.clock.now(), **fields)
        image.location = image.location or f"{name.split()[0].lower()}/{name.split()[0].lower()}.img.manifest.xml"
        self.images[image.id] = image
        return image

    def new_id(self, prefix: str) -> str:
        return f"{prefix}-{secrets.token_hex(9)[: self.digits]}"

    def private_ip(self) -> str:
        self._private += 1
        return str(self._private)

    def public_ips(self) -> Iterator[str]:
        """Those that are neither allocated nor lent to an instance."""
        taken = set(self.addresses) | {i.public_ip for i in self.instances.values()}
        pool = (f"203.0.113.{number + 1}" for number in range(self.public_pool))
        return (ip for ip in pool if ip not in taken)

    def later(self, what: str, change: Callable[[], None]) -> None:
        self.clock.later(self.delays_s[what], change)

    def tags_of(self, account: str, resource: str) -> dict[str, str]:
        return self.tags.get((account, resource), {})

    def forget(self, things: dict[str, Any], one: str) -> None:
        """It and its tags are no more."""
        things.pop(one, None)
        self.tags = {key: tags for key, tags in self.tags.items() if key[1] != one}

    def asked(self, action: str) -> list[Asked]:
        """The calls of this action so far, whatever came of them."""
        return [one for one in self.requests if one.action == action]

    def shuffle(self, things: list[Any]) -> list[Any]:
        if self.faults.shuffled:
            self.random.shuffle(things)
        return things

    def welcome(self, account: Account) -> None:
        """The first EC2 call of an account makes what it has from the start."""
        if account.is_known_to_ec2:
            return
        account.is_known_to_ec2 = True
        if self.mode == "vpc" and self.has_default_vpc:
            self.add_vpc(account.id, "172.31.0.0/16", is_default=True)
        if self.mode == "edge":
            self.add_group(account.id, "default", "default group")

    def add_vpc(self, account: str, cidr: str, *, is_default: bool = False) -> Vpc:
        vpc = Vpc(self.new_id("vpc"), account, cidr, is_default)
        self.vpcs[vpc.id] = vpc
        table = RouteTable(self.new_id("rtb"), account, vpc.id)
        self.route_tables[table.id] = table
        if is_default:
            self.accounts.by_id[account].default_vpc = vpc.id
            for number, zone in enumerate(self.zones):
                self.add_subnet(vpc, zone, f"172.31.{16 * number}.0/20", is_default=True)
        self.add_group(account, "default", "default VPC security group", vpc=vpc.id)
        return vpc

    def add_subnet(self, vpc: Vpc, zone: str, cidr: str, *, is_default: bool = False) -> Subnet:
        subnet = Subnet(self.new_id("subnet"), vpc.account, vpc.id, zone, cidr, is_default)
        self.subnets[subnet.id] = subnet
        return subnet

    def add_group(self, account: str, name: str, description: str, *, vpc: str | None = None) -> Group:
        group = Group(self.new_id("sg"), account, name, description, vpc)
        if vpc:
            group.egress.append(EVERYWHERE)
        self.groups[group.id] = group
        return group

    def add_account(self, name: str) -> Key:
        """An account with a key of its `admin`."""
        now = self.clock.now()
        account = self.accounts.add(name, now=now)
        return self.accounts.add_key(account.users["admin"], now=now)

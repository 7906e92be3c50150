"""What a cloud has, as plain records. `account` is the 12-digit id of the owner."""

from __future__ import annotations

from dataclasses import dataclass, field

STATE_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}


@dataclass
class VmType:
    name: str
    vcpus: int
    disk_gib: int
    memory_mib: int
    disks: int = 1
    interfaces: int = 2


@dataclass
class Zone:
    """A cluster; the types compete for what its nodes have."""

    name: str
    vcpus: int
    memory_mib: int
    disk_gib: int
    state: str = "available"


@dataclass(slots=True)
class Image:
    id: str
    account: str
    name: str
    kind: str = "machine"
    root: str = "instance-store"
    size_gib: int = 2
    virtualization: str = "hvm"
    platform: str | None = None
    is_public: bool = True
    state: str = "available"
    location: str = ""
    description: str | None = None
    made: float = 0
    snapshot: str | None = None
    shared_with: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Instance:
    id: str
    reservation: str
    account: str
    image: str
    type: str
    zone: str
    launched: float
    state: str = "pending"
    index: int = 0
    root: str = "instance-store"
    platform: str | None = None
    key: str = ""
    groups: list[str] = field(default_factory=list)
    user_data: str | None = None
    token: str | None = None
    private_ip: str = ""
    public_ip: str = ""
    vpc: str | None = None
    subnet: str | None = None
    interface: str | None = None
    is_protected: bool = False
    on_shutdown: str = "stop"
    is_monitored: bool = False
    reason: str | None = None
    console: str = ""


@dataclass(slots=True)
class Volume:
    id: str
    account: str
    zone: str
    size_gib: int
    made: float
    snapshot: str | None = None
    state: str = "creating"
    instance: str | None = None
    device: str = ""
    attachment: str = ""
    attached: float = 0
    is_root: bool = False
    ends_with_instance: bool = False


@dataclass(slots=True)
class Snapshot:
    id: str
    account: str
    volume: str
    size_gib: int
    started: float
    description: str | None = None
    state: str = "pending"


@dataclass(slots=True)
class KeyPair:
    name: str
    account: str
    fingerprint: str
    public: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One source of one rule: either `cidr` or `group` (id) is set."""

    protocol: str
    first: int | None
    last: int | None
    cidr: str | None = None
    group: str | None = None
    group_account: str | None = None
    description: str | None = None

    @property
    def what(self) -> tuple[object, ...]:
        return self.protocol, self.first, self.last, self.cidr, self.group


EVERYWHERE = Rule("-1", None, None, cidr="0.0.0.0/0")


@dataclass(slots=True)
class Group:
    id: str
    account: str
    name: str
    description: str
    vpc: str | None = None
    ingress: list[Rule] = field(default_factory=list)
    egress: list[Rule] = field(default_factory=list)


@dataclass(slots=True)
class Address:
    ip: str
    account: str
    allocation: str | None = None
    association: str | None = None
    instance: str | None = None


@dataclass(slots=True)
class Vpc:
    id: str
    account: str
    cidr: str
    is_default: bool = False


@dataclass(slots=True)
class Subnet:
    id: str
    account: str
    vpc: str
    zone: str
    cidr: str
    is_default: bool = False


@dataclass(slots=True)
class RouteTable:
    id: str
    account: str
    vpc: str
    routes: dict[str, str] = field(default_factory=dict)
    """Where to -> the gateway."""


@dataclass(slots=True)
class Gateway:
    id: str
    account: str
    vpc: str | None = None


@dataclass(slots=True)
class Interface:
    id: str
    account: str
    vpc: str
    subnet: str
    ip: str
    groups: list[str] = field(default_factory=list)
    description: str = ""
    instance: str | None = None


@dataclass(slots=True)
class Stored:
    content: bytes
    modified: float


@dataclass(slots=True)
class Bucket:
    name: str
    account: str
    made: float
    objects: dict[str, Stored] = field(default_factory=dict)

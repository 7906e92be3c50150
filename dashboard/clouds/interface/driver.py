"""One cloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from .access import Access
from .bounds import Bounds
from .compute import Compute, Flavors, History, Images, Lifecycle, Placing
from .consoles import Consoles
from .errors import CloudError, NotFound
from .metrics import Metrics
from .networks import Networks
from .people import SignIn
from .places import Capacity, Places, Quotas, RemotePlace
from .words import Feature


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudFacts:
    """What the cloud says about itself, for its page."""

    version: str = ""
    acceleration: str = ""
    """`kvm`, `tcg` or empty where the question makes no sense."""
    vcpus: int = 0
    ram_mib: int = 0
    disk_free_gib: int | None = None
    """None where the cloud does not tell."""
    notes: Mapping[str, str] = field(default_factory=dict)


class FindingState(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """Works, with less than could be had."""
    BAD = "bad"
    SKIPPED = "skipped"
    """Not asked, since something before it went wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One step of testing a connection.

    `step` is its name (`dns`, `tls`, `version`, `sign-in`, `catalogue`, `compute`, ...); `code` says what was found,
    empty when all is well. The words for both are written above the driver line, with `values` in them.
    `detail` is the cloud's own text.
    """

    step: str
    state: FindingState
    code: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""
    took_s: float = 0.0


class Driver(Protocol):
    """One cloud, connected lazily. Safe to share between threads; never across a fork.

    With Feature.PLACES there are two kinds: one with the cloud's own credential (`places`, `access`, `capacity`,
    `metrics`), and one for each tenant's place, whose settings hold the tenant's credential. Drivers inherit from this
    class and so have no service but those that they set.
    """

    features: frozenset[Feature]
    bounds: Bounds = Bounds()
    """What `bounds.py` in the driver's folder says."""
    compute: Compute
    images: Images
    lifecycle: Lifecycle | None = None
    history: History | None = None
    flavors: Flavors | None = None
    placing: Placing | None = None
    consoles: Consoles | None = None
    networks: Networks | None = None
    quotas: Quotas | None = None
    places: Places | None = None
    access: Access | None = None
    capacity: Capacity | None = None
    metrics: Metrics | None = None
    sign_in: SignIn | None = None

    def check(self) -> CloudFacts:
        """Prove that the cloud answers. Raises Unavailable or AuthFailed."""
        ...

    def place(self) -> RemotePlace:
        """The place that the credential lets into, as the cloud itself says. Only with Feature.PLACES."""
        raise NotFound("a cloud without places")

    def forget_key(self, public_key: str) -> None:
        """Take away what `create` made of this key in the place, where that outlasts the instance. Gone is success.

        Only for keys that nobody else launches with.
        """
        return

    def diagnose(self) -> Iterator[Finding]:
        """Try the connection step by step and tell what is found, each as soon as it is known. Raises no CloudError."""
        try:
            self.check()
        except CloudError as error:
            yield Finding(step="answer", state=FindingState.BAD, code=type(error).__name__, detail=error.detail)
        else:
            yield Finding(step="answer", state=FindingState.OK)

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
    is_text: bool = False
    """Of several lines, such as certificates."""
    choices: tuple[str, ...] = ()
    """Only these."""
    choice_labels: tuple[str, ...] = ()
    """What each of them is called, where it does not say so by itself."""

    def called(self, value: str) -> str:
        """A value as people read it."""
        return dict(zip(self.choices, self.choice_labels, strict=False)).get(value, value)

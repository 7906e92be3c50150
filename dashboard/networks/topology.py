"""How it hangs together: what leads out, the routers, their networks, the instances in them.

    Topology
    └── branches     one for each network that leads out, and one for what leads nowhere
        ├── routers  with the networks that they connect
        └── networks in the branch without a router

A network that several routers connect is drawn with the first one and only named with the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from .listing import NetworkRow, RouterRow
from .models import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A network below a router. `is_again`: drawn in full elsewhere."""

    row: NetworkRow
    is_again: bool = False


@dataclass(slots=True, kw_only=True)
class RouterBranch:
    row: RouterRow
    leaves: list[Leaf] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Branch:
    """What leads out through one external network; of what leads nowhere `external` is None."""

    external: Network | None
    routers: list[RouterBranch] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)


def branches_of(networks: Iterable[NetworkRow], routers: Iterable[RouterRow]) -> list[Branch]:
    rows = list(networks)
    inner = [row for row in rows if not row.thing.is_external]
    branches = {row.thing.pk: Branch(external=row.thing) for row in rows if row.thing.is_external}
    inside = Branch(external=None)
    drawn: set[UUID] = set()
    for router in routers:
        branch = branches.get(router.external.pk, inside) if router.external else inside
        branch.routers.append(router_branch(router, inner, drawn))
    inside.leaves = [Leaf(row=row) for row in inner if row.thing.pk not in drawn]
    return [*branches.values(), *([inside] if inside.routers or inside.leaves else [])]


def router_branch(router: RouterRow, networks: Iterable[NetworkRow], drawn: set[UUID]) -> RouterBranch:
    """Notes in `drawn` what it draws."""
    connected = {subnet.network_id for subnet in router.subnets}
    leaves = []
    for row in networks:
        if row.thing.pk in connected:
            leaves.append(Leaf(row=row, is_again=row.thing.pk in drawn))
            drawn.add(row.thing.pk)
    return RouterBranch(row=router, leaves=leaves)

"""What is plugged into networks: ports, with the instance or the router at the other end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.clouds.models import Cloud
from dashboard.tenancy.models import Tenant

from .guests import Guest, guests_of
from .models import Network, Port, Router, SecurityGroup

INTERFACES = (
    "network:router_interface",
    "network:router_interface_distributed",
    "network:ha_router_replicated_interface",
)
HOUSEKEEPING = ("network:dhcp", "network:distributed", "network:floatingip_agent_gateway")
"""Ports that the cloud makes for itself, and removes together with the network."""
MANY = 5
"""So many names are said; of the others how many there are."""


@dataclass(frozen=True, slots=True)
class Plug:
    port: Port
    guest: Guest | None
    router: Router | None

    @property
    def addresses(self) -> list[str]:
        return [address for _subnet, address in self.port.addresses]

    @property
    def is_housekeeping(self) -> bool:
        return self.port.owner in HOUSEKEEPING

    @property
    def name(self) -> str:
        if self.guest:
            return self.guest.name
        if self.router:
            return str(self.router)
        if self.port.instance_id:
            return _("an instance that Skydeck does not know")
        return _("DHCP and the like") if self.is_housekeeping else self.port.owner or _("a free port")


class Plugs:
    """All of one tenant, in three queries, each when it is first needed."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @cached_property
    def guests(self) -> Mapping[tuple[UUID, str], Guest]:
        return guests_of(self.tenant)

    @cached_property
    def routers(self) -> list[Router]:
        return list(Router.objects.for_tenant(self.tenant).select_related("cloud"))

    @cached_property
    def ports(self) -> list[Port]:
        return list(Port.objects.for_tenant(self.tenant).order_by("remote_id"))

    @cached_property
    def by_network(self) -> dict[tuple[UUID, str], list[Plug]]:
        found: dict[tuple[UUID, str], list[Plug]] = {}
        for port in self.ports:
            found.setdefault((port.cloud_id, port.network_id), []).append(self.plug(port))
        return found

    @cached_property
    def _router_of(self) -> dict[tuple[UUID, str], Router]:
        return {(router.cloud_id, subnet): router for router in self.routers for subnet in router.subnet_ids}

    def plug(self, port: Port) -> Plug:
        router = None
        if port.owner in INTERFACES:
            keys = [(port.cloud_id, subnet) for subnet, _address in port.addresses]
            router = next((self._router_of[key] for key in keys if key in self._router_of), None)
        guest = self.guests.get((port.cloud_id, port.instance_id)) if port.instance_id else None
        return Plug(port, guest, router)

    def of(self, network: Network) -> list[Plug]:
        plugs = self.by_network.get((network.cloud_id, network.remote_id), []) if network.remote_id else []
        return sorted(plugs, key=order)

    def connecting(self, network: Network, subnet_ids: set[str]) -> list[Router]:
        """The routers that connect one of its subnets."""
        return [r for r in self.routers if r.cloud_id == network.cloud_id and subnet_ids & set(r.subnet_ids)]

    def holding(self, network: Network) -> list[str]:
        """What must be unplugged before the network can be deleted. The router made together with it goes along."""
        return names(
            plug
            for plug in self.of(network)
            if not plug.is_housekeeping and not (plug.router and plug.router.mark and plug.router.mark == network.mark)
        )

    def using(self, group: SecurityGroup) -> list[Plug]:
        mine = [port for port in self.ports if port.cloud_id == group.cloud_id]
        found = [self.plug(port) for port in mine if group.remote_id and group.remote_id in port.security_group_ids]
        return sorted(found, key=order)

    def on(self, cloud: Cloud) -> list[Plug]:
        """The ports of instances, where a floating IP can lead to."""
        found = [self.plug(port) for port in self.ports if port.cloud_id == cloud.pk and port.instance_id]
        return sorted(found, key=order)


def order(plug: Plug) -> tuple[bool, bool, bool, list[tuple[int, str]]]:
    """Instances first, then routers, then the rest; by name, with web-2 before web-10."""
    parts = re.split(r"(\d{1,9})", plug.name.casefold())
    by_name = [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
    return plug.guest is None, plug.router is None, plug.is_housekeeping, by_name


def names(plugs: Iterable[Plug]) -> list[str]:
    """Each once, in their order."""
    return list(dict.fromkeys(plug.name for plug in plugs))


def listed(words: Sequence[str]) -> str:
    """`a, b and 3 others`: as many as can be read."""
    shown, more = words[:MANY], len(words) - MANY
    if more <= 0:
        return ", ".join(shown)
    others = ngettext("%(count)d other", "%(count)d others", more) % {"count": more}
    return _("%(names)s and %(others)s") % {"names": ", ".join(shown), "others": others}

"""What is wanted, as far as it is known yet, and what makes it impossible whatever the quota says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard.clouds.interface import Feature
from dashboard.clouds.maintenance import why_closed
from dashboard.clouds.models import Cloud
from dashboard.images.models import Image
from dashboard.networks.choices import zone_of
from dashboard.networks.models import Network
from dashboard.quotas.models import Resource
from dashboard.tenancy.models import Tenant
from dashboard.ui.templatetags.ui import amount, mib

from ..flavors import RETIRED
from ..models import Flavor, Instance

LARGEST_VOLUME_GIB = 16384


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What one instance takes of a host. `disk_gib` is 0 where its disk is a volume."""

    vcpus: int
    ram_mib: int
    disk_gib: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A launch of `count` instances. What is not chosen yet is None or empty."""

    tenant: Tenant
    cloud: Cloud
    count: int = 1
    image: Image | None = None
    flavor: Flavor | None = None
    boot_volume_gib: int = 0
    root_disk_gib: int = 0
    has_floating_ip: bool = False
    zone: str = ""
    """That was chosen."""
    networks: Iterable[Network] = ()
    policy: str = ""
    """That of the server group, such as `anti-affinity`."""
    server_group: str = ""
    """The cloud's id of one that is there."""

    @property
    def zone_of_networks(self) -> str:
        """In which they lie; empty where none is chosen, and on a cloud whose networks span zones."""
        return zone_of(self.networks)

    @property
    def zone_meant(self) -> str:
        """That was chosen, else that of the networks."""
        return self.zone or self.zone_of_networks

    @property
    def disk_gib(self) -> int:
        """The disk of one, be it a volume."""
        flavor_gib = self.flavor.disk_gib if self.flavor else 0
        if self.boot_volume_gib or not self.is_root_chosen:
            return self.boot_volume_gib or flavor_gib
        return self.root_disk_gib or max(flavor_gib, self.image.min_disk_gib if self.image else 0)

    @property
    def is_root_chosen(self) -> bool:
        """Whether the size of the root disk is ours to say. An image that tells no size has no such disk (EBS)."""
        return bool(self.image and self.image.min_disk_gib) and self.cloud.can(Feature.ROOT_DISK)

    @property
    def is_root_typed(self) -> bool:
        return self.is_root_chosen and bool(self.root_disk_gib)

    @property
    def size(self) -> Size | None:
        if self.flavor is None:
            return None
        disk_gib = 0 if self.boot_volume_gib else self.disk_gib
        return Size(vcpus=self.flavor.vcpus, ram_mib=self.flavor.ram_mib, disk_gib=disk_gib)

    @property
    def one(self) -> dict[str, int]:
        """What one of them takes from the quota: `{resource: amount}`, as its row will say."""
        volume = {"boot_volume_gib": self.boot_volume_gib} if self.boot_volume_gib else {}
        flavor = self.flavor or Flavor(vcpus=0, ram_mib=0)
        row = Instance(vcpus=flavor.vcpus, ram_mib=flavor.ram_mib, disk_gib=self.disk_gib, asked=volume)
        return {**row.resources, **({Resource.FLOATING_IPS.value: 1} if self.has_floating_ip else {})}

    @property
    def takes(self) -> dict[str, int]:
        """What all of them take."""
        return {resource: amount * self.count for resource, amount in self.one.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why no cloud would do it, said at the field that must change."""

    field: str
    text: str


def problems(wanted: Wanted) -> list[Problem]:
    """What the form refuses, and the action too. Empty while too little is chosen to know."""
    image, flavor, found = wanted.image, wanted.flavor, []
    if closed := why_closed(wanted.cloud):
        return [Problem(field="cloud", text=closed)]
    if image and (image.is_gone or image.cloud_id != wanted.cloud.pk):
        return [Problem(field="image", text=_("This image does not exist any more. Choose another one."))]
    if flavor and (flavor.is_gone or flavor.cloud_id != wanted.cloud.pk):
        return [Problem(field="flavor", text=_("This flavor does not exist any more. Choose another one."))]
    if flavor and flavor.is_retired:
        return [Problem(field="flavor", text=str(RETIRED))]
    if image and (disk := disk_problem(wanted, image)):
        found.append(disk)
    if zone := zone_problem(wanted):
        found.append(zone)
    if image and flavor and image.min_ram_mib > flavor.ram_mib:
        missing = image.min_ram_mib - flavor.ram_mib
        text = _("%(image)s needs %(need)s of memory; this flavor has %(have)s, so %(missing)s are missing.") % {
            "image": image.name,
            "need": mib(image.min_ram_mib),
            "have": mib(flavor.ram_mib),
            "missing": mib(missing),
        }
        found.append(Problem(field="flavor", text=text))
    return found


def disk_problem(wanted: Wanted, image: Image) -> Problem | None:
    """The disk is the flavor's, or the size that was asked for."""
    if wanted.root_disk_gib and not image.min_disk_gib and wanted.cloud.can(Feature.ROOT_DISK):
        text = _("%(image)s has no root volume: its disk has the flavor's size. Leave this empty.")
        return Problem(field="root_disk_gib", text=text % {"image": image.name})
    typed = "boot_volume_gib" if wanted.boot_volume_gib else "root_disk_gib" if wanted.is_root_typed else ""
    if image.min_disk_gib <= wanted.disk_gib or not (wanted.flavor or typed):
        return None
    need = amount(image.min_disk_gib, "disk_gib")
    if typed:
        text = _("%(image)s needs at least %(need)s.") % {"image": image.name, "need": need}
        return Problem(field=typed, text=text)
    text = _("%(image)s needs a disk of %(need)s; this flavor has %(have)s.") % {
        "image": image.name,
        "need": need,
        "have": amount(wanted.disk_gib, "disk_gib"),
    }
    return Problem(field="flavor", text=text)


def zone_problem(wanted: Wanted) -> Problem | None:
    """Where a network lies in one zone, its instances are there, too."""
    placed = [network for network in wanted.networks if network.zone]
    apart = next((network for network in placed if network.zone != placed[0].zone), None)
    if apart:
        text = _("%(one)s lies in the zone %(zone)s, %(other)s in %(other_zone)s: an instance is in one zone only.") % {
            "one": placed[0],
            "zone": placed[0].zone,
            "other": apart,
            "other_zone": apart.zone,
        }
        return Problem(field="networks", text=text)
    if placed and wanted.zone not in ("", placed[0].zone):
        text = _("The network %(network)s lies in the zone %(zone)s. Choose this zone, or another network.")
        return Problem(field="zone", text=text % {"network": placed[0], "zone": placed[0].zone})
    return None

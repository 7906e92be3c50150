"""What the list launches from, and into: the smallest that serves."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.clouds.interface import Driver, Feature, NetworkChoice, RemoteFlavor, RemoteImage
from dashboard.clouds.models import Cloud
from dashboard.instances.models import Flavor

from .results import NotPossible


def flavors_of(cloud: Cloud, driver: Driver) -> list[RemoteFlavor]:
    """The cloud's own; of one that has none, those that administrators keep here."""
    if driver.flavors is not None:
        return list(driver.flavors.list())
    kept = Flavor.objects.filter(cloud=cloud, is_gone=False, is_retired=False)
    return [RemoteFlavor(id="", name=f.name, vcpus=f.vcpus, ram_mib=f.ram_mib, disk_gib=f.disk_gib) for f in kept]


def smallest(
    images: Sequence[RemoteImage],
    flavors: Sequence[RemoteFlavor],
    *,
    image: str = "",
    flavor: str = "",
    any_disk: bool = False,
) -> tuple[RemoteImage, RemoteFlavor]:
    """Of those whose disk stays when they are off, where there are such. Raises NotPossible where none go together.

    With `any_disk` (Feature.ROOT_DISK) the disk is as large as the image needs, whatever the flavor.
    """
    pairs = [
        (one, size)
        for one in images
        for size in flavors
        if (image in (one.id, one.name) if image else not one.is_snapshot)
        and flavor in ("", size.id, size.name)
        and goes_into(one, size, any_disk=any_disk)
    ]
    if not pairs:
        raise NotPossible("there is no image that any flavor has room for, or none of that name")
    return min(pairs, key=weight)


def goes_into(image: RemoteImage, flavor: RemoteFlavor, *, any_disk: bool) -> bool:
    """A flavor without a disk takes the image's size."""
    is_disk_enough = any_disk or not flavor.disk_gib or image.min_disk_gib <= flavor.disk_gib
    return image.min_ram_mib <= flavor.ram_mib and is_disk_enough


def weight(pair: tuple[RemoteImage, RemoteFlavor]) -> tuple[bool, int, int, int, int, int, str]:
    image, flavor = pair
    size = flavor.vcpus, flavor.ram_mib, flavor.disk_gib
    return not image.keeps_disk, *size, image.min_disk_gib, image.size_bytes, image.name


def networks_for(driver: Driver) -> tuple[NetworkChoice, ...]:
    """None where the cloud chooses; else the first of its own."""
    if driver.networks is None or Feature.NETWORKS not in driver.features:
        return ()
    inner = [network for network in driver.networks.networks() if not network.is_external and network.subnets]
    chooses = Feature.NETWORK_DEFAULT if len(inner) > 1 else Feature.NETWORK_AUTO
    if not inner or chooses in driver.features:
        return ()
    own = [network for network in inner if network.is_own]
    return (NetworkChoice(network_id=(own or inner)[0].id),)

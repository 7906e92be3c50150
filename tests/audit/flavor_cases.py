"""What administrators do with flavors, as cases of test_every_change.py."""

from dashboard.clouds.models import Cloud
from dashboard.instances.models import Flavor

from .world import Case

SIZE = {"vcpus": "2", "ram_mib": "1024", "disk_gib": "8"}


def cloud_of(_world):
    return Cloud.objects.create(name="bare", kind="fake", features=["flavor-edit"])


def flavor_of(world, **more):
    return Flavor.objects.create(cloud=cloud_of(world), name="kept", vcpus=1, ram_mib=512, disk_gib=4, **more)


def create(world):
    typed = SIZE | {"name": "new"}
    return Case("flavors:create", [("flavor.create", "new")], [cloud_of(world).pk], typed, by="root")


def change(world):
    typed = SIZE | {"name": "changed", "was-name": "kept", "was-vcpus": "1", "was-ram_mib": "512", "was-disk_gib": "4"}
    return Case("flavors:edit", [("flavor.change", "changed")], [flavor_of(world).pk], typed, by="root")


def retire(world):
    return Case("flavors:retire", [("flavor.retire", "kept")], [flavor_of(world).pk], by="root")


def restore(world):
    return Case("flavors:restore", [("flavor.restore", "kept")], [flavor_of(world, is_retired=True).pk], by="root")


def delete(world):
    return Case("flavors:delete", [("flavor.delete", "kept")], [flavor_of(world).pk], by="root")


CASES = {
    "flavors:create": create,
    "flavors:edit": change,
    "flavors:retire": retire,
    "flavors:restore": restore,
    "flavors:delete": delete,
}

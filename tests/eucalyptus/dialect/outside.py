"""What happens to a cloud without us: an administrator's hand, a broken node, another tool."""

from __future__ import annotations

import json
from collections.abc import Mapping

from .accounts import Account, Key
from .cloud import Cloud
from .resources import Bucket, Image, Instance, Volume

HOSTILE = "<script>alert('x')</script>&\"]]>"


class Outside:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def create_account(self, name: str) -> Key:
        with self.cloud.lock:
            return self.cloud.add_account(name)

    def account(self, name_or_id: str) -> Account:
        found = self.cloud.accounts.find(name_or_id)
        if found is None:
            raise LookupError(name_or_id)
        return found

    def add_instances(self, count: int, account: str, *, type: str = "m1.small", image: str = "") -> list[str]:
        """Running ones, each with room of its own on the nodes."""
        with self.cloud.lock:
            if not count:
                return []
            self.cloud.welcome(self.account(account))
            return [self._add_instance(number, self.account(account), type, image) for number in range(count)]

    def add_bucket(self, name: str, account: str) -> None:
        with self.cloud.lock:
            self.cloud.buckets[name] = Bucket(name, self.account(account).id, self.cloud.clock.now())

    def _add_instance(self, number: int, account: Account, type: str, image: str) -> str:
        cloud = self.cloud
        zone, kind = cloud.zones[cloud.zone_names[number % len(cloud.zone_names)]], cloud.types[type]
        zone.vcpus, zone.memory_mib = zone.vcpus + kind.vcpus, zone.memory_mib + kind.memory_mib
        zone.disk_gib += kind.disk_gib
        chosen = image or next(i.id for i in cloud.images.values() if i.root == "instance-store")
        one = Instance(cloud.new_id("i"), cloud.new_id("r"), account.id, chosen, type, zone.name, cloud.clock.now())
        one.state, one.root, one.private_ip = "running", cloud.images[chosen].root, cloud.private_ip()
        subnet = next((s for s in cloud.subnets.values() if s.vpc == account.default_vpc and s.zone == zone.name), None)
        if subnet:
            one.vpc, one.subnet, one.interface = subnet.vpc, subnet.id, cloud.new_id("eni")
        one.groups = [
            g.id for g in cloud.groups.values() if (g.account, g.name, g.vpc) == (account.id, "default", one.vpc)
        ]
        cloud.instances[one.id] = one
        if one.root == "ebs":
            self._add_root(one, cloud.images[chosen])
        cloud.tags[account.id, one.id] = {"Name": f"web-{number}"}
        return one.id

    def _add_root(self, one: Instance, image: Image) -> None:
        volume = Volume(self.cloud.new_id("vol"), one.account, one.zone, image.size_gib, one.launched, image.snapshot)
        volume.state, volume.instance, volume.device, volume.attachment = "in-use", one.id, "/dev/sda", "attached"
        volume.is_root, volume.ends_with_instance, volume.attached = True, True, one.launched
        self.cloud.volumes[volume.id] = volume

    def terminate(self, instance_id: str) -> None:
        """The record stays for a while, as after any end."""
        with self.cloud.lock:
            instance = self.cloud.instances[instance_id]
            instance.state, instance.public_ip = "terminated", ""
            for volume in self.cloud.volumes.values():
                if volume.instance == instance_id:
                    volume.instance, volume.attachment = None, ""
                    volume.state = "deleted" if volume.ends_with_instance else "available"
            for address in self.cloud.addresses.values():
                if address.instance == instance_id:
                    address.instance = address.association = None

    def bury(self, instance_id: str) -> None:
        """No trace is left."""
        with self.cloud.lock:
            self.cloud.forget(self.cloud.instances, instance_id)

    def set_state(self, instance_id: str, state: str, *, reason: str | None = None) -> None:
        with self.cloud.lock:
            self.cloud.instances[instance_id].state, self.cloud.instances[instance_id].reason = state, reason

    def remove_type(self, name: str) -> None:
        with self.cloud.lock:
            del self.cloud.types[name]

    def remove_image(self, image_id: str) -> None:
        with self.cloud.lock:
            del self.cloud.images[image_id]

    def fill(self, zone: str) -> None:
        """No room on its nodes."""
        with self.cloud.lock:
            self.cloud.zones[zone].vcpus = 0

    def edit_quota(self, account: str, policy: str = "by-hand", **limits: int) -> None:
        """`edit_quota("lab", vminstancenumber=2)`; without limits the policy goes."""
        with self.cloud.lock:
            policies = self.account(account).policies
            if limits:
                policies[policy] = quota_document({f"ec2:quota-{key}": limit for key, limit in limits.items()})
            else:
                policies.pop(policy, None)

    def deactivate_key(self, key_id: str) -> None:
        with self.cloud.lock:
            self.cloud.accounts.keys[key_id].is_active = False

    def hostile_names(self) -> None:
        """Markup in every name and in the values of all tags."""
        cloud = self.cloud
        with cloud.lock:
            for thing in [*cloud.images.values(), *cloud.groups.values()]:
                thing.name, thing.description = f"{HOSTILE}{thing.name}", f"{HOSTILE}{thing.description}"
            for tags in cloud.tags.values():
                tags.update({key: f"{HOSTILE}{value}"[:256] for key, value in tags.items()})
            for (account, name), pair in list(cloud.key_pairs.items()):
                pair.name = f"{HOSTILE}{name}"
                cloud.key_pairs[account, pair.name] = cloud.key_pairs.pop((account, name))
            for instance in cloud.instances.values():
                instance.key = f"{HOSTILE}{instance.key}"


def quota_document(limits: Mapping[str, int]) -> str:
    condition = {"NumericLessThanEquals": {key: str(limit) for key, limit in limits.items()}}
    statement = {"Effect": "Limit", "Action": "ec2:*", "Resource": "*", "Condition": condition}
    return json.dumps({"Version": "2011-04-01", "Statement": [statement]})

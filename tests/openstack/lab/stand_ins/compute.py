"""Nova's own fake hypervisor, with what it lacks outside of Nova's tests.

The original makes new node ids in each process, so that a restarted nova-compute refuses its own node; forgets its
guests; reports no power state for a paused or suspended guest; and its snapshots, consoles and screens lead nowhere.
"""

from __future__ import annotations

import io
import uuid

import nova.conf
from nova.compute import power_state, task_states, vm_states
from nova.console import type as console_type
from nova.image import glance
from nova.scheduler.client import report
from nova.virt import fake
from oslo_config import cfg

CONF = nova.conf.CONF
CONF.register_opts([cfg.PortOpt("vnc_port"), cfg.PortOpt("serial_port")], group="skydeck_lab")
NODES = uuid.UUID("5c1f7a52-6f0c-4a56-9a5e-1f1c8a1d5b0e")
NOT_ON_A_HOST = (vm_states.BUILDING, vm_states.DELETED, vm_states.SOFT_DELETED, vm_states.SHELVED_OFFLOADED)
BOOT_LOG = """\
[    0.000000] Linux version 6.1.0 (fake guest)
[    0.000000] Command line: root=/dev/vda1 console=ttyS0
[    1.204511] {uuid} booted on {host}

{name} login: """

# For each claim Nova's resource tracker reads the allocations of every guest of the node, one GET for each, to
# prepare a reshape that this driver never asks for. A real node has dozens of guests, one of ours a thousand.
report.SchedulerReportClient.get_allocations_for_provider_tree = lambda *arguments, **named: {}


class FakeDriver(fake.FakeDriver):
    def get_nodenames_by_uuid(self, refresh=False):
        return {_node_uuid(name): name for name in self.get_available_nodes()}

    def get_available_resource(self, nodename):
        found = super().get_available_resource(nodename)
        return {**found, "uuid": _node_uuid(nodename)} if found else found

    def process_instances_at_startup(self, context, instances):
        for instance in instances:
            if instance.host == self._host and instance.vm_state not in NOT_ON_A_HOST:
                self._known(instance)
        return super().process_instances_at_startup(context, instances)

    def _known(self, instance):
        """The guest, made up from Nova's own row where this process has not seen it yet."""
        if instance.uuid not in self.instances:
            guest = fake.FakeInstance(instance.name, _power_state(instance), instance.uuid)
            self.instances[instance.uuid] = guest
            flavor = instance.flavor
            self.resources.claim(vcpus=flavor.vcpus, mem=flavor.memory_mb, disk=flavor.root_gb)
        return self.instances[instance.uuid]

    def power_off(self, instance, timeout=0, retry_interval=0):
        self._known(instance)
        super().power_off(instance, timeout, retry_interval)

    def power_on(self, context, instance, *arguments, **named):
        self._known(instance)
        super().power_on(context, instance, *arguments, **named)

    def pause(self, instance):
        self._known(instance).state = power_state.PAUSED

    def unpause(self, instance):
        self._known(instance).state = power_state.RUNNING

    def suspend(self, context, instance):
        self._known(instance).state = power_state.SUSPENDED

    def resume(self, context, instance, network_info, block_device_info=None, share_info=None):
        self._known(instance).state = power_state.RUNNING

    def unrescue(self, context, instance):
        self._known(instance).state = power_state.RUNNING

    def attach_interface(self, context, instance, image_meta, vif):
        self._interfaces[vif["id"]] = vif

    def detach_interface(self, context, instance, vif):
        self._interfaces.pop(vif["id"], None)

    def migrate_disk_and_power_off(
        self, context, instance, dest, flavor, network_info, block_device_info=None, timeout=0, retry_interval=0
    ):
        self._known(instance).state = power_state.SHUTDOWN

    def post_live_migration(self, context, instance, block_device_info, migrate_data=None):
        self._known(instance)
        self.destroy(context, instance, None, block_device_info)

    def snapshot(self, context, instance, image_id, update_task_state):
        """Uploads an image of 1 MiB that is really there."""
        self._known(instance)
        update_task_state(task_state=task_states.IMAGE_PENDING_UPLOAD)
        api = glance.API()
        image = api.get(context, image_id)
        described = {
            "status": "active",
            "name": image["name"],
            "disk_format": "raw",
            "container_format": "bare",
            "visibility": image.get("visibility", "private"),
            "properties": image.get("properties", {}),
        }
        update_task_state(task_state=task_states.IMAGE_UPLOADING, expected_state=task_states.IMAGE_PENDING_UPLOAD)
        content = f"snapshot of {instance.uuid}\n".encode().ljust(1024 * 1024, b"\0")
        api.update(context, image_id, described, io.BytesIO(content), purge_props=False)

    def get_host_uptime(self):
        return "00:00:00 up 1 day, 0 users, load average: 0.00, 0.00, 0.00"

    def get_console_output(self, context, instance):
        return BOOT_LOG.format(uuid=instance.uuid, host=self._host, name=instance.hostname).encode()

    def get_vnc_console(self, context, instance):
        return console_type.ConsoleVNC(host="127.0.0.1", port=CONF.skydeck_lab.vnc_port)

    def get_serial_console(self, context, instance):
        return console_type.ConsoleSerial(host="127.0.0.1", port=CONF.skydeck_lab.serial_port)


def _node_uuid(name):
    return str(uuid.uuid5(NODES, name))


def _power_state(instance):
    if instance.power_state not in (None, power_state.NOSTATE):
        return instance.power_state
    is_off = instance.vm_state in (vm_states.STOPPED, vm_states.SHELVED)
    return power_state.SHUTDOWN if is_off else power_state.RUNNING

"""What a cloud's features are called."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .interface import Feature

FEATURES: dict[Feature, str | Promise] = {
    Feature.START_STOP: _("Start and stop"),
    Feature.REBOOT_SOFT: _("Reboot"),
    Feature.REBOOT_HARD: _("Hard reboot"),
    Feature.PAUSE: _("Pause"),
    Feature.SUSPEND: _("Suspend"),
    Feature.SHELVE: _("Shelve"),
    Feature.RESCUE: _("Rescue"),
    Feature.LOCK: _("Lock against changes"),
    Feature.RESIZE: _("Resize"),
    Feature.REBUILD: _("Rebuild"),
    Feature.SNAPSHOT: _("Snapshot to an image"),
    Feature.RENAME: _("Rename"),
    Feature.TAGS: _("Tags"),
    Feature.METADATA: _("Metadata"),
    Feature.PUBLIC_KEY: _("Public keys in instances"),
    Feature.CONSOLE_VNC: _("Console in the browser"),
    Feature.CONSOLE_SERIAL: _("Serial console in the browser"),
    Feature.CONSOLE_LOG: _("Console log"),
    Feature.EVENTS: _("Changes told at once"),
    Feature.CHANGES: _("Changes listed since the last look"),
    Feature.ACTIONS: _("History of each instance"),
    Feature.ZONES: _("Availability zones"),
    Feature.SERVER_GROUPS: _("Server groups"),
    Feature.BOOT_VOLUME: _("Boot from a new volume"),
    Feature.NETWORKS: _("Networks to choose from"),
    Feature.NETWORK_EDIT: _("Networks of one's own"),
    Feature.FIXED_ADDRESS: _("A chosen address"),
    Feature.NETWORK_AUTO: _("The cloud chooses the network"),
    Feature.SECURITY_GROUPS: _("Security groups"),
    Feature.FLOATING_IPS: _("Floating IPs"),
    Feature.PLACES: _("A place of its own for each tenant"),
    Feature.QUOTAS: _("Limits of the cloud itself"),
    Feature.CAPACITY: _("Hosts and their load"),
}

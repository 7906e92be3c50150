"""What a cloud's features are called, and what it calls the place that a tenant has there."""

from __future__ import annotations

from dataclasses import dataclass

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
    Feature.PASSWORD: _("Administrator's password of Windows"),
    Feature.EVENTS: _("Changes told at once"),
    Feature.CHANGES: _("Changes listed since the last look"),
    Feature.ACTIONS: _("History of each instance"),
    Feature.ZONES: _("Availability zones"),
    Feature.SERVER_GROUPS: _("Server groups"),
    Feature.BOOT_VOLUME: _("Boot from a new volume"),
    Feature.ROOT_DISK: _("A chosen size of the root disk"),
    Feature.NETWORKS: _("Networks to choose from"),
    Feature.NETWORK_EDIT: _("Networks of one's own"),
    Feature.FLAVOR_EDIT: _("Flavors that administrators keep here"),
    Feature.FIXED_ADDRESS: _("A chosen address"),
    Feature.NETWORK_AUTO: _("The cloud chooses the network"),
    Feature.NETWORK_DEFAULT: _("The cloud chooses among several networks"),
    Feature.SECURITY_GROUPS: _("Security groups"),
    Feature.RULES_EGRESS: _("Rules for what gets out"),
    Feature.RULES_IPV6: _("Rules for IPv6"),
    Feature.RULES_ANY_PROTOCOL: _("Rules for all protocols at once"),
    Feature.FLOATING_IPS: _("Floating IPs"),
    Feature.ADDRESSES_STAY: _("Addresses stay while an instance is turned off"),
    Feature.PLACES: _("A place of its own for each tenant"),
    Feature.PLACE_REMOVE: _("Places that are empty can be deleted"),
    Feature.ACCESS_KEYS: _("Keys for the cloud's own tools"),
    Feature.QUOTAS: _("Limits of the cloud itself"),
    Feature.CAPACITY: _("Hosts and their load"),
}


@dataclass(frozen=True, slots=True)
class PlaceWords:
    word: str | Promise
    title: str | Promise
    with_article: str | Promise
    several: str | Promise


PLACES = {
    "project": PlaceWords(_("project"), _("Project"), _("a project"), _("projects")),
    "account": PlaceWords(_("account"), _("Account"), _("an account"), _("accounts")),
}
"""By the word that a driver's `connection.py` says."""

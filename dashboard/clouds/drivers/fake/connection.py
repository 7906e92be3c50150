"""The connection form of a fake cloud."""

from __future__ import annotations

from collections.abc import Mapping

from ...interface import ConnectionField

FIELDS = (
    ConnectionField(name="path", label="State file", help="An SQLite file; made if it is not there."),
    ConnectionField(
        name="delay_s",
        label="Seconds per change",
        help="How long an instance stays as it was after it is launched, started, stopped or changed in another way.",
        required=False,
        default="0",
    ),
    ConnectionField(
        name="places",
        label="Places",
        help="'yes': each tenant has a place of its own with networks, limits and a key, as on OpenStack.",
        required=False,
    ),
    ConnectionField(
        name="screens",
        label="Screens",
        help="Host and port of a VNC server that is shown as the screen of every instance; empty: there are none.",
        required=False,
    ),
)
PLACE_FIELDS = (
    ConnectionField(name="place_id", label="Place", help="The id of the tenant's place."),
    ConnectionField(name="key", label="Key", help="As the cloud's administrator granted it.", secret=True),
)
"""What lets us in as one tenant."""


def has_places(settings: Mapping[str, str]) -> bool:
    """Whether each tenant has a place of its own on that cloud."""
    return settings.get("places") == "yes"

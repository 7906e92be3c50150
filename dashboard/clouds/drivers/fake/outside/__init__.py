"""What happens to the fake cloud behind our back: its other users, its administrators, its accidents.

Each is seen by watchers, except `seed`, which makes a cloud that was large before anybody looked.
"""

from .images import add_image, remove_image
from .instances import change_instance, count_marked, make_instance, remove, seed, set_partial, set_status
from .networks import (
    make_floating_ip,
    make_network,
    make_port,
    plug_floating_ip,
    remove_floating_ip,
    remove_port,
)
from .places import grant, make_place, revoke, set_enabled, set_quota

__all__ = [
    "add_image",
    "change_instance",
    "count_marked",
    "grant",
    "make_floating_ip",
    "make_instance",
    "make_network",
    "make_place",
    "make_port",
    "plug_floating_ip",
    "remove",
    "remove_floating_ip",
    "remove_image",
    "remove_port",
    "revoke",
    "seed",
    "set_enabled",
    "set_partial",
    "set_quota",
    "set_status",
]

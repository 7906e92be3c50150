"""What happens to the fake cloud behind our back: its other users, its administrators, its accidents.

Each is seen by watchers, except `seed`, which makes a cloud that was large before anybody looked.
"""

from .hosts import set_host
from .images import add_image, change_image, remove_image, set_system
from .instances import (
    change_instance,
    count_marked,
    give_password,
    make_instance,
    remove,
    seed,
    set_partial,
    set_status,
    user_data_of,
)
from .networks import (
    make_floating_ip,
    make_network,
    make_port,
    plug_floating_ip,
    remove_floating_ip,
    remove_port,
)
from .places import grant, make_place, remove_place, revoke, set_enabled, set_quota

__all__ = [
    "add_image",
    "change_image",
    "change_instance",
    "count_marked",
    "give_password",
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
    "remove_place",
    "remove_port",
    "revoke",
    "seed",
    "set_enabled",
    "set_host",
    "set_partial",
    "set_quota",
    "set_status",
    "set_system",
    "user_data_of",
]

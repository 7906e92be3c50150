"""Words for what clouds call their own doing, and for what a verb does to an instance.

Nova's words stand for all clouds here: https://docs.openstack.org/nova/latest/reference/vm-states.html
and the action names of nova/objects/fields.py and nova/compute/instance_actions.py. A word that is in no
table is shown as the cloud wrote it.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

# How a cloud's word for what it is doing begins -> the verb whose word says it. The first that fits.
TASKS: tuple[tuple[str, str], ...] = (
    ("scheduling", "launch"),
    ("block_device_mapping", "launch"),
    ("networking", "launch"),
    ("spawning", "launch"),
    ("image_", "snapshot"),
    ("resize_reverting", "revert-resize"),
    ("resize_confirming", "confirm-resize"),
    ("resize", "resize"),
    ("reboot", "reboot"),
    ("pausing", "pause"),
    ("unpausing", "unpause"),
    ("suspending", "suspend"),
    ("resuming", "resume"),
    ("powering-off", "stop"),
    ("powering-on", "start"),
    ("rescuing", "rescue"),
    ("unrescuing", "unrescue"),
    ("rebuild", "rebuild"),
    ("shelving", "shelve"),
    ("unshelving", "unshelve"),
    ("deleting", "delete"),
    ("soft-deleting", "delete"),
)

# A cloud's name of something that was done -> our verbs that do it.
ACTIONS: dict[str, tuple[str, ...]] = {
    "create": ("launch",),
    "start": ("start", "launch", "restore"),
    "stop": ("stop", "delete"),
    "reboot": ("reboot", "hard-reboot"),
    "pause": ("pause",),
    "unpause": ("unpause",),
    "suspend": ("suspend",),
    "resume": ("resume",),
    "shelve": ("shelve",),
    "shelveOffload": ("shelve",),
    "unshelve": ("unshelve",),
    "rescue": ("rescue",),
    "unrescue": ("unrescue",),
    "resize": ("resize",),
    "migrate": (),
    "confirmResize": ("confirm-resize",),
    "revertResize": ("revert-resize",),
    "createImage": ("snapshot",),
    "rebuild": ("rebuild",),
    "lock": ("lock",),
    "unlock": ("unlock",),
    "delete": ("delete", "delete-now", "roll-back", "launch"),
}
# Those that are none of our verbs.
OTHER_ACTIONS: dict[str, Text] = {
    "migrate": _("Moved to another host"),
    "live-migration": _("Moved to another host while it ran"),
    "evacuate": _("Brought away from a host that failed"),
    "forceDelete": _("Delete"),
    "restore": _("Restored after it was deleted"),
    "attach_volume": _("Volume attached"),
    "detach_volume": _("Volume detached"),
    "attach_interface": _("Network attached"),
    "detach_interface": _("Network detached"),
    "addSecurityGroup": _("Security group added"),
    "removeSecurityGroup": _("Security group removed"),
    "changePassword": _("Password changed"),
    "createBackup": _("Backup"),
    "trigger_crash_dump": _("Crash dump asked for"),
}

CONSEQUENCES: dict[str, Text] = {
    "delete-now": _("The instance and its disk are removed from the cloud at once. This cannot be undone."),
    "stop": _(
        "The guest is asked to shut down; if it does not within %(seconds)s s, its power is cut, and what it has not "
        "written to its disk is lost."
    ),
    "hard-reboot": _("Its power is cut and comes back at once: what the guest has not written to its disk is lost."),
    "shelve": _("Its power is cut, its disk is kept as an image, and its host may be given to others."),
    "rescue": _("It starts from another image, with its own disk beside it, so that you can mend what is on it."),
    "resize": _(
        "It is turned off, gets the new size and starts again. You then confirm the new size or go back to the old one."
    ),
    "confirm-resize": _("The new size stays. After that there is no way back but another resize."),
    "revert-resize": _("It is turned off and starts again with its old size."),
    "rebuild": _("Everything on its disk is lost and replaced by the image. Its name, addresses and size stay."),
    "snapshot": _("Its disk is kept as an image, from which others can be launched. The instance may stand still."),
    "describe": _("What it is for, in a sentence: it is shown on its page, and where the mouse rests on its name."),
    "tags": _("Short words to find and to sort it by."),
    "metadata": _("Notes for programs, on the cloud and in the guest: one `key=value` in a line."),
    "lock": _("While it is locked nothing can be done to it, so that nobody deletes or stops it by mistake."),
}


def verb_of_task(task: str) -> str:
    """The verb that says what the cloud is doing; empty for a word that nobody knows."""
    return next((verb for begin, verb in TASKS if task.startswith(begin)), "")

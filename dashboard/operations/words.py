"""What operations and their steps are called, by the names that rows store."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dashboard.tenancy.access import SYSTEM

Text = str | Promise

KINDS: dict[str, Text] = {
    "instance.launch": _("Launch"),
    "instance.start": _("Start"),
    "instance.stop": _("Stop"),
    "instance.reboot": _("Reboot"),
    "instance.hard-reboot": _("Hard reboot"),
    "instance.pause": _("Pause"),
    "instance.unpause": _("Unpause"),
    "instance.suspend": _("Suspend"),
    "instance.resume": _("Resume"),
    "instance.shelve": _("Shelve"),
    "instance.unshelve": _("Unshelve"),
    "instance.rescue": _("Rescue"),
    "instance.unrescue": _("Leave rescue"),
    "instance.resize": _("Resize"),
    "instance.confirm-resize": _("Confirm the new size"),
    "instance.revert-resize": _("Go back to the old size"),
    "instance.snapshot": _("Snapshot"),
    "instance.rebuild": _("Rebuild"),
    "instance.rename": _("Rename"),
    "instance.describe": _("Change name and description"),
    "instance.tags": _("Change tags"),
    "instance.metadata": _("Change metadata"),
    "instance.lock": _("Lock"),
    "instance.unlock": _("Unlock"),
    "instance.delete": _("Delete"),
    "instance.delete-now": _("Delete for good"),
    "instance.restore": _("Restore"),
    "instance.roll-back": _("Roll back"),
    "network.create": _("Create network"),
    "network.delete": _("Delete network"),
    "router.create": _("Create router"),
    "router.connect": _("Connect a subnet"),
    "router.disconnect": _("Disconnect a subnet"),
    "router.delete": _("Delete router"),
    "security-group.create": _("Create security group"),
    "security-group.delete": _("Delete security group"),
    "security-group.add-rule": _("Add a rule"),
    "security-group.remove-rule": _("Remove a rule"),
    "access-key.create": _("Make a key for the cloud's own tools"),
    "access-key.revoke": _("Revoke a key for the cloud's own tools"),
    "place.make": _("Make the tenant's place"),
    "place.link": _("Link the tenant's place"),
    "place.bring": _("Prove a credential"),
    "place.rotate": _("Rotate the credential"),
    "place.unlink": _("Unlink the tenant's place"),
    "place.push": _("Push limits to the cloud"),
    "place.read": _("Read the cloud's limits"),
    "floating-ip.allocate": _("Allocate floating IP"),
    "floating-ip.associate": _("Associate floating IP"),
    "floating-ip.disassociate": _("Disassociate floating IP"),
    "floating-ip.release": _("Release floating IP"),
}
OUTCOMES: dict[str, Text] = {
    "instance.restore": _("%(name)s is restored."),
}
"""What is so when one is done, where its name and `Done` do not say it."""
NOUNS: dict[str, Text] = {
    "instance": _("Instances"),
    "network": _("Networks"),
    "router": _("Routers"),
    "security-group": _("Security groups"),
    "floating-ip": _("Floating IPs"),
    "place": _("Projects and accounts"),
    "access-key": _("Keys for the clouds' own tools"),
}
STEPS: dict[str, Text] = {
    "ask": _("Ask the cloud"),
    "create": _("Ask the cloud to build it"),
    "clean-up": _("Remove what was half built"),
    "built": _("Wait until it is up"),
    "running": _("Wait until it runs"),
    "stopped": _("Wait until it has stopped"),
    "turn-off": _("Ask the cloud to turn it off"),
    "turn-on": _("Ask the cloud to turn it on"),
    "settled": _("Wait until it has come to rest"),
    "listed": _("Wait until the image is there"),
    "server-group": _("Make the server group"),
    "floating-ip": _("Get a floating IP and lead it there"),
    "release-address": _("Give the floating IP back"),
    "release-planned": _("Give back the floating IP that was asked for"),
    "let-go": _("Wait for what was under way before"),
    "delete": _("Ask the cloud to remove it"),
    "gone": _("Wait until nothing is left of it"),
    "remove-group": _("Remove the server group that was made for it"),
    "project": _("Make it on the cloud"),
    "find-project": _("Find it on the cloud"),
    "grant": _("Make a credential for it"),
    "remove-place": _("Delete it on the cloud, if nothing is left in it"),
    "revoke": _("End the old credential"),
    "prove": _("Sign in with it"),
    "withdraw": _("End its credentials"),
    "end-access-keys": _("End the keys of its people"),
    "issue-key": _("Have the cloud make the key"),
    "end-issued": _("Make sure that nothing is left of it"),
    "end-key": _("Have the cloud end it"),
    "first-network": _("Make a network with a way out"),
    "push-limits": _("Set the cloud's limits"),
    "read-limits": _("Read the cloud's limits"),
    "seen": _("Look at what the cloud has now"),
}


def kind_label(kind: str) -> Text:
    """The words for a kind; one that is not in the table is shown as it is."""
    return KINDS.get(kind, kind)


def step_label(name: str) -> Text:
    return STEPS.get(name, name)


def asked_by(name: str, *, via: str) -> str:
    """Who asked for it: a person, a key of theirs, or Skydeck itself on somebody's behalf."""
    if name == SYSTEM:
        return gettext("Skydeck, for %(name)s") % {"name": via} if via else gettext("Skydeck")
    return gettext("%(name)s, with the key %(key)s") % {"name": name, "key": via} if via else name

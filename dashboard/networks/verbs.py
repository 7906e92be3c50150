"""What can be done with networks, routers, security groups and floating IPs: one table for button, action and test.

`why_not` is its only reader. It answers with a sentence for the user, or nothing when the verb is allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.clouds.interface import Feature
from dashboard.clouds.maintenance import why_closed
from dashboard.clouds.models import Cloud
from dashboard.operations.models import Operation
from dashboard.tenancy.looking import only_looking
from dashboard.tenancy.models import Role

from .models import FloatingIp, Network, SecurityGroup, Seen
from .plugs import listed

Text = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    label: Text
    doing: Text
    """What the row says while it is under way."""
    feature: Feature
    icon: str = ""


VERBS: dict[str, Verb] = {
    "network.create": Verb(
        label=gettext_lazy("Create network"), doing=gettext_lazy("Being made"), feature=Feature.NETWORK_EDIT
    ),
    "network.delete": Verb(
        label=gettext_lazy("Delete"), doing=gettext_lazy("Deleting"), feature=Feature.NETWORK_EDIT, icon="trash"
    ),
    "router.create": Verb(
        label=gettext_lazy("Create router"), doing=gettext_lazy("Being made"), feature=Feature.NETWORK_EDIT
    ),
    "router.connect": Verb(
        label=gettext_lazy("Connect"), doing=gettext_lazy("Connecting"), feature=Feature.NETWORK_EDIT, icon="link"
    ),
    "router.disconnect": Verb(
        label=gettext_lazy("Disconnect"),
        doing=gettext_lazy("Disconnecting"),
        feature=Feature.NETWORK_EDIT,
        icon="unlink",
    ),
    "router.delete": Verb(
        label=gettext_lazy("Delete"), doing=gettext_lazy("Deleting"), feature=Feature.NETWORK_EDIT, icon="trash"
    ),
    "security-group.create": Verb(
        label=gettext_lazy("Create security group"),
        doing=gettext_lazy("Being made"),
        feature=Feature.SECURITY_GROUPS,
    ),
    "security-group.add-rule": Verb(
        label=gettext_lazy("Add rule"), doing=gettext_lazy("Being added"), feature=Feature.SECURITY_GROUPS
    ),
    "security-group.remove-rule": Verb(
        label=gettext_lazy("Remove"), doing=gettext_lazy("Removing"), feature=Feature.SECURITY_GROUPS, icon="trash"
    ),
    "security-group.delete": Verb(
        label=gettext_lazy("Delete"), doing=gettext_lazy("Deleting"), feature=Feature.SECURITY_GROUPS, icon="trash"
    ),
    "floating-ip.allocate": Verb(
        label=gettext_lazy("Allocate floating IP"), doing=gettext_lazy("Being made"), feature=Feature.FLOATING_IPS
    ),
    "floating-ip.associate": Verb(
        label=gettext_lazy("Associate"), doing=gettext_lazy("Associating"), feature=Feature.FLOATING_IPS, icon="link"
    ),
    "floating-ip.disassociate": Verb(
        label=gettext_lazy("Disassociate"),
        doing=gettext_lazy("Disassociating"),
        feature=Feature.FLOATING_IPS,
        icon="unlink",
    ),
    "floating-ip.release": Verb(
        label=gettext_lazy("Release"), doing=gettext_lazy("Releasing"), feature=Feature.FLOATING_IPS, icon="trash"
    ),
}
MAKES = frozenset({"network.create", "router.create", "floating-ip.allocate"})
"""What a cloud in maintenance does not take. A security group is only a list of rules."""
ENDS = frozenset({"network.delete", "router.delete", "security-group.delete", "floating-ip.release"})
"""Also possible with what was never made."""


def why_not_on(cloud: Cloud, kind: str, *, role: Role) -> str:
    """Why nobody of this role can do it on this cloud."""
    if not role.includes(Role.MEMBER):
        return only_looking(Role.MEMBER)
    if not cloud.can(VERBS[kind].feature):
        return _("The cloud %(cloud)s cannot do this.") % {"cloud": cloud.name}
    return why_closed(cloud) if kind in MAKES else ""


def why_not(row: Seen, kind: str, *, role: Role, operation: Operation | None = None, users: Sequence[str] = ()) -> str:
    """Why `kind` is not possible with the row now, in the user's words; empty when it is.

    `users` are the names of what would be cut off when the row were deleted.
    """
    if reason := why_not_on(row.cloud, kind, role=role):
        return reason
    if operation is not None:
        doing = VERBS[operation.kind].doing if operation.kind in VERBS else operation.label
        return _("%(doing)s is under way; wait for it to end.") % {"doing": doing}
    if row.tenant is None or (isinstance(row, Network) and not row.is_own):
        return _("It does not belong to this tenant: it is only shared with it.")
    if not row.remote_id and kind not in ENDS:
        return _("It was never made on the cloud; it can only be deleted.")
    if kind in ENDS and isinstance(row, SecurityGroup) and row.is_default:
        return _("Each tenant has the group “default”; the cloud does not let it go.")
    if kind in ENDS and users:
        return _("Still in use by %(names)s.") % {"names": listed(users)}
    return why_not_floating(row, kind) if isinstance(row, FloatingIp) else ""


def why_not_floating(row: FloatingIp, kind: str) -> str:
    if kind == "floating-ip.disassociate" and not row.port_id:
        return _("It leads to no instance.")
    if kind == "floating-ip.associate" and row.port_id:
        return _("It leads to an instance already; disassociate it first.")
    return ""

"""Placing, building and changing instances."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .entry import Failure, Sign

SIZE = _("%(flavor)s asks for %(vcpus)s, %(ram_mib)s of memory and %(disk_gib)s of disk.")

INSTANCES: dict[str, Failure] = {
    "server-group-violated": Failure(
        cause=_("No host satisfies the rule of the server group any more: another of its instances was faster."),
        affects=_("the server group"),
        action=_("Launch again, or without the server group."),
        signs=(Sign(r"instance group policy was violated"),),
    ),
    # nova/scheduler/manager.py: no reason at all when Placement had no candidate, the sentence when filters left none
    "no-host-by-rules": Failure(
        cause=_(
            "Hosts of the cloud have room for it, but its rules leave none: server group, availability zone, image "
            "properties."
        ),
        facts=(SIZE,),
        affects=_("the choice of a host"),
        action=_("Launch without the server group or in another availability zone, or ask your administrator."),
        signs=(Sign(r"No valid host was found\. There are not enough hosts available"),),
    ),
    "no-host-has-room": Failure(
        cause=_("No host of the cloud has room for it, or none has what its flavor demands."),
        facts=(SIZE, _("What no host has enough of: %(short)s.")),
        affects=_("the hosts"),
        action=_("Choose a smaller flavor, delete what is not needed, or ask your administrator for more capacity."),
        signs=(Sign(r"No valid host was found"), Sign(r"Insufficient compute resources")),
    ),
    "tried-everywhere": Failure(
        cause=_("The cloud tried to build it on several hosts, and on none it worked."),
        facts=(SIZE,),
        affects=_("the hosts"),
        action=_("Launch again. If it happens again, ask your administrator: the last host's reason is below."),
        signs=(Sign(r"Exceeded maximum number of retries"), Sign(r"Exceeded max scheduling attempts")),
    ),
    "host-out-of-memory": Failure(
        cause=_("The host has not enough memory left."),
        facts=(SIZE,),
        affects=_("the host's memory"),
        action=_("Choose a smaller flavor, delete what is not needed, or ask your administrator."),
        signs=(Sign(r"Cannot allocate memory"),),
    ),
    "locked-by-administrator": Failure(
        cause=_("An administrator of the cloud locked it."),
        affects=_("the instance"),
        action=_("Ask your administrator to unlock it."),
        signs=(Sign(r"os-lock-server:unlock:unlock_override"),),
    ),
    "locked": Failure(
        cause=_("It is locked on the cloud."),
        affects=_("the instance"),
        action=_("Unlock it, then try again."),
        signs=(Sign(r"Instance [0-9a-f-]{36} is locked"),),
    ),
    "not-rescuable": Failure(
        cause=_("The cloud cannot rescue this instance."),
        affects=_("the instance"),
        action=_("Take a snapshot and launch another from it, or ask your administrator."),
        signs=(Sign(r"Instance [0-9a-f-]{36} cannot be rescued"),),
    ),
    "wrong-state": Failure(
        cause=_("It is in a state that does not allow this."),
        facts=(_("The cloud says: %(state)s."),),
        affects=_("the instance"),
        action=_("Look at its present status and try again."),
        signs=(
            Sign(r"Cannot '(?P<verb>\w+)' instance \S+ while it is in (vm_state|task_state) (?P<state>[\w-]+)"),
            Sign(r"Instance \S+ in (vm_state|task_state) (?P<state>[\w-]+)\. Cannot (?P<verb>\w+) while"),
            Sign(r"^IncorrectInstanceState\b", source="ec2"),
        ),
    ),
    "same-flavor": Failure(
        cause=_("It has this flavor already."),
        affects=_("the flavor"),
        action=_("Choose another flavor."),
        signs=(Sign(r"When resizing, instances must change flavor"),),
    ),
    "disk-cannot-shrink": Failure(
        cause=_("Its disk cannot become smaller."),
        affects=_("the flavor"),
        action=_("Choose a flavor whose disk is as large as now, or larger."),
        signs=(
            Sign(r"Server disk was unable to be resized because"),
            Sign(r"Resize error: .*(resize disk down|Unable to resize)"),
            Sign(r"Can't shrink capacity below current capacity", source="libvirt"),
        ),
    ),
    "gone-flavor": Failure(
        cause=_("The flavor does not exist any more on the cloud."),
        affects=_("the flavor"),
        action=_("Choose another flavor."),
        signs=(
            Sign(r"Flavor \S+ could not be found"),
            Sign(r"^(InvalidInstanceType\b|InvalidParameterValue: Instance type does not exist)", source="ec2"),
        ),
    ),
    "gone-zone": Failure(
        cause=_("The availability zone does not exist, or none of its hosts is up."),
        affects=_("the availability zone"),
        action=_("Choose another availability zone, or leave the choice to the cloud."),
        signs=(
            Sign(r"requested availability zone is not available"),
            Sign(r"^(InvalidZone|InvalidParameterValue: Invalid availability zone)", source="ec2"),
        ),
    ),
    "gone-key-pair": Failure(
        cause=_("The key pair does not exist any more on the cloud."),
        affects=_("the key pair"),
        action=_("Launch again with another key."),
        signs=(Sign(r"Invalid key_name provided"), Sign(r"^InvalidKeyPair\.NotFound", source="ec2")),
    ),
    "key-not-valid": Failure(
        cause=_("The cloud does not accept the public key."),
        affects=_("the public key"),
        action=_("Check that it was pasted whole, and that it is of a kind that the cloud allows."),
        signs=(Sign(r"Keypair data is invalid"), Sign(r"^InvalidKey\.Format", source="ec2")),
    ),
    "gone-server-group": Failure(
        cause=_("The server group does not exist any more on the cloud."),
        affects=_("the server group"),
        action=_("Launch again with another server group, or with none."),
        signs=(Sign(r"Instance group \S+ could not be found"),),
    ),
}

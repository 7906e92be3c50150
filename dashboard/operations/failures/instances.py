"""Placing, building and changing instances."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .entry import Failure, Sign

SIZE = _("%(flavor)s asks for %(vcpus)s vCPUs, %(ram_mib)s MiB of memory and %(disk_gib)s GiB of disk.")

INSTANCES: dict[str, Failure] = {
    # nova/scheduler/manager.py: no reason at all when Placement had no candidate, the sentence when filters left none
    "no-host-by-rules": Failure(
        cause=_(
            "Hosts of the cloud have room for it, but its rules leave none: server group, availability zone, image "
            "properties."
        ),
        facts=(SIZE,),
        action=_("Launch without the server group or in another availability zone, or ask your administrator."),
        affects=_("the choice of a host"),
        signs=(Sign(r"No valid host was found\. There are not enough hosts available"),),
    ),
    "no-host-has-room": Failure(
        cause=_("No host of the cloud has room for it, or none has what its flavor demands."),
        facts=(SIZE, _("What no host has enough of: %(short)s.")),
        action=_("Choose a smaller flavor, delete what is not needed, or ask your administrator for more capacity."),
        affects=_("the hosts"),
        signs=(Sign(r"No valid host was found"), Sign(r"NoValidHost")),
    ),
}

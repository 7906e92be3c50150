"""What libvirt and QEMU say of one host: its disks, its networks, its hypervisor, and the way to it.

Tried before what other services say, since their texts are told from others by the source alone.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .entry import Failure, Sign


def said(*texts: str) -> tuple[Sign, ...]:
    return tuple(Sign(text, source="libvirt") for text in texts)


AGAIN = _("It is tried again by itself until it does; nothing needs to be done.")
ASK = _("Ask your administrator: something has to be set right on the host.")

HOSTS: dict[str, Failure] = {
    # --- disks
    "host-base-image-gone": Failure(
        cause=_("The image that its disk is built upon is gone from the host."),
        affects=_("the instance's disk"),
        action=_("Ask your administrator to bring the image file back; until then its disk cannot be read."),
        signs=said(r"^Cannot access backing file .*No such file or directory"),
    ),
    "host-disk-gone": Failure(
        cause=_("Its disk is not where the host expects it."),
        affects=_("the instance's disk"),
        action=_("Ask your administrator to look for it. If it is lost, delete the instance and launch another."),
        signs=said(r"^Cannot access storage file .*No such file or directory", r"^Storage volume not found"),
    ),
    "host-disk-damaged": Failure(
        cause=_("Its disk cannot be read: it is damaged, or no disk image at all."),
        affects=_("the instance's disk"),
        action=_("Do not start it again before an administrator has looked at the file."),
        signs=said(r"Image is not in \w+ format", r"Image is corrupt"),
    ),
    "host-disk-forbidden": Failure(
        cause=_("The host's virtualization may not open its disk."),
        affects=_("the host's storage"),
        action=ASK,
        signs=said(r"^Failed to open file .*Permission denied", r"Could not open '[^']*': Permission denied"),
    ),
    "host-disk-in-use": Failure(
        cause=_("Its disk is in use by another process of the host: a second guest, or a backup."),
        affects=_("the instance's disk"),
        action=_("Wait until that has ended, then try again."),
        signs=said(r"Failed to get (shared )?\"write\" lock", r"Is another process using the image"),
    ),
    "host-disk-too-large": Failure(
        cause=_("The host's storage cannot hold a file of that size."),
        affects=_("the host's storage"),
        action=_("Choose a flavor with a smaller disk."),
        signs=said(r"^cannot extend file .*File too large"),
    ),
    "host-volume-exists": Failure(
        cause=_("The host has a file of that name already, which Skydeck did not make."),
        affects=_("the host's storage"),
        action=ASK,
        signs=said(r"^storage volume '[^']*' exists already"),
    ),
    "host-pool-off": Failure(
        cause=_("The host's storage for disks is not started."),
        affects=_("the host's storage"),
        action=ASK,
        signs=said(r"storage pool '[^']*' is not active"),
    ),
    "host-pool-gone": Failure(
        cause=_("The host's storage for disks is not there."),
        affects=_("the host's storage"),
        action=ASK,
        signs=said(r"^Storage pool not found", r"^cannot open directory .*No such file or directory"),
    ),
    # --- networks
    "host-network-gone": Failure(
        cause=_("The host has no such network."),
        affects=_("the network"),
        action=_("Launch on another network, or ask your administrator."),
        signs=said(r"^Network not found"),
    ),
    "host-network-off": Failure(
        cause=_("The host's network is not started."),
        affects=_("the network"),
        action=ASK,
        signs=said(r"network '[^']*' is not active"),
    ),
    "host-bridge": Failure(
        cause=_("The host cannot plug it into the network: its bridge is missing or not allowed."),
        affects=_("the network"),
        action=ASK,
        signs=said(r"failed to communicate with bridge helper", r"Cannot get interface MTU on '[^']*'"),
    ),
    # --- the hypervisor
    "host-without-kvm": Failure(
        cause=_("The host offers no hardware virtualization to guests (KVM)."),
        affects=_("the host"),
        action=_("An administrator must turn it on in the host's firmware, or let the connection emulate (tcg)."),
        signs=said(r"does not support virt type 'kvm'", r"Could not access KVM kernel module"),
    ),
    "host-lacks-machine": Failure(
        cause=_("The host's QEMU does not know the kind of machine that was asked for."),
        affects=_("the host"),
        action=_("An administrator must upgrade QEMU on the host."),
        signs=said(r"does not support machine type"),
    ),
    "host-without-qemu": Failure(
        cause=_("The host has no program that could run it."),
        affects=_("the host"),
        action=_("An administrator must install QEMU on the host."),
        signs=said(r"^Cannot check QEMU binary"),
    ),
    "host-too-many-cpus": Failure(
        cause=_("It cannot have that many vCPUs."),
        affects=_("the flavor"),
        action=_("Choose a flavor with fewer vCPUs."),
        signs=said(r"requested vcpus is greater than max", r"Maximum CPUs greater than"),
    ),
    "host-definition": Failure(
        cause=_("The host did not understand how the guest is described."),
        action=_("Tell your administrator: this is an error of Skydeck, or the host's libvirt is very old."),
        signs=said(r"^XML error", r"^\(domain_definition\)", r"^XML document failed to validate"),
    ),
    # --- the guest
    "host-guest-off": Failure(
        cause=_("It is turned off, and this needs it to run."),
        affects=_("the instance"),
        action=_("Start it, then try again."),
        signs=said(r"domain is not running"),
    ),
    "host-guest-on": Failure(
        cause=_("It runs already."),
        affects=_("the instance"),
        action=_("Look at its present status."),
        signs=said(r"domain is already (running|active)"),
    ),
    "host-guest-exists": Failure(
        cause=_("The host has a guest of that name already, which Skydeck did not make."),
        affects=_("the host"),
        action=ASK,
        signs=said(r"domain '[^']*' already exists with uuid"),
    ),
    "host-no-agent": Failure(
        cause=_("This needs the QEMU guest agent inside of the guest, which does not answer."),
        affects=_("the guest"),
        action=_("Install and start qemu-guest-agent in it, then try again."),
        signs=said(r"QEMU guest agent is not (configured|connected|available)"),
    ),
    "host-no-screen": Failure(
        cause=_("The guest has no such console."),
        affects=_("the guest"),
        action=_("Use its other console."),
        signs=said(r"No graphics backend with index", r"cannot find character device"),
    ),
    "host-guest-busy": Failure(
        cause=_("The host is busy with this guest: another call for it has not ended."),
        affects=_("the instance"),
        action=AGAIN,
        signs=said(r"cannot acquire state change lock"),
    ),
    "host-cannot": Failure(
        cause=_("The host's libvirt cannot do this."),
        affects=_("the host"),
        action=_("Ask your administrator: a newer libvirt may be able to."),
        signs=said(r"not supported by the connection driver", r"^argument unsupported", r"^Operation not supported"),
    ),
    # --- the way to the host
    "host-daemon-down": Failure(
        cause=_("The host's libvirt is not running."),
        affects=_("the host"),
        action=AGAIN,
        signs=said(r"^Failed to connect socket to .*(Connection refused|No such file or directory)"),
    ),
    "host-cut-off": Failure(
        cause=_("The connection to the host's libvirt broke off."),
        affects=_("the host"),
        action=AGAIN,
        signs=said(r"^Cannot write data: ", r"^(End of file while reading data|client socket is closed)"),
    ),
    "host-name-unknown": Failure(
        cause=_("The name of the host cannot be found."),
        affects=_("the cloud's address"),
        action=_("It is tried again by itself. An administrator must check the address of the connection."),
        signs=said(r"Could not resolve hostname", r"unable to resolve"),
    ),
    "host-key-refused": Failure(
        cause=_("The host did not let Skydeck in over ssh: its key, or ours, is not the one that is known."),
        affects=_("the cloud's connection"),
        action=_("An administrator must check the ssh keys of the account that Skydeck runs as."),
        signs=said(r"Host key verification failed", r"Permission denied \((publickey|password)"),
    ),
    "host-unreachable": Failure(
        cause=_("The host cannot be reached."),
        affects=_("the host"),
        action=AGAIN,
        signs=said(r"ssh: connect to host ", r"^unable to connect to server at "),
    ),
}

"""Images and volumes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .entry import Failure, Sign

ID = r"[0-9a-f-]{32,36}"
BYTES = r"is (?P<has_bytes>\d+) bytes, (minimum size|image) is (?P<needs_bytes>\d+) bytes"

STORAGE: dict[str, Failure] = {
    "rescue-image": Failure(
        cause=_("The image to rescue with cannot be used."),
        affects=_("the rescue image"),
        action=_("Choose another image, or none to use the instance's own."),
        signs=(Sign(r"Requested rescue (image|bus|device) '[^']*' is not supported"),),
    ),
    "refused-image-missing": Failure(
        cause=_("The image does not exist any more on the cloud."),
        affects=_("the image"),
        action=_("Launch again with another image."),
        signs=(
            Sign(r"Can not find requested image"),
            Sign(r"No image found with ID"),
            Sign(rf"Image {ID} could not be found|Could not fetch image {ID}"),
            Sign(r"^InvalidAMIID\.", source="ec2"),
        ),
    ),
    "image-not-ready": Failure(
        cause=_("The image cannot be used now: it is still being made, or was deactivated."),
        affects=_("the image"),
        action=_("Wait until it is active, or choose another image."),
        signs=(Sign(rf"Image {ID} is not active"), Sign(r"requested image has been deactivated")),
    ),
    "image-unusable": Failure(
        cause=_("The cloud cannot make a disk of this image."),
        affects=_("the image"),
        action=_("Choose another image, and tell its owner."),
        signs=(Sign(rf"Image {ID} is unacceptable"),),
    ),
    "image-needs-disk": Failure(
        cause=_("The image needs a larger disk than the flavor has."),
        facts=(_("It needs %(needs_gib)s; the flavor has %(has_gib)s."),),
        affects=_("the image"),
        action=_("Choose a flavor with a larger disk, or let it boot from a new volume."),
        signs=(
            Sign(r"Flavor's disk is (too small|smaller).*Flavor disk " + BYTES),
            Sign(r"Flavor's disk is too small"),
        ),
    ),
    "image-needs-memory": Failure(
        cause=_("The image needs more memory than the flavor has."),
        affects=_("the image"),
        action=_("Choose a flavor with more memory."),
        signs=(Sign(r"Flavor's memory is too small for requested image"),),
    ),
    "volume-smaller-than-image": Failure(
        cause=_("The volume is too small for the image."),
        facts=(_("It needs %(needs_gib)s; %(has_gib)s were asked for."),),
        affects=_("the boot volume"),
        action=_("Ask for a larger volume."),
        signs=(
            Sign(
                r"Volume size (?P<has_gib>\d+)GB cannot be smaller than the image (minDisk )?size (?P<needs_gib>\d+)GB"
            ),
            Sign(r"Size of specified image (?P<needs_gib>\d+)GB is larger than volume size (?P<has_gib>\d+)GB"),
            Sign(r"Volume is smaller than the minimum size specified in image metadata\. Volume size " + BYTES),
        ),
    ),
    "image-store-full": Failure(
        cause=_("The cloud has no room for another image."),
        affects=_("the image"),
        action=_("Delete images that are not needed, or ask your administrator."),
        signs=(
            Sign(r"Quota exceeded or out of space for image"),
            Sign(r"Denying attempt to upload image because it exceeds the quota"),
            Sign(r"Image storage media is full"),
        ),
    ),
    "volume-not-built": Failure(
        cause=_("The volume that it should boot from could not be made."),
        facts=(_("The cloud says of the volume: %(state)s."),),
        affects=_("the boot volume"),
        action=_("Launch again. If it happens again, ask your administrator: the volume service has the reason."),
        signs=(
            Sign(rf"Volume {ID} did not finish being created.* status is (?P<state>[\w-]+)"),
            Sign(r"No valid backend was found|No weighed backends available"),
        ),
    ),
    "gone-volume": Failure(
        cause=_("The volume does not exist any more on the cloud."),
        affects=_("the volume"),
        action=_("Choose another volume."),
        signs=(Sign(rf"Volume {ID} could not be found"), Sign(r"^InvalidVolume\.NotFound", source="ec2")),
    ),
    "volume-must-grow": Failure(
        cause=_("A volume can only become larger."),
        facts=(_("It has %(has_gib)s."),),
        affects=_("the volume"),
        action=_("Ask for a larger size."),
        signs=(Sign(r"New size for extend must be greater than current size\. \(current: (?P<has_gib>\d+)"),),
    ),
    "volume-busy": Failure(
        cause=_("The volume is in a state that does not allow this: in use, with snapshots, or being worked on."),
        affects=_("the volume"),
        action=_("Detach it, delete its snapshots, or wait; then try again."),
        signs=(
            Sign(r"Invalid volume: Volume .*status must be"),
            Sign(r"Volume status must be available"),
            Sign(r"^(VolumeInUse|IncorrectState)\b", source="ec2"),
        ),
    ),
    "host-disk-full": Failure(
        cause=_("The host has no room left on its disks."),
        affects=_("the host's storage"),
        action=_("Choose a smaller disk, delete what is not needed, or ask your administrator."),
        signs=(Sign(r"No space left on device|Not enough free space in pool"),),
    ),
}

"""What clouds that speak EC2 say: Eucalyptus, and what behaves like it.

A driver's `detail` is `<code>: <message>`, its `source` is `ec2`. Entries of other files that mean the same have a sign
for EC2 of their own; here is what no other cloud says. Tried first, since codes are told from others by the source.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .entry import Failure, Sign

OTHER_ZONE = "(The|Network interface) availability zone"
"""So begins what is said of a subnet that lies in another zone than what shall be plugged into it."""
TIME = r"[Mm]essage (has )?expired|not yet valid|clock|timestamp|date of the"
"""What is said of a request whose time is not the cloud's own, by any key."""


def codes(*names: str) -> tuple[Sign, ...]:
    """For each a sign: the code with which the text begins, also with `Client.` or `Server.` in front of it."""
    return tuple(Sign(rf"^(?:Client\.|Server\.)?(?:{name})\b", source="ec2") for name in names)


EC2: dict[str, Failure] = {
    "ec2-limit": Failure(
        is_quota=True,
        cause=_("The cloud's own limit for this account is reached."),
        affects=_("the account's limits on the cloud"),
        action=_("Delete something, or ask your administrator to raise the account's limit on the cloud."),
        signs=(
            *codes(
                "InstanceLimitExceeded",
                "VcpuLimitExceeded",
                "VolumeLimitExceeded",
                "SnapshotLimitExceeded",
                "AddressLimitExceeded",
                "SecurityGroupLimitExceeded",
                "VpcLimitExceeded|InternetGatewayLimitExceeded|ResourceLimitExceeded",
            ),
            Sign(r": Quota exceeded while trying to create", source="ec2"),
        ),
    ),
    "ec2-no-room": Failure(
        cause=_("No host of the cloud has room for an instance of this size."),
        affects=_("the hosts"),
        action=_("Choose a smaller flavor or another availability zone, or ask your administrator for more capacity."),
        signs=(*codes("InsufficientInstanceCapacity"), Sign(r": Not enough resources", source="ec2")),
    ),
    "ec2-no-address": Failure(
        cause=_("The cloud has no public address left."),
        affects=_("the public addresses"),
        action=_("Release addresses that are not needed, or ask your administrator for more."),
        signs=(*codes("InsufficientAddressCapacity"), Sign(r"\bInsufficientAddressCapacity\b", source="ec2")),
    ),
    "ec2-outcome-unknown": Failure(
        cause=_("The cloud did not say whether it gave a public address: it may have, and it may not."),
        affects=_("the public addresses"),
        action=_(
            "Look at the floating IPs in a minute. One that leads nowhere can be used or released; else ask again."
        ),
        signs=codes("OutcomeUnknown"),
    ),
    "ec2-gone-snapshot": Failure(
        cause=_("The snapshot does not exist any more on the cloud."),
        affects=_("the snapshot"),
        action=_("Choose another snapshot."),
        signs=codes("InvalidSnapshot"),
    ),
    "ec2-gone-address": Failure(
        cause=_("The public address does not belong to this account any more."),
        affects=_("the public address"),
        action=_("Allocate another one."),
        signs=codes(r"InvalidAllocationID\.NotFound|InvalidAddress\.NotFound|InvalidAssociationID\.NotFound"),
    ),
    "ec2-protected": Failure(
        cause=_("It is protected against being terminated, or is just being moved to another host."),
        affects=_("the instance"),
        action=_("Take the protection away on the cloud, or wait, then try again."),
        signs=codes("OperationNotPermitted"),
    ),
    "ec2-not-kept": Failure(
        cause=_("Its disk lives only as long as it runs: such an instance cannot be stopped."),
        affects=_("the instance"),
        action=_("Reboot it, or delete it. To be stopped, an instance must be launched from an image on a volume."),
        signs=(Sign(r"^UnsupportedOperation: .*(ebs|instance.store)", source="ec2"),),
    ),
    "ec2-not-running": Failure(
        cause=_("The instance does not run, and of such the cloud tells neither console log nor password."),
        affects=_("the instance"),
        action=_("Start it, then look again."),
        signs=codes("NotRunning"),
    ),
    "ec2-key-kind": Failure(
        cause=_("The cloud takes public keys of the kind ssh-rsa only."),
        affects=_("the key pair"),
        action=_("Choose another key, or none and give yours in the user data."),
        signs=codes(r"InvalidKey\.Format: Eucalyptus takes"),
    ),
    "ec2-local-address": Failure(
        cause=_("The cloud's address leads to this machine itself, or to where a cloud keeps its guests' secrets."),
        affects=_("the cloud's connection"),
        action=_("An administrator must correct the address, or allow such addresses in the cloud's settings."),
        signs=codes("LocalAddress"),
    ),
    "ec2-still-in-use": Failure(
        cause=_("Something else on the cloud still needs it."),
        affects=_("the resource"),
        action=_("Remove first what uses it, then try again."),
        signs=codes("DependencyViolation", r"InvalidGroup\.InUse"),
    ),
    "ec2-unsupported": Failure(
        cause=_("The cloud does not offer this in this place."),
        action=_("Choose another flavor, image or availability zone."),
        signs=codes("Unsupported", "InstanceTypeNotSupported", "UnsupportedOperation"),
    ),
    "ec2-not-authorized": Failure(
        cause=_("The account's policy does not allow this to the user that Skydeck works as."),
        affects=_("the credential's rights"),
        action=_("Ask your administrator to extend the policy of that user."),
        signs=codes("UnauthorizedOperation", "NotAuthorized", "AccessDenied"),
    ),
    "ec2-clock": Failure(
        cause=_("The cloud did not accept the time of the request: its clock and Skydeck's differ."),
        affects=_("the clocks"),
        action=_("An administrator must set both clocks, best by NTP."),
        signs=(*codes("RequestExpired"), Sign(rf"^403 Forbidden: .*({TIME})", source="ec2")),
    ),
    "ec2-key-inactive": Failure(
        cause=_("The cloud does not accept the access key: it was turned off there."),
        affects=_("the credential"),
        action=_("An administrator must turn the access key on again on the cloud, or renew it here."),
        signs=(Sign(r"^403 Forbidden: Access key is not active", source="ec2"),),
    ),
    "ec2-key-unknown": Failure(
        cause=_("The cloud does not know the access key: it was deleted there, or it is of another cloud."),
        affects=_("the credential"),
        action=_("An administrator must renew the access key of this cloud."),
        signs=(Sign(r"^403 Forbidden: Invalid access key", source="ec2"),),
    ),
    "ec2-signature": Failure(
        cause=_("The cloud does not accept the signature of the request: the secret key is not the right one."),
        affects=_("the credential"),
        action=_("An administrator must renew the access key of this cloud."),
        signs=(
            *codes("SignatureDoesNotMatch", "InvalidClientTokenId", "AuthFailure"),
            Sign(r"^403 Forbidden", source="ec2"),
        ),
    ),
    "ec2-not-bound": Failure(
        cause=_("The cloud does not know a part of what it was asked: it is older than Skydeck expects."),
        affects=_("the cloud"),
        action=_("Tell your administrator the id of the operation."),
        signs=(Sign(r"^400 Bad Request: Failed to bind the following fields", source="ec2"),),
    ),
    "ec2-tags": Failure(
        cause=_("It has as many tags as the cloud allows."),
        affects=_("the tags"),
        action=_("Remove tags that are not needed."),
        signs=codes("TagLimitExceeded"),
    ),
    "ec2-user-data": Failure(
        cause=_("The user data is larger than the cloud takes, or was damaged on the way."),
        affects=_("the user data"),
        action=_("Shorten it: what is long can be fetched by the guest itself."),
        signs=codes(r"InvalidUserData\.\w+"),
    ),
    "ec2-other-request": Failure(
        cause=_("The cloud remembers another request under the same mark."),
        action=_("Ask for it anew. If it happens again, tell your administrator the id of the operation."),
        signs=codes("IdempotentParameterMismatch"),
    ),
    "ec2-other-zone": Failure(
        cause=_("One of the networks lies in another availability zone than the instance shall."),
        affects=_("the availability zone"),
        action=_("Launch again with networks of one zone, and leave the choice of the zone to the cloud."),
        signs=codes(f"InvalidParameterValue: {OTHER_ZONE}"),
    ),
    "ec2-parameter": Failure(
        cause=_("The cloud does not accept one of the values that it was given."),
        action=_(
            "Check names, tags and addresses. If they are right, tell your administrator the id of the operation."
        ),
        signs=codes(
            f"InvalidParameterValue(?!: (Invalid availability zone|Instance type does not exist|{OTHER_ZONE}))",
            "InvalidParameterCombination",
            "MissingParameter",
        ),
    ),
}

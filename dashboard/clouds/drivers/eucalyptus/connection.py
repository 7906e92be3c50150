"""The connection form of a Eucalyptus cloud. A tenant's place has the same keys, and `place_id`."""

from __future__ import annotations

from collections.abc import Mapping

from ...interface import ConnectionField

FIELDS = (
    ConnectionField(
        name="endpoint",
        label="Address",
        help="Of the user-facing services, for example https://euca.example.org:8773. The path is not needed.",
    ),
    ConnectionField(
        name="names",
        label="Services are told apart by",
        help="As in EC2_URL of the eucarc: with /services/compute at its end it is the path, else the host's name.",
        required=False,
        default="path",
        choices=("path", "dns"),
        choice_labels=("The path: /services/compute", "The name: ec2.euca.example.org"),
    ),
    ConnectionField(
        name="region",
        label="Region",
        help="The name that requests are signed for; Eucalyptus takes any.",
        required=False,
        default="eucalyptus",
    ),
    ConnectionField(
        name="ca_bundle",
        label="CA certificates",
        help="PEM text. Empty: those that this machine trusts.",
        required=False,
        is_text=True,
    ),
    ConnectionField(
        name="fingerprint",
        label="Certificate's fingerprint",
        help="SHA-256. Only the certificate with it is believed then, whatever name it has and whoever signed it.",
        required=False,
    ),
    ConnectionField(
        name="release",
        label="Release",
        help="A release refuses what only a later one knows.",
        required=False,
        default="auto",
        choices=("auto", "4.4", "5.1"),
        choice_labels=("Found out by itself", "4.4", "5.1"),
    ),
    ConnectionField(
        name="access_key",
        label="Access key",
        help="Of a user in the account eucalyptus: an administrator. Not needed where tenants bring theirs.",
        required=False,
    ),
    ConnectionField(name="secret_key", label="Secret key", required=False, secret=True),
    ConnectionField(
        name="enters_by",
        label="How tenants' accounts are entered",
        help="Tokens are fetched with the key above whenever they are needed, and no secret of a tenant is stored.",
        required=False,
        default="token",
        choices=("token", "key"),
        choice_labels=("With tokens", "With a stored access key for each account"),
    ),
    ConnectionField(
        name="allow_local",
        label="Addresses of this machine itself",
        help="Whether the cloud may be at a loopback or link-local address, where it runs on this machine.",
        required=False,
        default="no",
        choices=("no", "yes"),
        choice_labels=("Refused", "Allowed"),
    ),
)
PLACE_WORD = "account"
PLACE_FIELDS = (
    ConnectionField(
        name="access_key",
        label="Access key",
        help="Of a user of the tenant's account, made for this: euare-useraddkey -u skydeck",
    ),
    ConnectionField(name="secret_key", label="Secret key", secret=True),
)


def has_places(settings: Mapping[str, str]) -> bool:
    """Each tenant has an account."""
    return True


def borrows(credential: Mapping[str, str]) -> bool:
    """Whether this credential of a place is no secret: tokens are fetched for it with the cloud's own key."""
    return bool(credential.get("place_user")) and not credential.get("access_key")

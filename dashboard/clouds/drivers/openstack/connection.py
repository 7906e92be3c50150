"""The connection form of an OpenStack cloud. A tenant's place has the same keys, and `place_id`."""

from __future__ import annotations

from collections.abc import Mapping

from ...interface import ConnectionField

FIELDS = (
    ConnectionField(
        name="auth_url",
        label="Keystone URL",
        help="OS_AUTH_URL or auth_url, for example https://cloud.example.org:5000/v3.",
    ),
    ConnectionField(name="region", label="Region", help="Empty: the catalogue's only one.", required=False),
    ConnectionField(
        name="interface",
        label="Endpoints",
        help="public, internal or admin: which addresses of the catalogue this machine can reach.",
        required=False,
        default="public",
        choices=("public", "internal", "admin"),
    ),
    ConnectionField(
        name="ca_bundle",
        label="CA certificates",
        help="PEM text. Empty: those that this machine trusts.",
        required=False,
        is_text=True,
    ),
    ConnectionField(name="username", label="User", help="An administrator of the cloud.", required=False),
    ConnectionField(name="password", label="Password", required=False, secret=True),
    ConnectionField(name="user_domain", label="User's domain", required=False, default="Default"),
    ConnectionField(name="project", label="Project", help="The administrator's own project.", required=False),
    ConnectionField(name="project_domain", label="Project's domain", required=False, default="Default"),
    ConnectionField(
        name="application_credential_id",
        label="Application credential",
        help="Its id, instead of user and password.",
        required=False,
    ),
    ConnectionField(
        name="application_credential_secret", label="Application credential's secret", required=False, secret=True
    ),
    ConnectionField(
        name="places_domain",
        label="Domain of the tenants",
        help="Projects and users are made in it.",
        required=False,
        default="Default",
    ),
    ConnectionField(
        name="console_url",
        label="VNC proxy",
        help="Where this machine reaches nova-novncproxy, when it is not at the address that Nova tells browsers.",
        required=False,
    ),
    ConnectionField(
        name="notifications_url",
        label="Notifications",
        help="Optional: amqp://user:password@host:5672/ of the broker with Nova's versioned notifications.",
        required=False,
        secret=True,
    ),
)
PLACE_FIELDS = (
    ConnectionField(
        name="application_credential_id",
        label="Application credential's id",
        help="Made in the project, with the role member: openstack application credential create skydeck",
    ),
    ConnectionField(name="application_credential_secret", label="Application credential's secret", secret=True),
)


def has_places(settings: Mapping[str, str]) -> bool:
    """Each tenant has a project."""
    return True

"""What OpenStack's own tools read: clouds.yaml, openrc, and the cloud's CA certificates beside them.

With an application credential a tool must not be told a project or a user: Keystone refuses to be asked for both. So
openrc first forgets what an earlier one left in the shell.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import yaml

from ...interface import AccessFile, Door, RemotePlace

FOLDER = ".config/openstack"
FORGET = (
    *("OS_USERNAME", "OS_PASSWORD", "OS_TOKEN", "OS_USER_ID", "OS_USER_DOMAIN_ID", "OS_USER_DOMAIN_NAME"),
    *("OS_PROJECT_ID", "OS_PROJECT_NAME", "OS_PROJECT_DOMAIN_ID", "OS_PROJECT_DOMAIN_NAME", "OS_TENANT_ID"),
    *("OS_TENANT_NAME", "OS_DOMAIN_ID", "OS_DOMAIN_NAME", "OS_SYSTEM_SCOPE", "OS_TRUST_ID", "OS_CLOUD", "OS_CACERT"),
)


def doors(settings: Mapping[str, str], place: RemotePlace) -> tuple[Door, ...]:
    told = {
        "Keystone URL": settings.get("auth_url", ""),
        "Region": settings.get("region", ""),
        "Project": place.name,
        "Project id": place.id,
    }
    return tuple(Door(name=name, value=value) for name, value in told.items() if value)


def files(settings: Mapping[str, str], secret: Mapping[str, str], *, name: str) -> tuple[AccessFile, ...]:
    """`name` is what the cloud is called in them. People's machines use the public endpoints, whatever Skydeck uses."""
    found = [
        AccessFile(
            name="clouds.yaml",
            text=clouds_yaml(settings, secret, name=name),
            kind="application/yaml",
            hint=f"mkdir -p ~/{FOLDER} && mv clouds.yaml ~/{FOLDER}/ && openstack --os-cloud {name} server list",
        ),
        AccessFile(
            name=f"{name}-openrc.sh",
            text=openrc(settings, secret, name=name),
            kind="text/x-shellscript",
            hint=f". ./{name}-openrc.sh && openstack server list",
        ),
    ]
    if pem := settings.get("ca_bundle", ""):
        hint = f"mkdir -p ~/{FOLDER} && mv {name}.pem ~/{FOLDER}/"
        found.append(AccessFile(name=f"{name}.pem", text=pem, kind="application/x-pem-file", hint=hint))
    return tuple(found)


def clouds_yaml(settings: Mapping[str, str], secret: Mapping[str, str], *, name: str) -> str:
    cloud = {
        "auth_type": "v3applicationcredential",
        "auth": {
            "auth_url": settings["auth_url"],
            "application_credential_id": secret["application_credential_id"],
            "application_credential_secret": secret["application_credential_secret"],
        },
        "region_name": settings.get("region", ""),
        "interface": "public",
        "identity_api_version": 3,
        "cacert": f"~/{FOLDER}/{name}.pem" if settings.get("ca_bundle") else "",
    }
    text: str = yaml.safe_dump({"clouds": {name: {key: value for key, value in cloud.items() if value}}})
    return text


def openrc(settings: Mapping[str, str], secret: Mapping[str, str], *, name: str) -> str:
    """For bash and its like: `. ./<name>-openrc.sh`."""
    exports = {
        "OS_AUTH_TYPE": "v3applicationcredential",
        "OS_AUTH_URL": settings["auth_url"],
        "OS_APPLICATION_CREDENTIAL_ID": secret["application_credential_id"],
        "OS_APPLICATION_CREDENTIAL_SECRET": secret["application_credential_secret"],
        "OS_REGION_NAME": settings.get("region", ""),
        "OS_INTERFACE": "public",
        "OS_IDENTITY_API_VERSION": "3",
    }
    lines = [f"unset {' '.join(FORGET)}"]
    lines += [f"export {key}={shlex.quote(value)}" for key, value in exports.items() if value]
    if settings.get("ca_bundle"):
        lines.append(f'export OS_CACERT="$HOME"/{shlex.quote(f"{FOLDER}/{name}.pem")}')
    return "\n".join(lines) + "\n"

"""What the tools for Eucalyptus read: eucarc for euca2ools, a profile for the AWS command line and the SDKs.

The variables are those that Eucalyptus' own eucarc had until 4.2. The settings of S3 are those without which newer
SDKs send what Eucalyptus does not know: names of buckets in the host, and checksums after the body.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from ...interface import AccessFile, Door, RemotePlace, Unavailable
from .endpoints import url_of

SERVICES = {
    "EC2": ("ec2", "ec2", ("EC2_URL",)),
    "S3": ("s3", "s3", ("S3_URL",)),
    "IAM": ("iam", "iam", ("EUARE_URL", "AWS_IAM_URL")),
    "STS": ("sts", "sts", ("TOKEN_URL",)),
    "CloudWatch": ("monitoring", "cloudwatch", ("AWS_CLOUDWATCH_URL",)),
    "Auto Scaling": ("autoscaling", "auto_scaling", ("AWS_AUTO_SCALING_URL",)),
    "Load Balancing": ("elasticloadbalancing", "elastic_load_balancing", ("AWS_ELB_URL",)),
    "CloudFormation": ("cloudformation", "cloudformation", ("AWS_CLOUDFORMATION_URL",)),
}
"""Name -> (in the cloud's DNS names, in an AWS profile, in eucarc)."""
FORGET = (
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_FILE"),
    *("AWS_CA_BUNDLE", "EC2_CERT", "EC2_PRIVATE_KEY", "EC2_USER_ID", "EC2_JVM_ARGS", "EUCALYPTUS_CERT"),
)
"""What an earlier eucarc left in the shell."""
LIKE_EUCALYPTUS = {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}


def doors(settings: Mapping[str, str], place: RemotePlace) -> tuple[Door, ...]:
    told = {name: address(service, settings) for name, (service, _aws, _euca) in SERVICES.items()}
    told |= {"Region": region_of(settings), "Account": place.name, "Account id": place.id}
    return tuple(Door(name=name, value=value) for name, value in told.items() if value)


def files(settings: Mapping[str, str], secret: Mapping[str, str], *, name: str) -> tuple[AccessFile, ...]:
    """`name` is that of the profile."""
    trust = f" && export AWS_CA_BUNDLE=~/.euca/{name}.pem" if settings.get("ca_bundle") else ""
    found = [
        AccessFile(
            name=f"{name}-eucarc",
            text=eucarc(settings, secret, name=name),
            kind="text/x-shellscript",
            hint=f". ./{name}-eucarc && euca-describe-instances",
        ),
        AccessFile(
            name=f"{name}-aws-credentials",
            text=ini(
                f"{name}", {"aws_access_key_id": secret["access_key"], "aws_secret_access_key": secret["secret_key"]}
            ),
            hint=f"mkdir -p ~/.aws && cat {name}-aws-credentials >> ~/.aws/credentials && chmod 600 ~/.aws/credentials",
        ),
        AccessFile(
            name=f"{name}-aws-config",
            text=config(settings, name=name),
            hint=f"cat {name}-aws-config >> ~/.aws/config{trust} && aws --profile {name} ec2 describe-instances",
        ),
    ]
    if pem := settings.get("ca_bundle", ""):
        hint = f"mkdir -p ~/.euca && mv {name}.pem ~/.euca/"
        found.append(AccessFile(name=f"{name}.pem", text=pem, kind="application/x-pem-file", hint=hint))
    return tuple(found)


def eucarc(settings: Mapping[str, str], secret: Mapping[str, str], *, name: str) -> str:
    """For bash and its like: `. ./<name>-eucarc`."""
    exports = {each: address(service, settings) for service, _aws, names in SERVICES.values() for each in names}
    for each in ("EC2_ACCESS_KEY", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID"):
        exports[each] = secret["access_key"]
    for each in ("EC2_SECRET_KEY", "AWS_SECRET_KEY", "AWS_SECRET_ACCESS_KEY"):
        exports[each] = secret["secret_key"]
    exports["AWS_DEFAULT_REGION"] = region_of(settings)
    lines = [f"unset {' '.join(FORGET)}"]
    lines += [f"export {key}={shlex.quote(value)}" for key, value in exports.items()]
    if settings.get("ca_bundle"):
        lines.append(f'export AWS_CA_BUNDLE="$HOME"/{shlex.quote(f".euca/{name}.pem")}')
    return "\n".join(lines) + "\n"


def config(settings: Mapping[str, str], *, name: str) -> str:
    """A profile, and the addresses of its services: "Service-specific endpoints" in the SDKs' reference guide."""
    profile = {"region": region_of(settings), "output": "json", "services": name, **LIKE_EUCALYPTUS}
    text = ini(f"profile {name}", profile) + inner("s3", {"addressing_style": "path", "signature_version": "s3v4"})
    text += f"\n[services {name}]\n"
    for service, aws, _euca in SERVICES.values():
        text += inner(aws, {"endpoint_url": address(service, settings)})
    return text


def ini(section: str, values: Mapping[str, str]) -> str:
    return f"[{section}]\n" + "".join(f"{key} = {one_line(value)}\n" for key, value in values.items())


def inner(key: str, values: Mapping[str, str]) -> str:
    """Settings below a setting, which is what an AWS profile has for a service."""
    return f"{key} =\n" + "".join(f"  {name} = {one_line(value)}\n" for name, value in values.items())


def one_line(value: str) -> str:
    """Such a file has no quotes: a value with a line in it would be two settings. No address and no key has one."""
    return " ".join(value.split())


def region_of(settings: Mapping[str, str]) -> str:
    return settings.get("region") or "eucalyptus"


def address(service: str, settings: Mapping[str, str]) -> str:
    """One that is no web address is shown as it was typed: pages need something to show."""
    try:
        return url_of(service, settings)
    except Unavailable:
        return settings.get("endpoint", "")

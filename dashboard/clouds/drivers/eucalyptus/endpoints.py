"""Where each service of a cloud is (https://docs.eucalyptus.cloud/: one host and paths, or a DNS name for each)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from ...interface import Unavailable

PORT = 8773
PATHS = {
    "ec2": "/services/compute",
    "iam": "/services/Euare",
    "sts": "/services/Tokens",
    "s3": "/services/objectstorage",
    "monitoring": "/services/CloudWatch",
    "autoscaling": "/services/AutoScaling",
    "elasticloadbalancing": "/services/LoadBalancing",
    "cloudformation": "/services/CloudFormation",
}
"""By the name that each has in the cloud's DNS. Skydeck asks the first three; people's own tools also the others."""


def url_of(service: str, settings: Mapping[str, str]) -> str:
    """Raises Unavailable for what is no web address."""
    scheme, host, port = parts_of(settings.get("endpoint", ""))
    named = f"[{host}]" if ":" in host else host
    if settings.get("names") == "dns":
        return f"{scheme}://{service}.{named}:{port}/"
    return f"{scheme}://{named}:{port}{PATHS[service]}"


def parts_of(endpoint: str) -> tuple[str, str, int]:
    """Scheme, host and port; a port that is not named is that of Eucalyptus, not that of the web."""
    try:
        parts = urlsplit(endpoint.strip())
        port = parts.port or PORT
    except ValueError as error:
        raise Unavailable(f"no web address: {endpoint[:200]}", source="ec2") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Unavailable(f"no web address: {endpoint[:200]}", source="ec2")
    return parts.scheme, parts.hostname, port

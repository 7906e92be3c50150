"""What the catalogue offers, whether each service is there, and what the credential may do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from keystoneauth1.identity.base import BaseIdentityPlugin

from ...interface import CloudError, Finding, FindingState, Refused
from .. import reach
from ..finding import bad, ok, warning
from .errors import translated
from .finding_codes import Code
from .quotas import OpenStackQuotas
from .session import Session

SERVICES: dict[str, bool] = {
    "compute": True,
    "network": True,
    "image": True,
    "block-storage": False,
    "placement": False,
    "object-store": False,
}
"""Each service, and whether nothing works without it."""

PROOFS: dict[str, tuple[str, Mapping[str, Any]]] = {
    "compute": ("/limits", {}),
    "network": ("/networks", {"limit": 1, "fields": "id"}),
    "image": ("/images", {"limit": 1}),
    "block-storage": ("/limits", {}),
    "object-store": ("", {"limit": 1}),
}
"""A small question that every role may ask: that a service shows its version does not mean that it works."""

ADMIN_QUESTIONS: dict[str, tuple[str, str]] = {
    "projects": ("identity", "/projects?limit=1"),
    "users": ("identity", "/users?name=skydeck"),
    "quotas": ("compute", "/os-quota-sets/{project}/detail"),
    "network quotas": ("network", "/quotas/{project}"),
    "hypervisors": ("compute", "/os-hypervisors?limit=1"),
}
"""What the dashboard asks with an administrator's credential; none of it changes anything."""

LEVELS = ("admin", "manager", "member", "reader")


def catalogue(session: Session) -> Finding:
    entries = _entries(session)
    regions = sorted({str(entry.get("region_id") or entry.get("region") or "") for entry in entries} - {""})
    wanted, interface = session.settings.get("region", ""), _interface(session)
    said = {"region": wanted, "regions": ", ".join(regions), "interface": interface}
    if wanted and wanted not in regions:
        return bad("catalogue", Code.REGION_UNKNOWN, **said)
    if not any(_is_meant(entry, region=wanted, interface=interface) for entry in entries):
        return bad("catalogue", Code.INTERFACE_MISSING, **said)
    offered = ", ".join(name for name in SERVICES if session.has(name))
    if not wanted and len(regions) > 1:
        return warning("catalogue", Code.REGION_MISSING, **said, services=offered)
    return ok("catalogue", **said, services=offered)


def service(session: Session, name: str) -> Finding:
    """Whether it is offered, reached, and answers."""
    if not session.has(name):
        absent = {"service": name, "region": session.settings.get("region", "")}
        return (
            bad(name, Code.SERVICE_MISSING, **absent)
            if SERVICES[name]
            else warning(name, Code.SERVICE_ABSENT, **absent)
        )
    url = _endpoint(session, name)
    said = {"service": name, "url": url, "interface": _interface(session)}
    if unreached := _unreached(url, ca_bundle=session.settings.get("ca_bundle", "")):
        return bad(name, Code.ENDPOINT_UNREACHABLE, detail=unreached, **said)
    try:
        version = session.version(name)
        if name in PROOFS:
            path, params = PROOFS[name]
            session.answer("GET", name, path, params=params)
    except Refused as error:
        return _not_well(name, Code.SERVICE_REFUSED, error, said)
    except CloudError as error:
        return _not_well(name, Code.SERVICE_AWAY, error, said)
    return ok(name, **said, version=version)


def rights(session: Session) -> Finding:
    """What the roles in our token are good for: the whole cloud, or one project."""
    roles = session.roles
    level = next((level for level in LEVELS if level in roles), "")
    said = {"roles": ", ".join(sorted(roles)), "level": level}
    if session.settings.get("place_id"):
        return _rights_in_place(level, said)
    if not level:
        return bad("rights", Code.RIGHTS_NONE, **said)
    if level != "admin":
        return warning("rights", Code.RIGHTS_MEMBER if level != "reader" else Code.RIGHTS_READER, **said)
    if refused := _refused_questions(session):
        return warning("rights", Code.RIGHTS_PARTIAL, **said, refused=", ".join(refused))
    return ok("rights", **said)


def quota(session: Session) -> Finding:
    try:
        limits = OpenStackQuotas(session).get()
    except CloudError as error:
        return warning("quota", Code.QUOTA_UNREADABLE, detail=error.detail)
    known = {word: limits[word] for word in ("instances", "vcpus", "ram_mib") if word in limits}
    return ok("quota", **{word: str("∞" if limit.limit is None else limit.limit) for word, limit in known.items()})


def _rights_in_place(level: str, said: dict[str, str]) -> Finding:
    if level == "admin":
        return warning("rights", Code.RIGHTS_TOO_MANY, **said)
    if level == "reader":
        return warning("rights", Code.RIGHTS_READER, **said)
    return ok("rights", **said) if level else bad("rights", Code.RIGHTS_NONE, **said)


def _refused_questions(session: Session) -> list[str]:
    return [what for what, (name, path) in ADMIN_QUESTIONS.items() if not _may(session, name, path)]


def _may(session: Session, name: str, path: str) -> bool:
    try:
        session.get(name, path.format(project=session.project_id))
    except Refused:
        return False
    return True


def _unreached(url: str, *, ca_bundle: str) -> str:
    """Why the machine of an endpoint cannot be reached, as a code of ours; empty when it can."""
    address = reach.address_of(url)
    if address is None:
        return Code.ADDRESS_ODD
    steps: tuple[Callable[[], Finding], ...] = (
        lambda: reach.name("", address),
        lambda: reach.port("", address),
        lambda: reach.certificate("", address, ca_bundle=ca_bundle),
    )
    for step in steps:
        finding = step()
        if finding.state is FindingState.BAD:
            return f"{finding.code} {finding.detail}".strip()
    return ""


def _not_well(name: str, code: Code, error: CloudError, said: dict[str, str]) -> Finding:
    """Bad where nothing works without the service, else only less than could be had."""
    say = bad if SERVICES[name] else warning
    return say(name, code, detail=error.detail, **said, status=str(error.http_status))


def _entries(session: Session) -> list[Mapping[str, Any]]:
    """Each endpoint of the catalogue."""
    with translated("keystone"):
        found = session.connection.session
        plugin = found.auth
        if not isinstance(plugin, BaseIdentityPlugin):
            return []
        services = plugin.get_access(found).service_catalog.catalog
        return [endpoint for service in services for endpoint in service.get("endpoints", ())]


def _is_meant(entry: Mapping[str, Any], *, region: str, interface: str) -> bool:
    return entry.get("interface") == interface and region in ("", entry.get("region_id"), entry.get("region"))


def _endpoint(session: Session, name: str) -> str:
    """As the catalogue has it."""
    with translated("keystone"):
        return str(
            session.connection.session.get_endpoint(
                service_type=name,
                interface=_interface(session),
                region_name=session.settings.get("region") or None,
                skip_discovery=True,
            )
        )


def _interface(session: Session) -> str:
    return session.settings.get("interface") or "public"

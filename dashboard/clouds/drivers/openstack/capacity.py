"""How big a cloud is, and what is left on each of its hosts. Needs the rights of an administrator."""

from __future__ import annotations

from ...interface import CloudFacts, Refused
from .errors import translated
from .session import Session

STATISTICS = "2.1"
"""Removed in 2.88; below that it is still served."""


def size(session: Session) -> CloudFacts:
    """All hypervisors together, in one cheap call. Empty where the credential may not ask."""
    try:
        with translated("nova"):
            answer = session.get("compute", "/os-hypervisors/statistics", microversion=STATISTICS)
            found = answer["hypervisor_statistics"]
            return CloudFacts(
                vcpus=found["vcpus"], ram_mib=found["memory_mb"], disk_free_gib=max(0, found["free_disk_gb"])
            )
    except Refused:
        return CloudFacts()

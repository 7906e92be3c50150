"""libvirt's errors in our words. One table; the rest is told by the error's number or text."""

from __future__ import annotations

import errno

import libvirt

from ...interface import AuthFailed, CloudError, Conflict, NotFound, Reason, Refused, Unavailable

SOURCE = "libvirt"
GONE = frozenset({libvirt.VIR_ERR_NO_DOMAIN, libvirt.VIR_ERR_NO_STORAGE_VOL})

TABLE: dict[int, type[CloudError] | Reason] = {
    libvirt.VIR_ERR_NO_DOMAIN: NotFound,
    libvirt.VIR_ERR_OPERATION_INVALID: Conflict,
    libvirt.VIR_ERR_DOM_EXIST: Conflict,
    libvirt.VIR_ERR_STORAGE_VOL_EXIST: Conflict,
    libvirt.VIR_ERR_RESOURCE_BUSY: Conflict,
    libvirt.VIR_ERR_AUTH_FAILED: AuthFailed,
    libvirt.VIR_ERR_AUTH_CANCELLED: AuthFailed,
    libvirt.VIR_ERR_AUTH_UNAVAILABLE: AuthFailed,
    libvirt.VIR_ERR_ACCESS_DENIED: AuthFailed,
    libvirt.VIR_ERR_NO_CONNECT: Unavailable,
    libvirt.VIR_ERR_INVALID_CONN: Unavailable,
    libvirt.VIR_ERR_RPC: Unavailable,
    libvirt.VIR_ERR_OPERATION_TIMEOUT: Unavailable,
    libvirt.VIR_ERR_OPERATION_ABORTED: Unavailable,
    libvirt.VIR_ERR_AGENT_UNRESPONSIVE: Unavailable,
    libvirt.VIR_ERR_NO_MEMORY: Reason.CAPACITY,
    libvirt.VIR_ERR_OPERATION_DENIED: Reason.POLICY,
    # of a disk or a network that a domain needs: nothing that we ask about is gone
    libvirt.VIR_ERR_NO_STORAGE_VOL: Reason.OTHER,
    libvirt.VIR_ERR_NO_NETWORK: Reason.OTHER,
    libvirt.VIR_ERR_INVALID_ARG: Reason.INVALID,
    libvirt.VIR_ERR_XML_ERROR: Reason.INVALID,
    libvirt.VIR_ERR_XML_DETAIL: Reason.INVALID,
    libvirt.VIR_ERR_XML_INVALID_SCHEMA: Reason.INVALID,
    libvirt.VIR_ERR_CONFIG_UNSUPPORTED: Reason.INVALID,
    libvirt.VIR_ERR_NO_SUPPORT: Reason.INVALID,
    libvirt.VIR_ERR_OPERATION_UNSUPPORTED: Reason.INVALID,
    libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED: Reason.INVALID,
}
"""A Reason stands for Refused with that reason."""

TRANSPORT = frozenset({libvirt.VIR_FROM_RPC, libvirt.VIR_FROM_REMOTE})
"""Where a socket that is closed, missing or silent shows: an INTERNAL_ERROR or SYSTEM_ERROR from there."""

FULL = (errno.ENOSPC, errno.ENOMEM, errno.EDQUOT)
FULL_TEXTS = (
    "No space left on device",
    "Not enough free space in pool",
    "Cannot allocate memory",
    "Disk quota exceeded",
)
"""QEMU's own complaints, and those of pools, reach us only as text, within an INTERNAL_ERROR."""


def to_error(error: libvirt.libvirtError) -> CloudError:
    return classify(
        code=error.get_error_code() or 0,
        domain=error.get_error_domain() or 0,
        number=error.get_int1() or 0,
        text=str(error),
    )


def classify(*, code: int, domain: int, number: int, text: str) -> CloudError:
    """`code` and `domain` are virErrorNumber and virErrorDomain; `number` is errno, for a SYSTEM_ERROR."""
    known = TABLE.get(code)
    if isinstance(known, Reason):
        return Refused(text, reason=known, source=SOURCE)
    if known is not None:
        return known(text, source=SOURCE)
    return _classify_general(code=code, domain=domain, number=number, text=text)


def _classify_general(*, code: int, domain: int, number: int, text: str) -> CloudError:
    is_system = code == libvirt.VIR_ERR_SYSTEM_ERROR
    if domain in TRANSPORT:
        denied = is_system and number in (errno.EACCES, errno.EPERM)
        return AuthFailed(text, source=SOURCE) if denied else Unavailable(text, source=SOURCE)
    if (is_system and number in FULL) or any(full in text for full in FULL_TEXTS):
        return Refused(text, reason=Reason.CAPACITY, source=SOURCE)
    return Refused(text, reason=Reason.OTHER, source=SOURCE)


def is_gone(error: libvirt.libvirtError) -> bool:
    return error.get_error_code() in GONE

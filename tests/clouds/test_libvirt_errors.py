from __future__ import annotations

import errno

import libvirt
import pytest

from dashboard.clouds.drivers.libvirt.errors import TABLE, classify
from dashboard.clouds.interface import AuthFailed, Conflict, NotFound, Reason, Refused, Unavailable

RPC, QEMU, STORAGE = libvirt.VIR_FROM_RPC, libvirt.VIR_FROM_QEMU, libvirt.VIR_FROM_STORAGE
INTERNAL, SYSTEM = libvirt.VIR_ERR_INTERNAL_ERROR, libvirt.VIR_ERR_SYSTEM_ERROR

# code, domain, errno, text as libvirt 9.0 says it, the class, the reason
CASES = [
    (libvirt.VIR_ERR_NO_DOMAIN, QEMU, -1, "Domain not found: no domain with matching uuid", NotFound, None),
    (libvirt.VIR_ERR_OPERATION_INVALID, QEMU, -1, "Requested operation is not valid: not running", Conflict, None),
    (libvirt.VIR_ERR_OPERATION_TIMEOUT, QEMU, -1, "Timed out: cannot acquire state change lock", Unavailable, None),
    (libvirt.VIR_ERR_AUTH_FAILED, RPC, -1, "authentication failed", AuthFailed, None),
    (libvirt.VIR_ERR_ACCESS_DENIED, QEMU, -1, "access denied", AuthFailed, None),
    (SYSTEM, RPC, errno.ENOENT, "Failed to connect socket: No such file or directory", Unavailable, None),
    (SYSTEM, RPC, errno.ECONNREFUSED, "Failed to connect socket: Connection refused", Unavailable, None),
    (SYSTEM, RPC, errno.EACCES, "Failed to connect socket: Permission denied", AuthFailed, None),
    (INTERNAL, RPC, -1, "internal error: client socket is closed", Unavailable, None),
    (INTERNAL, libvirt.VIR_FROM_REMOTE, -1, "connection closed due to keepalive timeout", Unavailable, None),
    (INTERNAL, QEMU, -1, "cannot set up guest memory 'pc.ram': Cannot allocate memory", Refused, Reason.CAPACITY),
    (INTERNAL, STORAGE, -1, "Not enough free space in pool for volume 'a.qcow2'", Refused, Reason.CAPACITY),
    (SYSTEM, STORAGE, errno.ENOSPC, "cannot write", Refused, Reason.CAPACITY),
    (libvirt.VIR_ERR_NO_MEMORY, QEMU, -1, "out of memory", Refused, Reason.CAPACITY),
    (SYSTEM, STORAGE, errno.EACCES, "cannot open '/x': Permission denied", Refused, Reason.OTHER),
    (INTERNAL, QEMU, -1, "process exited while connecting to monitor", Refused, Reason.OTHER),
    (libvirt.VIR_ERR_NO_NETWORK, libvirt.VIR_FROM_NETWORK, -1, "Network not found: no network", Refused, Reason.OTHER),
    (libvirt.VIR_ERR_NO_STORAGE_VOL, STORAGE, -1, "Storage volume not found", Refused, Reason.OTHER),
    (libvirt.VIR_ERR_CONFIG_UNSUPPORTED, QEMU, -1, "unsupported configuration", Refused, Reason.INVALID),
    (libvirt.VIR_ERR_OPERATION_DENIED, QEMU, -1, "read only access", Refused, Reason.POLICY),
    (0, 0, 0, "", Refused, Reason.OTHER),
]


@pytest.mark.parametrize(("code", "domain", "number", "text", "error", "reason"), CASES)
def test_each_error_has_its_class(code, domain, number, text, error, reason):
    raised = classify(code=code, domain=domain, number=number, text=text)
    assert type(raised) is error
    assert getattr(raised, "reason", None) == reason
    assert (raised.detail, raised.source) == (text, "libvirt")


@pytest.mark.parametrize("code", TABLE)
def test_each_code_of_the_table_makes_an_error(code):
    assert classify(code=code, domain=0, number=0, text="said so").detail == "said so"

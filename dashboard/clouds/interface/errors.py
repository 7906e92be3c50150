"""What can go wrong.

CloudError
├── Unavailable   the cloud did not answer; the same call may work later
├── NotFound      the thing does not exist (any more)
├── Conflict      its present state does not allow this
├── Refused       the cloud understood and said no; `reason` says why
└── AuthFailed    our credentials are not accepted
"""

from __future__ import annotations

from enum import StrEnum


class CloudError(Exception):
    """A cloud did not do what was asked.

    `detail` is the cloud's own text, for administrators only; `request_id` is the cloud's id for the call, where it
    has one; `source` names the part of the cloud that answered (`nova`, `neutron`, `libvirt`, ...) and `http_status`
    its status, 0 where there is none. What a user reads is written above the driver line, from these.
    """

    def __init__(self, detail: str = "", *, request_id: str = "", source: str = "", http_status: int = 0) -> None:
        super().__init__(detail)
        self.detail = detail
        self.request_id = request_id
        self.source = source
        self.http_status = http_status


class Unavailable(CloudError):
    """The cloud did not answer, or said that it cannot right now. Try again, after `retry_after_s` where it said so."""

    def __init__(
        self,
        detail: str = "",
        *,
        retry_after_s: float = 0,
        request_id: str = "",
        source: str = "",
        http_status: int = 0,
    ) -> None:
        super().__init__(detail, request_id=request_id, source=source, http_status=http_status)
        self.retry_after_s = retry_after_s


class NotFound(CloudError):
    """No such thing on the cloud."""


class Conflict(CloudError):
    """The present state of the thing does not allow the call."""


class Reason(StrEnum):
    """Why a cloud refused, as far as it can be told."""

    CAPACITY = "capacity"
    QUOTA = "quota"
    POLICY = "policy"
    IMAGE_MISSING = "image-missing"
    IMAGE_TOO_LARGE = "image-too-large"
    INVALID = "invalid"
    OTHER = "other"


class Refused(CloudError):
    """The cloud understood and said no. `is_final`: asked again in a moment, it would say the same of its limits."""

    def __init__(
        self,
        detail: str = "",
        *,
        reason: Reason = Reason.OTHER,
        is_final: bool = False,
        request_id: str = "",
        source: str = "",
        http_status: int = 0,
    ) -> None:
        super().__init__(detail, request_id=request_id, source=source, http_status=http_status)
        self.reason = reason
        self.is_final = is_final


class AuthFailed(CloudError):
    """The cloud does not accept our credentials."""

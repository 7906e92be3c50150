"""What testing a connection to an OpenStack can find, beside what the way to any host has.

The words for each are written above the driver line.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    ADDRESS_ODD = "address-odd"
    WEB_PAGE = "web-page"
    NOT_KEYSTONE = "not-keystone"
    V2_ONLY = "v2-only"
    WRONG_PATH = "wrong-path"
    SERVER_ERROR = "server-error"
    CLOCK_OFF = "clock-off"
    NO_CREDENTIAL = "no-credential"
    WRONG_USER = "wrong-user"
    WRONG_PROJECT = "wrong-project"
    NO_PROJECT = "no-project"
    PASSWORD_EXPIRED = "password-expired"  # noqa: S105
    SECOND_FACTOR = "second-factor"
    CREDENTIAL_GONE = "credential-gone"
    CREDENTIAL_WRONG = "credential-wrong"
    SIGN_IN_REFUSED = "sign-in-refused"
    REGION_UNKNOWN = "region-unknown"
    REGION_MISSING = "region-missing"
    INTERFACE_MISSING = "interface-missing"
    SERVICE_MISSING = "service-missing"
    SERVICE_ABSENT = "service-absent"
    ENDPOINT_UNREACHABLE = "endpoint-unreachable"
    SERVICE_AWAY = "service-away"
    SERVICE_REFUSED = "service-refused"
    RIGHTS_NONE = "rights-none"
    RIGHTS_READER = "rights-reader"
    RIGHTS_MEMBER = "rights-member"
    RIGHTS_PARTIAL = "rights-partial"
    RIGHTS_TOO_MANY = "rights-too-many"
    QUOTA_UNREADABLE = "quota-unreadable"

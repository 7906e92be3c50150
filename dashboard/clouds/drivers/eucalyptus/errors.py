"""What a cloud answers when it does not do what was asked, in our words.

before the service, 403         AuthFailed: signature, key, clock
401                             the same, in all other EC2
before the service, 400         Refused: it does not know a part of what was asked
503 and 500                     Refused for a quota or for want of room, which is told only by the message;
                                else Unavailable
codes that name a state         Conflict
codes that end in NotFound      NotFound; also those for an id of a wrong form
codes that speak of rights      Refused: policy
other 4xx                       Refused
no answer, or not understood    Unavailable

Codes and messages are from the published sources of Eucalyptus 4.4.6 and 5.1.0. `detail` is `<code>: <message>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree import ElementTree

import botocore.exceptions

from ...interface import AuthFailed, CloudError, Conflict, NotFound, Reason, Refused, Unavailable
from .markup import NotUnderstood, local, parse
from .transport import Answer

SOURCE = "ec2"
"""Of IAM and STS too: their codes are not told apart."""
LONGEST_DETAIL = 2000

KEYS = r"403 Forbidden|SignatureDoesNotMatch|InvalidClientTokenId|InvalidAccessKeyId|RequestExpired|ExpiredToken"
INACTIVE, UNKNOWN = r"access key is not active", r"invalid access key"
SIGNATURE = r"signature validation|signature we calculated|SignatureDoesNotMatch"
"""Words for which one 403 stands; in other words it may be any of them."""
RIGHTS = r"UnauthorizedOperation|NotAuthorized|AccessDenied\w*|AuthFailure"
BUSY = r"RequestLimitExceeded|Throttling\w*|ServiceUnavailable|Unavailable|InternalFailure|InternalError"
MISSING = r"(?!InvalidPermission\.Malformed)Invalid\w+\.(NotFound|Malformed|NotFoundException)|NoSuchEntity"
STATE = (
    r"IncorrectInstanceState|IncorrectState|OperationNotPermitted|VolumeInUse|DependencyViolation|DeleteConflict"
    r"|EntityAlreadyExists|Resource\.AlreadyAssociated|Invalid\w+\.(InUse|Duplicate|AlreadyExists)"
)
FULL = r"InsufficientInstanceCapacity|InsufficientAddressCapacity|InsufficientFreeAddressesInSubnet"
QUOTAS = r"(?!Request|Tag)\w+LimitExceeded"


class Gone(NotFound):
    """With the cloud's own code for what it is that is gone."""

    def __init__(self, detail: str, *, code: str, request_id: str = "", http_status: int = 0) -> None:
        super().__init__(detail, request_id=request_id, source=SOURCE, http_status=http_status)
        self.code = code


def of_answer(answer: Answer) -> CloudError:
    """The error in an answer of 300 and above."""
    try:
        code, message, request_id = said_in(answer.content)
    except NotUnderstood:
        text = answer.content[:LONGEST_DETAIL].decode(errors="replace")
        return Unavailable(f"the answer was not understood: {text}", source=SOURCE, http_status=answer.status)
    return of_code(code, message, status=answer.status, request_id=request_id)


def said_in(content: bytes) -> tuple[str, str, str]:
    """Code, message and request id, in any of the three forms that errors have."""
    root = parse(content)
    said = {local(part.tag): (part.text or "").strip() for part in root.iter()}
    if "Code" not in said:
        raise NotUnderstood("no code in the error")
    request_id = next((said[name] for name in ("RequestID", "RequestId", "requestId") if name in said), "")
    is_id = re.fullmatch(r"[\w-]{1,100}", request_id)  # before the service it is the message once more
    return said["Code"], said.get("Message", ""), request_id if is_id else ""


def of_code(code: str, message: str, *, status: int, request_id: str = "") -> CloudError:
    detail = f"{code}: {message}"[:LONGEST_DETAIL]

    def refused(reason: Reason) -> Refused:
        return Refused(
            detail,
            reason=reason,
            is_final=reason is Reason.QUOTA,  # it reserves nothing before it counts: what was refused stays so
            request_id=request_id,
            source=SOURCE,
            http_status=status,
        )

    def is_one(pattern: str) -> bool:
        return re.fullmatch(pattern, code.removeprefix("Client.").removeprefix("Server.")) is not None

    if status == 401:
        return AuthFailed(detail, request_id=request_id, source=SOURCE, http_status=status)
    if reason := reason_of(code, message):
        return refused(reason)
    if is_one(MISSING):
        return Gone(detail, code=code, request_id=request_id, http_status=status)
    known = next((kind for pattern, kind in KINDS if is_one(pattern)), None)
    if known is not None:
        return known(detail, request_id=request_id, source=SOURCE, http_status=status)
    if status >= 500:
        return Unavailable(detail, request_id=request_id, source=SOURCE, http_status=status)
    return refused(Reason.OTHER if code.startswith("Unsupported") else Reason.INVALID)


KINDS: tuple[tuple[str, type[CloudError]], ...] = ((KEYS, AuthFailed), (STATE, Conflict), (BUSY, Unavailable))


def reason_of(code: str, message: str) -> Reason | None:
    """The public service names every trouble of those behind it ServiceUnavailable: only the message tells."""
    if re.fullmatch(QUOTAS, code) or "quota exceeded" in message.lower():
        return Reason.QUOTA
    if re.fullmatch(FULL, code) or re.search(r"Not enough resources|InsufficientAddressCapacity", message):
        return Reason.CAPACITY
    if re.fullmatch(RIGHTS, code) or message.startswith("Permission denied"):
        return Reason.POLICY
    return None


def not_understood(why: str) -> Unavailable:
    return Unavailable(f"the answer was not understood: {why}"[:LONGEST_DETAIL], source=SOURCE)


@contextmanager
def understood() -> Iterator[None]:
    """What comes of reading an answer of another shape than it should have is Unavailable. Also a decorator."""
    try:
        yield
    except CloudError:
        raise
    except (NotUnderstood, ElementTree.ParseError, botocore.exceptions.BotoCoreError) as error:
        raise not_understood(str(error)) from None
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise not_understood(f"{type(error).__name__}: {error}") from error

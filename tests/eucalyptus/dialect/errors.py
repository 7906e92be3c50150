"""How a call is refused. Three bodies (data/errors.json):

before the service   Response/Errors/Error, the code is the status in words, Content-Type text/plain
EC2                  the same shape with a real code
IAM, STS             ErrorResponse; S3 has its own fourth
"""

from __future__ import annotations

import uuid
from http import HTTPStatus

from .markup import element, elements, wrap

XML = "application/xml; charset=UTF-8"
PLAIN = "text/plain; charset=UTF-8"


class Refused(Exception):
    """What the service says no to."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class NotServed(Refused):
    """Refused before the service saw it: signature, unknown parameter, size."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, f"{status} {HTTPStatus(status).phrase}", message)


def invalid(code: str, message: str) -> Refused:
    return Refused(400, code, message)


def body(service: str, refusal: Refused) -> tuple[str, str]:
    """(content type, text)."""
    if isinstance(refusal, NotServed) and service != "s3":
        return PLAIN, before_service(refusal)
    return XML, {"ec2": in_ec2, "s3": in_s3}.get(service, in_iam)(refusal, service)


def before_service(refusal: Refused) -> str:
    error = wrap("Error", element("Code", refusal.code), element("Message", refusal.message))
    inner = wrap("Errors", error) + element("RequestID", refusal.message)
    return f'<?xml version="1.0"?>{wrap("Response", inner)}'


def in_ec2(refusal: Refused, service: str) -> str:
    error = wrap("Error", element("Code", refusal.code), element("Message", refusal.message))
    return wrap("Response", wrap("Errors", error), element("RequestID", uuid.uuid4()))


def in_iam(refusal: Refused, service: str) -> str:
    place = "sts.amazonaws.com/doc/2011-06-15" if service == "sts" else "iam.amazonaws.com/doc/2010-05-08"
    kind = "Sender" if refusal.status < 500 else "Receiver"
    error = elements(Type=kind, Code=refusal.code, Message=refusal.message)
    scheme = "https" if service == "sts" else "http"
    return (
        f'<ErrorResponse xmlns="{scheme}://{place}/"><Error>{error}<Detail/></Error>'
        f"{element('RequestId', uuid.uuid4())}</ErrorResponse>"
    )


def in_s3(refusal: Refused, service: str) -> str:
    code = refusal.code if not isinstance(refusal, NotServed) else "AccessDenied"
    inner = elements(Code=code, Message=refusal.message, RequestId=uuid.uuid4(), HostId="eucalyptus")
    return f'<?xml version="1.0" encoding="UTF-8"?>{wrap("Error", inner)}'

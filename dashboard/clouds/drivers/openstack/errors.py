"""What OpenStack's services answer when they do not do what was asked, in our words.

answer 401                      AuthFailed
answer 403                      Refused: quota, or policy with its name in the detail
answer 404                      NotFound, if the cloud itself said it; a proxy's 404 is Unavailable
answer 409                      Conflict; quota and used-up addresses are Refused
answer 413, 429 and 5xx         Unavailable; 413 for a quota is Refused
other 4xx                       Refused
no answer, or not understood    Unavailable
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import openstack.exceptions as sdk
import requests
import urllib3
from keystoneauth1 import exceptions as keystone

from ...interface import AuthFailed, CloudError, Conflict, NotFound, Reason, Refused, Unavailable

LONGEST_DETAIL = 2000
NOT_UNDERSTOOD = (KeyError, IndexError, TypeError, AttributeError, ValueError)
"""What comes of reading an answer that has another shape than the API's; ValueError: it is not JSON at all."""

# The first that matches decides. The texts are from Nova's, Neutron's, Glance's, Cinder's and Keystone's sources.
REASONS: tuple[tuple[str, Reason], ...] = (
    (r"Policy doesn't allow|disallowed by policy", Reason.POLICY),  # first: a policy's name may speak of quotas
    (
        r"quota|OverQuota|Maximum number of|limit exceeded|is over a limit|exceeds? (the )?allowed|LimitExceeded",
        Reason.QUOTA,
    ),
    (r"not authorized|forbidden", Reason.POLICY),
    (r"IpAddressGenerationFailure|No more IP addresses|Unable to find any IP address", Reason.CAPACITY),
    (r"No more fixed IPs|Zero fixed ips|No valid host|NoValidHost|Insufficient compute", Reason.CAPACITY),
    (r"disk is (too small|smaller than)|Volume is smaller than|size is smaller than.*image", Reason.IMAGE_TOO_LARGE),
    (r"Can not find requested image|attribute imageRef|image .*could not be found", Reason.IMAGE_MISSING),
    (r"Cannot find image|image .*not found|Image \S+ (is unacceptable|is not active)", Reason.IMAGE_MISSING),
)


@contextmanager
def translated(source: str) -> Iterator[None]:
    """Whatever the SDK raises in here comes out as a CloudError. `source` is the service's name (`nova`, ...).

    Also a decorator. Not for generator functions: there it goes inside. Causes are cut off where they would carry the
    request, since that may hold a password.
    """
    try:
        yield
    except CloudError:
        raise
    except (keystone.HttpError, sdk.HttpException, requests.HTTPError) as error:
        raise of_http_error(error, source=source) from None
    except NO_SIGN_IN as error:
        raise AuthFailed(_brief(error), source="keystone") from None
    except NO_ANSWER as error:
        raise Unavailable(_brief(error), source=_who(error, source)) from None
    except NOT_UNDERSTOOD as error:
        detail = f"the answer was not understood: {type(error).__name__}: {error}"
        raise Unavailable(detail[:LONGEST_DETAIL], source=source) from error


NO_SIGN_IN = (keystone.MissingAuthMethods, keystone.AuthorizationFailure, keystone.AuthPluginException)
NO_ANSWER = (
    keystone.ClientException,
    sdk.SDKException,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    OSError,
)
"""In this order after the above: whatever else these libraries raise means that no usable answer came."""

# What Keystone says, with 404, of an application credential that is gone and of a token that was revoked.
GONE_CREDENTIAL = r"Could not find|Failed to validate token"


def of_http_error(error: Any, *, source: str) -> CloudError:
    """keystoneauth raises these only for its own calls, which are to Keystone."""
    who = "keystone" if isinstance(error, keystone.HttpError) else source
    if error.response is None:
        return Unavailable(_brief(error), source=who)
    found = of_response(error.response, source=who)
    if who == "keystone" and isinstance(found, NotFound) and re.search(GONE_CREDENTIAL, found.detail):
        return AuthFailed(found.detail, source=who, http_status=404, request_id=found.request_id)
    if who == "keystone" and isinstance(found, NotFound):
        # the wrong URL, and nothing that we asked for: nobody may take it for a thing that is gone
        return Unavailable(found.detail, source=who, http_status=404, request_id=found.request_id)
    return found


def of_response(response: requests.Response, *, source: str) -> CloudError:
    """The error in an answer of 300 and above."""
    detail, status = words_of(response), response.status_code
    known: dict[str, Any] = {"request_id": request_id_of(response), "source": source, "http_status": status}
    if status == 401:
        return AuthFailed(detail, **known)
    if status in (403, 404, 409, 413):
        return _SPECIAL[status](response, detail, known)
    if status == 400 or 405 <= status < 429 or status == 431:
        return Refused(detail, reason=reason_of(detail) or Reason.INVALID, **known)
    if status == 501:
        return Refused(detail, **known)
    return Unavailable(detail, retry_after_s=retry_after_s(response), **known)


def _forbidden(response: requests.Response, detail: str, known: dict[str, Any]) -> CloudError:
    reason = reason_of(detail)
    return Refused(detail, reason=reason if reason is Reason.QUOTA else Reason.POLICY, **known)


def _not_found(response: requests.Response, detail: str, known: dict[str, Any]) -> CloudError:
    """A load balancer that has lost its services says 404 as well, and that must not look like an instance's end."""
    if known["request_id"] or _is_json(response):
        return NotFound(detail, **known)
    return Unavailable(detail, **known)


def _conflict(response: requests.Response, detail: str, known: dict[str, Any]) -> CloudError:
    """Neutron says 409 for its quota and for used-up addresses; Nova for a network that must be named."""
    reason = reason_of(detail)
    if reason in (Reason.QUOTA, Reason.CAPACITY):
        return Refused(detail, reason=reason, **known)
    if "Multiple possible networks" in detail:
        return Refused(detail, reason=Reason.INVALID, **known)
    return Conflict(detail, **known)


def _too_large(response: requests.Response, detail: str, known: dict[str, Any]) -> CloudError:
    """Cinder says 413 for its quota, with a Retry-After of 0; Nova once did for too many calls."""
    if reason_of(detail) is Reason.QUOTA:
        return Refused(detail, reason=Reason.QUOTA, **known)
    if "Retry-After" in response.headers:
        return Unavailable(detail, retry_after_s=retry_after_s(response), **known)
    return Refused(detail, reason=Reason.INVALID, **known)


_SPECIAL = {403: _forbidden, 404: _not_found, 409: _conflict, 413: _too_large}


def reason_of(detail: str) -> Reason | None:
    for words, reason in REASONS:
        if re.search(words, detail, re.IGNORECASE):
            return reason
    return None


def words_of(response: requests.Response) -> str:
    """The cloud's own text, with Neutron's type in front, since that is what names the error there."""
    try:
        said = list(_sayings(response.json()))
    except ValueError:
        said = []
    text = "; ".join(said) or re.sub(r"<[^>]*>|\s+", " ", response.text[:LONGEST_DETAIL]).strip()
    return (text or response.reason or f"HTTP {response.status_code}")[:LONGEST_DETAIL]


def _sayings(body: Any) -> Iterator[str]:
    """{"badRequest": {"message"}}, {"NeutronError": {"type", "message"}}, {"errors": [{"title", "detail"}]}, ..."""
    if isinstance(body, list):
        for part in body:
            yield from _sayings(part)
    elif isinstance(body, dict):
        told = [body[key] for key in ("type", "title", "message", "detail") if isinstance(body.get(key), str)]
        if told:
            yield ": ".join(text for text in told if text)
        for part in body.values():
            if isinstance(part, dict | list):
                yield from _sayings(part)
    elif isinstance(body, str):
        yield body


def _is_json(response: requests.Response) -> bool:
    try:
        json.loads(response.content)
    except ValueError:
        return False
    return True


def request_id_of(response: requests.Response) -> str:
    headers = response.headers
    return str(headers.get("x-openstack-request-id") or headers.get("x-compute-request-id") or "")[:100]


def retry_after_s(response: requests.Response) -> float:
    """Seconds; the header holds them, or a date (RFC 9110, 10.2.3). 0 where it says nothing."""
    text = response.headers.get("Retry-After", "")
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def _who(error: Exception, source: str) -> str:
    """Signing in happens inside of other calls; the URL in the message tells."""
    return "keystone" if "/auth/tokens" in str(error) else source


def _brief(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:LONGEST_DETAIL]

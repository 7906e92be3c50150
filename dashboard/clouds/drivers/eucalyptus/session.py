"""One connection to one Eucalyptus, as one user: what is asked is signed, sent, and asked again where that is harmless.

Every call goes through `ask`, also those of boto3 (ec2.py): it signs for the cloud's region with version 4, counts the
answer, and turns what went wrong into a CloudError. A call that changes something is sent once; one that only reads
up to three times. Where the cloud does not accept temporary keys they are fetched anew, once.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from ...interface import AuthFailed, Refused, Unavailable, note_call
from . import accepted, markup
from .endpoints import url_of
from .errors import not_understood, of_answer, understood
from .keys import LASTS_S, BorrowedKeys, Key, Keys, StoredKey
from .transport import LARGEST_ANSWER, Answer, TooLarge, Wire

VERSIONS = {"ec2": "2016-11-15", "iam": "2010-05-08", "sts": "2011-06-15"}
"""Those of boto3 too. A release that is older answers in its newest."""
READS = re.compile(r"Describe|Get|List")
TRIES, PAUSES_S = 3, (0.2, 0.8)
TOLD = ("AccessKeyId", "SecretAccessKey", "SessionToken")
FORM = "application/x-www-form-urlencoded; charset=utf-8"
REQUEST_ID = re.compile(rb"<(?:requestId|RequestId|RequestID)>([\w-]{1,100})<")


class Session:
    """Safe to share between threads; never across a fork."""

    def __init__(self, settings: Mapping[str, str], *, keys: Keys | None = None, wire: Wire | None = None) -> None:
        self.settings = dict(settings)
        self.wire = wire or Wire(
            ca_bundle=settings.get("ca_bundle", ""),
            fingerprint=settings.get("fingerprint", ""),
            allow_local=settings.get("allow_local") == "yes",
        )
        self.keys = keys or StoredKey(settings.get("access_key", ""), settings.get("secret_key", ""))
        self._release = settings.get("release", "") if settings.get("release") in accepted.VERSIONS else ""
        self._has_vpc: bool | None = None

    def __repr__(self) -> str:
        return f"Session({self.settings.get('endpoint', '')!r})"

    @property
    def has_credential(self) -> bool:
        return bool(self.settings.get("access_key"))

    # --- calls in our own words

    def ec2(self, action: str, **parameters: str) -> bytes:
        """An EC2 call that boto3 would send or read wrongly; `Filter_1_Name` stands for `Filter.1.Name`."""
        asked = {name.replace("_", "."): value for name, value in parameters.items()}
        accepted.check(action, asked, release=self.release)
        return self.query("ec2", action, asked)

    def iam(self, action: str, **parameters: str) -> Element:
        """The part of the answer that holds the result; Eucalyptus has calls that AWS does not have."""
        return self._result("iam", action, parameters)

    def sts(self, action: str, **parameters: str) -> Element:
        return self._result("sts", action, parameters)

    def _result(self, service: str, action: str, parameters: Mapping[str, str]) -> Element:
        with understood():
            root = markup.parse(self.query(service, action, parameters))
            found = markup.child(root, f"{action}Result")
            return root if found is None else found

    def query(self, service: str, action: str, parameters: Mapping[str, str]) -> bytes:
        asked = {"Action": action, "Version": VERSIONS[service], **parameters}
        return self.ask(service, action, urlencode(asked).encode()).content

    # --- calls as they are sent

    def ask(self, service: str, action: str, body: bytes, *, largest: int = LARGEST_ANSWER) -> Answer:
        """One call, which succeeded. Raises CloudError."""
        tries = TRIES if READS.match(action) else 1
        for pause_s in (*PAUSES_S[: tries - 1], None):
            try:
                return self._signed(service, action, body, largest=largest)
            except TooLarge:
                raise
            except Unavailable:
                if pause_s is None:
                    raise
                time.sleep(pause_s)
        raise AssertionError("the last try returns or raises")

    def _signed(self, service: str, action: str, body: bytes, *, largest: int) -> Answer:
        key = self.keys.now()
        try:
            return self._sent(service, action, body, key=key, largest=largest)
        except AuthFailed:  # said before anything was done: it may be asked once more
            if not self.keys.forget(key):
                raise
            return self._sent(service, action, body, key=self.keys.now(), largest=largest)

    def _sent(self, service: str, action: str, body: bytes, *, key: Key, largest: int) -> Answer:
        url = url_of(service, self.settings)
        headers = self._headers(service, url, body, key=key)
        answer = self.wire.post(url, body=body, headers=headers, largest=largest)
        if answer.status >= 300:
            error = of_answer(answer)
            note_call(error.request_id, source=service, changes=not READS.match(action))
            raise error
        found = REQUEST_ID.search(answer.content[:4096]) or REQUEST_ID.search(answer.content[-4096:])
        note_call(found[1].decode() if found else "", source=service, changes=not READS.match(action))
        if not markup.root_of(answer.content).startswith(action):  # a proxy's page would be read as an empty list
            raise not_understood(f"{action} was answered with <{markup.root_of(answer.content)}>")
        return answer

    def _headers(self, service: str, url: str, body: bytes, *, key: Key) -> dict[str, str]:
        request = AWSRequest("POST", url, data=body, headers={"Content-Type": FORM})
        region = self.settings.get("region") or "eucalyptus"
        SigV4Auth(Credentials(key.id, key.secret, key.token or None), service, region).add_auth(request)
        return {"User-Agent": "skydeck", **dict(request.headers.items())}

    # --- what the cloud is

    @property
    def release(self) -> str:
        """`4.4` or `5.1`: launch templates came between them. Asked of the cloud once. Raises CloudError."""
        if not self._release:
            try:
                self.query("ec2", "DescribeLaunchTemplates", {})
            except Refused as error:
                self._release = "4.4" if error.http_status == 400 else "5.1"
            else:
                self._release = "5.1"
        return self._release

    @property
    def has_vpc(self) -> bool:
        """Whether networks are virtual private clouds, or one flat network (EDGE). Raises CloudError."""
        if self._has_vpc is None:
            self._has_vpc = "VPC" in self.attribute("supported-platforms")
        return self._has_vpc

    def attribute(self, name: str) -> list[str]:
        """One of the account's attributes."""
        with understood():
            root = markup.parse(self.ec2("DescribeAccountAttributes"))
            for row in markup.rows(root, "accountAttributeSet"):
                if markup.text(row, "attributeName") == name:
                    values = markup.rows(row, "attributeValueSet")
                    return [markup.text(value, "attributeValue") for value in values]
        return []

    def close(self) -> None:
        self.wire.close()


def entering(session: Session, *, user_id: str) -> Session:
    """The same cloud as one user of a tenant's account, with tokens that the administrator's session fetches."""

    def fetch() -> Key:
        found = session.sts("GetImpersonationToken", UserId=user_id, DurationSeconds=str(LASTS_S))
        told = {name: markup.text(found, f"Credentials/{name}") for name in TOLD}
        if not all(told.values()):
            raise not_understood("GetImpersonationToken gave no credentials")
        return Key(told["AccessKeyId"], told["SecretAccessKey"], told["SessionToken"])

    return Session(session.settings, keys=BorrowedKeys(fetch), wire=session.wire)

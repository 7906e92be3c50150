"""Buckets of an account, as far as it has to be known whether there are any."""

from __future__ import annotations

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from ...interface import note_call
from . import markup
from .endpoints import url_of
from .errors import of_answer, understood
from .session import Session


def buckets(session: Session) -> list[str]:
    """Their names. Raises CloudError."""
    key, url = session.keys.now(), url_of("s3", session.settings).rstrip("/") + "/"
    request = AWSRequest("GET", url)
    region = session.settings.get("region") or "eucalyptus"
    S3SigV4Auth(Credentials(key.id, key.secret, key.token or None), "s3", region).add_auth(request)
    answer = session.wire.get(url, headers={"User-Agent": "skydeck", **dict(request.headers.items())})
    if answer.status >= 300:
        raise of_answer(answer)
    note_call("", source="s3", changes=False)
    with understood():
        found = markup.rows(markup.parse(answer.content), "Buckets", each="Bucket")
        return [markup.text(bucket, "Name") for bucket in found]

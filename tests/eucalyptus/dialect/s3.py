"""As much of S3 as filling and emptying an account's buckets needs; the rest is NotImplemented.

A body's hash may only be 64 hex digits, UNSIGNED-PAYLOAD or the signed streaming form. `encoding-type` has no effect.
"""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from .call import Call
from .clock import written
from .errors import XML, Refused
from .markup import element, elements, wrap
from .quotas import exceeded
from .resources import Bucket, Stored

PLACE = "http://s3.amazonaws.com/doc/2006-03-01/"
NOT_THERE = {
    "website", "encryption", "replication", "analytics", "inventory", "metrics", "object-lock", "notification",
    "accelerate",
}  # fmt: skip
HASH = re.compile(r"[0-9a-f]{64}|UNSIGNED-PAYLOAD|STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
Answered = tuple[int, bytes | str]
Verb = Callable[[Call, str, str, bytes], Answered]


def name_of(method: str, path: str, asked: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """The name that AWS gives to it; decides nothing but which function answers."""
    bucket, key = _split(path)
    if wanted := NOT_THERE & asked.keys():
        return f"{method} ?{min(wanted)}"
    if key:
        return {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}.get(
            method, method
        )
    if bucket and method == "POST" and "delete" in asked:
        return "DeleteObjects"
    if bucket and method == "GET":
        return "ListObjectsV2" if asked.get("list-type") == "2" else "ListObjects"
    buckets = {"PUT": "CreateBucket", "HEAD": "HeadBucket", "DELETE": "DeleteBucket"}
    return buckets.get(method, method) if bucket else "ListBuckets"


def _split(path: str) -> tuple[str, str]:
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    return bucket, key


def answer(call: Call, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes | str, str]:
    _check_hash(headers, body)
    if "?" in call.action or call.action not in VERBS:
        raise Refused(501, "NotImplemented", "A header or query parameter means a feature that is not implemented")
    bucket, key = _split(path)
    status, content = VERBS[call.action](call, bucket, key, body)
    return status, content, "application/octet-stream" if isinstance(content, bytes) else XML


def _check_hash(headers: Mapping[str, str], body: bytes) -> None:
    named = headers.get("X-Amz-Content-SHA256")
    if named is None:
        return
    if not HASH.fullmatch(named):
        raise Refused(403, "AccessDenied", f"x-amz-content-sha256 is not known: {named}")
    if len(named) == 64 and hashlib.sha256(body).hexdigest() != named:
        raise Refused(400, "XAmzContentSHA256Mismatch", "The body is not what x-amz-content-sha256 says")


def found(call: Call, name: str) -> Bucket:
    bucket = call.cloud.buckets.get(name)
    if bucket is None:
        raise Refused(404, "NoSuchBucket", f"The specified bucket does not exist: {name}")
    if bucket.account != call.account.id and not call.is_administrator:
        raise Refused(403, "AccessDenied", "Access Denied")
    return bucket


def list_buckets(call: Call, bucket: str, key: str, body: bytes) -> Answered:
    mine = [one for one in call.cloud.buckets.values() if one.account == call.account.id]
    rows = (wrap("Bucket", elements(Name=one.name, CreationDate=written(one.made))) for one in mine)
    owner = wrap("Owner", elements(ID=call.account.id, DisplayName=call.account.name))
    return 200, f'<ListAllMyBucketsResult xmlns="{PLACE}">{owner}{wrap("Buckets", *rows)}</ListAllMyBucketsResult>'


def create_bucket(call: Call, bucket: str, key: str, body: bytes) -> Answered:
    if there := call.cloud.buckets.get(bucket):
        is_mine = there.account == call.account.id
        raise Refused(409, "BucketAlreadyOwnedByYou" if is_mine else "BucketAlreadyExists", f"{bucket} is taken")
    if not re.fullmatch(r"[a-zA-Z0-9._-]{3,255}", bucket):
        raise Refused(400, "InvalidBucketName", f"The specified bucket is not valid: {bucket}")
    if exceeded(call, "s3:CreateBucket", {"s3:quota-bucketnumber": 1}):
        raise Refused(400, "TooManyBuckets", "You have attempted to create more buckets than allowed")
    call.cloud.buckets[bucket] = Bucket(bucket, call.account.id, call.cloud.clock.now())
    return 200, ""


def head_bucket(call: Call, bucket: str, key: str, body: bytes) -> Answered:
    found(call, bucket)
    return 200, ""


def delete_bucket(call: Call, bucket: str, key: str, body: bytes) -> Answered:
    if found(call, bucket).objects:
        raise Refused(409, "BucketNotEmpty", "The bucket you tried to delete is not empty.")
    del call.cloud.buckets[bucket]
    return 204, ""


def list_objects(call: Call, bucket: str, key: str, body: bytes) -> Answered:
    """Keys come as they are, whatever `encoding-type` says."""
    asked, is_new = call.asked, call.action == "ListObjectsV2"
    prefix, most = asked.get("prefix", ""), min(asked.number("max-keys", 1000) or 0, 1000)
    start = asked.get("continuation-token") or asked.get("start-after") if is_new else asked.get("marker")
    keys = sorted(name for name in found(call, bucket).objects if name.startswith(prefix) and name > (start or ""))
    shown, is_more = keys[:most], len(keys) > most
    rows = (wrap("Contents", _listed(call, found(call, bucket).objects[name], name)) for name in shown)
    head = elements(Name=bucket, Prefix=prefix, MaxKeys=most, IsTruncated=is_more)
    if is_new:
        head += elements(KeyCount=len(shown), NextContinuationToken=shown[-1] if is_more else None)
    else:
        head += elements(Marker=start or "", NextMarker=shown[-1] if is_more else None)
    return 200, f'<ListBucketResult xmlns="{PLACE}">{head}{"".join(rows)}</ListBucketResult>'


def _listed(call: Call, stored: Stored, name: str) -> str:
    tag, size = f'"{hashlib.md5(stored.content).hexdigest()}"', len(stored.content)
    return elements(Key=name, LastModified=written(stored.modified), ETag=tag, Size=size, StorageClass="STANDARD")


def put_object(call: Call, bucket: str, key: str, body: bytes) -> Answered:
    found(call, bucket).objects[key] = Stored(body, call.cloud.clock.now())
    return 200, ""


def get_object(call: Call, bucket: str, key: str, body: bytes) -> Answered:
    objects = found(call, bucket).objects
    if key not in objects:
        raise Refused(404, "NoSuchKey", "The specified key does not exist.")
    return 200, objects[key].content


def delete_object(call: Call, bucket: str, key: str, body: bytes) -> Answered:
    found(call, bucket).objects.pop(key, None)
    return 204, ""


def delete_objects(call: Call, bucket: str, key: str, body: bytes) -> Answered:
    names = [one.text or "" for one in ET.fromstring(body).iter() if one.tag.rpartition("}")[2] == "Key"]
    for name in names:
        found(call, bucket).objects.pop(name, None)
    rows = (wrap("Deleted", element("Key", name)) for name in names)
    return 200, f'<DeleteResult xmlns="{PLACE}">{"".join(rows)}</DeleteResult>'


VERBS: dict[str, Verb] = {
    "ListBuckets": list_buckets,
    "CreateBucket": create_bucket,
    "HeadBucket": head_bucket,
    "DeleteBucket": delete_bucket,
    "ListObjects": list_objects,
    "ListObjectsV2": list_objects,
    "PutObject": put_object,
    "GetObject": get_object,
    "HeadObject": get_object,
    "DeleteObject": delete_object,
    "DeleteObjects": delete_objects,
}

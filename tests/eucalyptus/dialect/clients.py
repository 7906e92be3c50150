"""Those who ask the dialect server in its own tests: boto3, and requests signed by hand."""

from __future__ import annotations

import http.client
import re
import ssl
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlencode

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from .accounts import Key

PATHS = {
    "ec2": "/services/compute",
    "iam": "/services/Euare",
    "sts": "/services/Tokens",
    "cloudwatch": "/services/CloudWatch",
    "s3": "/services/objectstorage",
}
SIGNED_FOR = {"cloudwatch": "monitoring"}
VERSIONS = {"ec2": "2016-11-15", "iam": "2010-05-08", "sts": "2011-06-15", "cloudwatch": "2010-08-01"}
ONCE = {"total_max_attempts": 1}
FOR_S3 = {"addressing_style": "path", "payload_signing_enabled": True}


def client(cloud: Any, service: str, key: Key, *, verify: Any = None, **config: Any) -> Any:
    """boto3's, with one attempt; for S3 as Eucalyptus needs it."""
    checks = {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}
    usual = {"retries": ONCE} | ({"signature_version": "s3v4", "s3": FOR_S3} | checks if service == "s3" else {})
    return boto3.client(
        service,
        endpoint_url=cloud.url + PATHS[service],
        region_name="us-east-1" if service == "s3" else "eucalyptus",
        aws_access_key_id=key.id,
        aws_secret_access_key=key.secret,
        aws_session_token=key.token or None,
        verify=verify,
        config=Config(**usual | config),
    )


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    text: str

    def all(self, name: str) -> list[str]:
        """The text of each element of this name."""
        return [unescape(one) for one in re.findall(rf"<{name}>([^<]*)</{name}>", self.text)]

    def one(self, name: str) -> str:
        return self.all(name)[0]


def ask(cloud: Any, service: str, key: Key, action: str, *, path: str = "", host: str = "", **parameters: str) -> Got:
    """POST, signed in the header. `__` in a name stands for a dot: `InstanceId__1`."""
    found = {name.replace("__", "."): value for name, value in parameters.items()}
    body = urlencode({"Action": action, "Version": VERSIONS[service]} | found)
    target, host = path or PATHS[service], host or f"127.0.0.1:{cloud.port}"
    request = AWSRequest("POST", f"http://{host}{target}", data=body, headers={"Host": host})
    request.headers["Content-Type"] = "application/x-www-form-urlencoded"
    SigV4Auth(
        Credentials(key.id, key.secret, key.token or None), SIGNED_FOR.get(service, service), "eucalyptus"
    ).add_auth(request)
    return send(cloud, "POST", target, dict(request.headers), body)


def send(cloud: Any, method: str, target: str, headers: dict[str, str], body: str = "") -> Got:
    """As it stands, on a connection of its own."""
    if cloud.certificate:
        trusted = ssl.create_default_context(cafile=str(cloud.certificate))
        line: Any = http.client.HTTPSConnection("127.0.0.1", cloud.port, timeout=20, context=trusted)
    else:
        line = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=20)
    try:
        line.request(method, target, body, headers)
        answer = line.getresponse()
        return Got(answer.status, dict(answer.headers), answer.read().decode())
    finally:
        line.close()


def image_of(cloud: Any, root: str = "instance-store") -> str:
    """A machine with this root device."""
    return next(i.id for i in cloud.images.values() if i.root == root and i.kind == "machine" and not i.platform)


def launch(ec2: Any, cloud: Any, *, root: str = "instance-store", **wanted: Any) -> str:
    """One instance, and its id."""
    usual = {"ImageId": image_of(cloud, root), "MinCount": 1, "MaxCount": 1, "InstanceType": "m1.small"}
    return ec2.run_instances(**usual | wanted)["Instances"][0]["InstanceId"]


def state_of(ec2: Any, instance_id: str) -> str:
    found = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]
    return found["State"]["Name"]


def code_of(call: Any, **parameters: Any) -> str:
    """The code and message with which boto3's call is refused."""
    try:
        call(**parameters)
    except ClientError as refusal:
        return f"{refusal.response['Error']['Code']}: {refusal.response['Error'].get('Message', '')}"
    return "not refused"

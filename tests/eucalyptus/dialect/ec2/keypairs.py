"""Key pairs: `ssh-rsa` only; no id of their own; the private key is shown once. And Windows passwords."""

from __future__ import annotations

import base64
import binascii
import hashlib

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_public_key,
)

from ..call import Call
from ..clock import written
from ..errors import Refused, invalid
from ..markup import elements, items
from ..resources import KeyPair
from . import ACTIONS
from .instances import MISSING as NO_INSTANCE
from .selection import VERBOSE, filtered, one

MISSING = "InvalidKeyPair.NotFound"
VALUES = {"key-name": lambda pair: pair.name, "fingerprint": lambda pair: pair.fingerprint}


def fingerprint(der: bytes, kind: str) -> str:
    digest = hashlib.new(kind, der).hexdigest()
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))


@ACTIONS.named("CreateKeyPair")
def create(call: Call) -> str:
    name = _free_name(call)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    pair = _add(call, name, fingerprint(der, "sha1"), public)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    return elements(keyName=name, keyFingerprint=pair.fingerprint, keyMaterial=pem)


def _free_name(call: Call) -> str:
    name = call.asked.get("KeyName", "")
    if not name or len(name) > 255:
        raise invalid("InvalidParameterValue", "Invalid key name")
    if (call.account.id, name) in call.cloud.key_pairs:
        raise invalid("InvalidKeyPair.Duplicate", f"The keypair '{name}' already exists.")
    return name


def _add(call: Call, name: str, digest: str, public: str) -> KeyPair:
    pair = call.cloud.key_pairs[call.account.id, name] = KeyPair(name, call.account.id, digest, public)
    return pair


@ACTIONS.named("ImportKeyPair")
def import_pair(call: Call) -> str:
    name = _free_name(call)
    key, text = _ssh_rsa(call.asked.get("PublicKeyMaterial", ""))
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pair = _add(call, name, fingerprint(der, "md5"), text)
    return elements(keyName=name, keyFingerprint=pair.fingerprint)


def _ssh_rsa(material: str) -> tuple[rsa.RSAPublicKey, str]:
    try:
        text = base64.b64decode(material, validate=True)
        key = load_ssh_public_key(text)
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, rsa.RSAPublicKey):
        raise invalid("InvalidKey.Format", "Key is not in valid OpenSSH public key format: ssh-rsa is expected")
    return key, text.decode()


@ACTIONS.named("DescribeKeyPairs")
def describe(call: Call) -> str:
    named = call.asked.many("KeyName")
    is_everything = VERBOSE in named and call.is_administrator
    pairs = [p for p in call.cloud.key_pairs.values() if is_everything or p.account == call.account.id]
    if wanted := [name for name in named if name != VERBOSE]:
        known = {pair.name for pair in pairs}
        for name in wanted:
            if name not in known:
                raise invalid(MISSING, f"The key pair '{name}' does not exist")
        pairs = [pair for pair in pairs if pair.name in wanted]
    rows = (elements(keyName=p.name, keyFingerprint=p.fingerprint) for p in filtered(call, pairs, VALUES))
    return items("keySet", rows)


@ACTIONS.named("DeleteKeyPair")
def delete(call: Call) -> str:
    """Fine as well if it is not there."""
    call.cloud.key_pairs.pop((call.account.id, call.asked.get("KeyName", "")), None)
    return elements(**{"return": True})


@ACTIONS.named("GetPasswordData")
def password(call: Call) -> str:
    """Encrypted for the instance's key; empty until a Windows instance has printed it."""
    i = one(call, call.cloud.instances, "InstanceId", NO_INSTANCE)
    pair = call.cloud.key_pairs.get((i.account, i.key))
    if i.state != "running":
        raise Refused(500, "InternalFailure", f"Instance {i.id} is not in a running state.")
    secret = ""
    if i.platform == "windows" and pair:
        key = load_ssh_public_key(pair.public.encode())
        secret = base64.b64encode(key.encrypt(f"Pass-{i.id}".encode(), padding.PKCS1v15())).decode()
    return elements(instanceId=i.id, timestamp=written(call.cloud.clock.now()), passwordData=secret)

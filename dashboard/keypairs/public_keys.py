"""Public keys as OpenSSH writes them: read, refused in words, and made. Nothing here is stored.

The format is that of RFC 4253, section 6.6, in one line: `<type> <base64> <comment>`.
"""

from __future__ import annotations

import base64
import hashlib
import re
import warnings
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_public_key,
)
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.ui.names import is_seen

LONGEST = 16384
LEAST_RSA_BITS = 2048
"""What today's guests still take; OpenSSH itself refuses below 1,024 and NIST below 2,048 (SP 800-131A)."""
KINDS: dict[str, tuple[str, int]] = {
    "ssh-ed25519": ("ED25519", 256),
    "ssh-rsa": ("RSA", 0),
    "ecdsa-sha2-nistp256": ("ECDSA", 256),
    "ecdsa-sha2-nistp384": ("ECDSA", 384),
    "ecdsa-sha2-nistp521": ("ECDSA", 521),
    "sk-ssh-ed25519@openssh.com": ("ED25519-SK", 256),
    "sk-ecdsa-sha2-nistp256@openssh.com": ("ECDSA-SK", 256),
}
"""The type in the line -> what `ssh-keygen -l` calls it, and its bits; 0: they are in the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """One key that was read. `text` is its line, with single spaces and the comment."""

    text: str
    kind: str
    bits: int
    comment: str
    fingerprint: str
    """`SHA256:...`, as `ssh-keygen -l` shows it."""
    md5: str
    """`16:27:ac:...`, as EC2 and Nova show it."""


def read(text: str) -> PublicKey:
    """Raises ValidationError with what is wrong and what to do instead."""
    text = text.strip().lstrip("\ufeff")
    refuse_others(text)
    name, _space, rest = text.partition(" ")
    encoded, _space, comment = rest.strip().partition(" ")
    comment = comment.strip()
    check_comment(comment)
    kind, bits = KINDS[name]
    bits = bits_of(name, encoded) or bits
    blob = base64.b64decode(encoded)
    return PublicKey(
        text=" ".join(part for part in (name, encoded, comment) if part),
        kind=kind,
        bits=bits,
        comment=comment[:255],
        fingerprint="SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("="),
        md5=hashlib.md5(blob, usedforsecurity=False).digest().hex(":"),
    )


def is_private(text: str) -> bool:
    """Also the formats of PuTTY, PGP and age: what must not be sent, shown again or written down."""
    return bool(re.search(r"PRIVATE KEY|PuTTY-User-Key-File|AGE-SECRET-KEY-", text, re.IGNORECASE))


def refuse_others(text: str) -> None:
    """What is not one line of a type that we take."""
    if is_private(text):
        raise ValidationError(
            _("This is a private key. Keep it secret and paste the public one, from the file that ends in .pub."),
            code="private",
        )
    if len(text) > LONGEST:
        raise ValidationError(_("This is too long for a public key: it is one line, of a few hundred characters."))
    if text.startswith(("---- BEGIN SSH2 PUBLIC KEY", "-----BEGIN ", "Comment:")):
        raise ValidationError(
            _("This key is in another format. “ssh-keygen -i -f FILE” (or with “-m PKCS8”) prints it in OpenSSH's.")
        )
    if len(text.splitlines()) > 1:
        raise ValidationError(_("These are several lines. A public key is one line; import each key by itself."))
    refuse_types(text)


def refuse_types(text: str) -> None:
    name = text.partition(" ")[0]
    if "-cert-v01@openssh.com" in name:
        raise ValidationError(_("This is a certificate. Take the public key that it was made for."))
    if name == "ssh-dss":
        raise ValidationError(
            _("This is a DSA key, which no current system takes any more. Make a new one: ssh-keygen -t ed25519")
        )
    if name in KINDS:
        return
    if any(f" {known} " in f" {text} " for known in KINDS):
        raise ValidationError(
            _("Something stands before the key. Begin with its type, such as ssh-ed25519, and leave the rest out.")
        )
    raise ValidationError(
        _("This is not a public key. It is one line that begins with ssh-ed25519, ssh-rsa or ecdsa-sha2-.")
    )


def bits_of(name: str, encoded: str) -> int:
    """Of an RSA key, whose length is in it; 0 for the others. Raises ValidationError for what is damaged or weak."""
    try:
        with warnings.catch_warnings(action="ignore"):
            key = load_ssh_public_key(f"{name} {encoded}".encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValidationError(
            _("This public key is damaged or not complete. Copy the whole line from the file that ends in .pub.")
        ) from error
    if not isinstance(key, RSAPublicKey):
        return 0
    if key.key_size < LEAST_RSA_BITS:
        raise ValidationError(
            _("This RSA key has %(bits)s bits, which is too weak; %(least)s are needed. Better: ssh-keygen -t ed25519")
            % {"bits": key.key_size, "least": LEAST_RSA_BITS}
        )
    return key.key_size


def check_comment(comment: str) -> None:
    if not is_seen(comment):
        raise ValidationError(_("The comment after the key has a character that cannot be seen; leave it out."))


class Type(TextChoices):
    ED25519 = "ed25519", gettext_lazy("ed25519, for all that is current")
    RSA = "rsa", gettext_lazy("RSA, for Windows and where a cloud takes no other")


RSA_BITS = 3072


def generate(*, comment: str, type: str = Type.ED25519) -> tuple[str, PublicKey]:
    """A new pair: the private key as a file for ssh, without a passphrase, and the public one.

    That of RSA is in the older form, which also decrypts the passwords of Windows.
    """
    private: Ed25519PrivateKey | rsa.RSAPrivateKey
    if type == Type.RSA:
        private, form = rsa.generate_private_key(65537, RSA_BITS), PrivateFormat.TraditionalOpenSSL
    else:
        private, form = Ed25519PrivateKey.generate(), PrivateFormat.OpenSSH
    text = private.private_bytes(Encoding.PEM, form, NoEncryption()).decode()
    public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return text, read(f"{public} {comment}")

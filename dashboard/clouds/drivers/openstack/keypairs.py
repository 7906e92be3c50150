"""Public keys. Nova wants them imported under a name first."""

from __future__ import annotations

from hashlib import sha256

from ...interface import Conflict, NotFound
from .session import Session

IMPORT = "2.2"


def ensure(session: Session, public_key: str) -> str:
    """The name of Nova's key pair with this key; made where it is not there yet.

    It belongs to the user of the credential, is used by many servers, and stays. Looking first matters: with the quota
    full Nova refuses the import of what it already has.
    """
    name = name_of(public_key)
    try:
        session.get("compute", f"/os-keypairs/{name}", microversion=IMPORT)
    except NotFound:
        _import(session, name, public_key)
    return name


def forget(session: Session, public_key: str) -> None:
    """One that is gone is success."""
    try:
        session.delete("compute", f"/os-keypairs/{name_of(public_key)}", microversion=IMPORT)
    except NotFound:
        return


def _import(session: Session, name: str, public_key: str) -> None:
    try:
        body = {"keypair": {"name": name, "public_key": public_key.strip()}}
        session.post("compute", "/os-keypairs", json=body, microversion=IMPORT)
    except Conflict:
        return  # somebody else did it in this moment


def name_of(public_key: str) -> str:
    """Of the key itself, without its comment."""
    return "skydeck-" + sha256(" ".join(public_key.split()[:2]).encode()).hexdigest()[:32]

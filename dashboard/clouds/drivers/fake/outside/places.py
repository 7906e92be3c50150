"""Places, keys and limits that the cloud's administrator makes and changes by hand."""

from __future__ import annotations

from ....interface import Credential
from .. import places, quotas
from ..store import writing


def make_place(path: str, *, name: str, mark: str = "") -> str:
    with writing(path) as db:
        return places.insert(db, name=name, mark=mark)


def grant(path: str, place_id: str) -> Credential:
    """A key that a tenant brings, made by its own hands."""
    with writing(path) as db:
        return places.insert_key(db, place_id, label="by hand")


def revoke(path: str, credential_id: str) -> None:
    with writing(path) as db:
        db.execute("UPDATE credentials SET is_revoked = 1 WHERE id = ?", (credential_id,))


def set_enabled(path: str, place_id: str, *, is_enabled: bool) -> None:
    """Nobody gets into a place that is not enabled."""
    with writing(path) as db:
        db.execute("UPDATE places SET is_enabled = ? WHERE id = ?", (is_enabled, place_id))


def remove_place(path: str, place_id: str) -> None:
    """With the keys to it."""
    with writing(path) as db:
        db.execute("UPDATE credentials SET is_revoked = 1 WHERE place_id = ?", (place_id,))
        db.execute("DELETE FROM places WHERE id = ?", (place_id,))


def set_quota(path: str, place_id: str, **limits: int | None) -> None:
    """`instances=5, vcpus=None`: None is unlimited."""
    with writing(path) as db:
        quotas.store(db, place_id, limits=limits)

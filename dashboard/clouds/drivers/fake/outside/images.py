"""Images that the cloud's administrator adds and takes away."""

from __future__ import annotations

from ..store import writing


def add_image(path: str, image_id: str, *, name: str, min_disk_gib: int = 1) -> None:
    with writing(path) as db:
        db.execute(
            "INSERT OR REPLACE INTO images (id, name, min_disk_gib, min_ram_mib, size_bytes, login_hint)"
            " VALUES (?, ?, ?, 0, 0, '')",
            (image_id, name, min_disk_gib),
        )


def set_system(path: str, image_id: str, *, is_windows: bool | None) -> None:
    """What the image says of its system."""
    with writing(path) as db:
        db.execute("UPDATE images SET is_windows = ? WHERE id = ?", (is_windows, image_id))


def change_image(path: str, image_id: str, *, tenant_id: str) -> None:
    """Another tenant's mark on it."""
    with writing(path) as db:
        db.execute("UPDATE images SET tenant_id = ? WHERE id = ?", (tenant_id, image_id))


def remove_image(path: str, image_id: str) -> None:
    with writing(path) as db:
        db.execute("DELETE FROM images WHERE id = ?", (image_id,))

"""The connection form of a fake cloud."""

from __future__ import annotations

from ...interface import ConnectionField

FIELDS = (
    ConnectionField(name="path", label="State file", help="An SQLite file; made if it is not there."),
    ConnectionField(
        name="delay_s",
        label="Seconds per change",
        help="How long an instance stays as it was after it is launched, started, stopped or rebooted.",
        required=False,
        default="0",
    ),
    ConnectionField(
        name="forgetful",
        label="Forgetful",
        help="'yes': asked twice to create the same instance, it makes two, as a cloud without create tokens does.",
        required=False,
    ),
)

"""What Skydeck itself runs into, and what people do.

Signs of the source `skydeck` are for errors of our own code: `<name of the error>: <its text>`.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .entry import Failure, Sign

OURS: dict[str, Failure] = {
    "no-worker": Failure(
        cause=_("No worker has taken it yet: all are busy, or none is running."),
        affects=_("Skydeck's workers"),
        action=_("It is done as soon as one is free. If it goes on, an administrator must look at the workers."),
    ),
    "slower-than-usual": Failure(
        cause=_("The cloud is still at work on it, for longer than usual."),
        affects=_("the cloud"),
        action=_("Wait on if it may take its time; it is given up by itself when its time is over."),
    ),
    "cancelled": Failure(
        cause=_("It was cancelled before the cloud was asked for it."),
        action=_("Nothing is left of it. Ask for it anew if you need it after all."),
    ),
    "worker-gone": Failure(
        cause=_("The worker that was at it is gone: it was ended, or its machine was."),
        affects=_("Skydeck's workers"),
        action=_("Another one takes it over and looks what is there already; nothing needs to be done."),
    ),
    "broker-away": Failure(
        cause=_("The broker did not take the message for the workers."),
        affects=_("Skydeck's broker"),
        action=_("Nothing is lost: it is done as soon as the broker is back. An administrator must look at it."),
    ),
    "database-full": Failure(
        cause=_("Skydeck's own database has no room left on its disk."),
        affects=_("Skydeck's database"),
        action=_("An administrator must make room on that disk; then resume it."),
        signs=(
            Sign(r"database or disk is full", source="skydeck"),
            Sign(r"^(DiskFull|OperationalError): .*No space left on device", source="skydeck"),
        ),
    ),
    "database-busy": Failure(
        cause=_("Skydeck's own database was too busy, or did not answer."),
        affects=_("Skydeck's database"),
        action=_("It is tried again by itself. If it goes on, an administrator must look at the database."),
        signs=(
            Sign(r"database is locked", source="skydeck"),
            Sign(r"(connection failed|server closed the connection|couldn't get a connection)", source="skydeck"),
        ),
    ),
    "password-unfit": Failure(
        cause=_("What the cloud keeps as this instance's password is nothing that was encrypted."),
        affects=_("the instance"),
        action=_("Whatever runs in the guest has left it there: look at the guest itself."),
    ),
    "secret-unreadable": Failure(
        cause=_("Skydeck cannot read the stored secret: it was sealed with a key that is not here any more."),
        affects=_("the cloud's credential"),
        action=_("An administrator must give Skydeck the old key again, or renew the credential of the cloud."),
        signs=(Sign(r"^Unreadable: ", source="skydeck"),),
    ),
    "row-gone": Failure(
        cause=_("What it works on was removed from Skydeck meanwhile."),
        affects=_("the resource"),
        action=_("Nothing needs to be done if that was meant. Else ask for it anew."),
        signs=(Sign(r"^DoesNotExist: ", source="skydeck"),),
    ),
}

"""What administrators do with announcements, as cases of test_every_change.py."""

from dashboard.announcements.models import Announcement

from .world import Case

TYPED = {"text": "Cake", "severity": "info"}


def row():
    return Announcement.objects.create(text="Cake", created_by="root")


def create(_world):
    return Case("announcements:create", [("announcement.create", "Cake")], [], TYPED, by="root")


def edit(_world):
    typed = TYPED | {"text": "More cake", "version": "1"}
    return Case("announcements:edit", [("announcement.change", "More cake")], [row().pk], typed, by="root")


def end(_world):
    return Case("announcements:end", [("announcement.end", "Cake")], [row().pk], by="root")


def delete(_world):
    return Case("announcements:delete", [("announcement.delete", "Cake")], [row().pk], by="root")


CASES = {
    "announcements:create": create,
    "announcements:edit": edit,
    "announcements:end": end,
    "announcements:delete": delete,
}

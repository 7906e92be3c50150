"""Keys of people into accounts: each is a user of ours in the account, with one access key and a member's rights.

A user for each key, and not for each person: a user has two access keys at most, and an access key has no name by
which one could be found whose answer was lost. The user's name, `key.skydeck.<person>.<mark>`, says whose it is and
which. It does not begin as those of the users with whom Skydeck itself works, so neither end is the other's.
"""

from __future__ import annotations

from ...interface import IssuedKey, NotFound
from . import policies
from .iam import Iam
from .session import Session

PREFIX = "key.skydeck."
RIGHTS = "skydeck-person"
MAY = ("ec2", "s3", "cloudwatch", "autoscaling", "elasticloadbalancing", "cloudformation", "sqs")
"""Everything that an account has but IAM: who has a key makes no other one, which would outlast it."""


class EucalyptusAccess:
    """Needs a session of the cloud's administrator. Eucalyptus has nowhere to write a key's label."""

    def __init__(self, session: Session) -> None:
        self.iam = Iam(session)

    def issue(self, place_id: str, *, person: str, mark: str, label: str) -> IssuedKey:
        name = user_name(person, mark)
        self.iam.delete_user(place_id, name)
        self.iam.create_user(
            place_id, name, policy=RIGHTS, document=policies.allow(*(f"{service}:*" for service in MAY))
        )
        access_key, secret_key = self.iam.create_key(place_id, name)
        return IssuedKey(id=access_key, secret={"access_key": access_key, "secret_key": secret_key})

    def revoke(self, place_id: str, *, person: str, mark: str) -> None:
        self.iam.delete_user(place_id, user_name(person, mark))

    def end(self, place_id: str, *, person: str) -> None:
        self._end_those(place_id, user_name(person, ""))

    def end_all(self, place_id: str) -> None:
        self._end_those(place_id, PREFIX)

    def _end_those(self, place_id: str, begin: str) -> None:
        try:
            found = [name for name in self.iam.users(place_id) if name.startswith(begin)]
        except NotFound:
            return
        for name in found:
            self.iam.delete_user(place_id, name)


def user_name(person: str, mark: str) -> str:
    return f"{PREFIX}{person}.{mark}"

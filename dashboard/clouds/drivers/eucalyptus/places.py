"""Places of tenants: accounts, and what lets us into them.

In each account we work as a user of our own, `skydeck-...`, who may use EC2 and nothing else; the account's `admin`
stays with whoever has the account. A credential is such a user: its end is the end of all that it signed in to. By
default it has no key at all: the cloud's administrator fetches tokens for it, so that no tenant's secret is stored.

The name of a policy of the account says whose it is; nothing else can be written onto an account.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from ...interface import Conflict, Credential, NotFound, Reason, Refused, RemotePlace
from . import policies
from .bounds import BOUNDS
from .ec2 import Ec2
from .flavors import EucalyptusFlavors
from .iam import Iam
from .instances import Instances
from .leftovers import clear, what_is_left
from .quotas import counted
from .session import Session, entering

USER, ADMIN = "skydeck-", "admin"
RIGHTS = "skydeck-member"
MAY = ("ec2:*", "cloudwatch:*")
TRIES, PAUSE_S = 4, 0.5
"""How long another worker, who made the account in this moment, has for marking it."""
AT_ONCE = 8


class EucalyptusPlaces:
    """Needs a session of the cloud's administrator."""

    def __init__(self, session: Session, flavors: EucalyptusFlavors) -> None:
        self.session, self.iam, self.flavors = session, Iam(session), flavors

    def list(self) -> Iterable[RemotePlace]:
        found = list(self.iam.accounts())
        with ThreadPoolExecutor(AT_ONCE) as pool:
            marks = pool.map(self._mark, [account_id for account_id, _name in found])
            return tuple(
                to_place(one, name, mark) for (one, name), mark in zip(found, marks, strict=True) if mark is not None
            )

    def create(self, *, mark: str, name: str) -> RemotePlace:
        """Where the answer was lost after the account was made, it is told as a name that is taken: whether it may be
        used, an administrator says, by linking it."""
        if there := next((place for place in self.list() if place.mark == mark), None):
            return there
        if BOUNDS.place_name(name) != name:
            why = f"ValidationError: {name[:63]} cannot be an account's name: a-z, 0-9 and single dashes"
            raise Refused(why, reason=Reason.INVALID, source="ec2")
        try:
            account_id = self.iam.create_account(name)
        except Conflict:
            if there := self._made_meanwhile(mark=mark, name=name):
                return there
            raise
        self.iam.put_policy(account_id, policies.TENANT + mark, policies.document(policies.HARMLESS))
        return to_place(account_id, name, mark)

    def _made_meanwhile(self, *, mark: str, name: str) -> RemotePlace | None:
        """By another worker of ours, who marks it in a moment."""
        account_id = next((one for one, other in self.iam.accounts() if other == name), None)
        for _ in range(TRIES if account_id else 0):
            if self._mark(account_id or "") == mark:
                return to_place(account_id or "", name, mark)
            time.sleep(PAUSE_S)
        return None

    def grant(self, place_id: str, *, label: str) -> Credential:
        """A user with the rights of a member; the account itself is not changed."""
        name = USER + secrets.token_hex(6)
        user_id = self.iam.create_user(place_id, name, policy=RIGHTS, document=policies.allow(*MAY))
        settings = {"place_id": place_id, "place_user": user_id}
        if self.session.settings.get("enters_by") == "key":
            access_key, secret_key = self.iam.create_key(place_id, name)
            settings = {"place_id": place_id, "access_key": access_key, "secret_key": secret_key}
        return Credential(id=name, settings=settings)

    def revoke(self, place_id: str, *, credential_id: str) -> None:
        if credential_id.startswith(USER):
            self.iam.delete_user(place_id, credential_id)

    def used(self, place_id: str) -> Mapping[str, int]:
        """Counted as a user of ours in it, or, where we have none there yet, as its `admin`: the cloud tells no use.

        Nothing where accounts are entered by stored keys: there is none before it is linked.
        """
        if self.session.settings.get("enters_by") == "key":
            return {}
        users = self.iam.users(place_id)
        ours = next((user_id for name, user_id in users.items() if name.startswith(USER)), None)
        session = entering(self.session, user_id=ours or users.get(ADMIN, ""))
        ec2 = Ec2(session)
        return counted(Instances(session, ec2, self.flavors), ec2)

    def withdraw(self, place_id: str) -> None:
        try:
            ours = [name for name in self.iam.users(place_id) if name.startswith(USER)]
        except NotFound:
            return
        for name in ours:
            self.iam.delete_user(place_id, name)

    def remove(self, place_id: str) -> None:
        """Its users go with it, and what the cloud made for it and we for launches."""
        try:
            user_id = self.iam.users(place_id)[ADMIN]
        except NotFound:
            return
        inside = entering(self.session, user_id=user_id)
        if left := what_is_left(inside):
            raise Conflict(f"DeleteConflict: the account still has {', '.join(left)}", source="ec2", http_status=409)
        clear(inside)
        self.iam.delete_account(place_id)

    def _mark(self, account_id: str) -> str | None:
        """None for an account that is gone meanwhile."""
        try:
            names = self.iam.policies(account_id)
        except NotFound:
            return None
        return next((n.removeprefix(policies.TENANT) for n in names if n.startswith(policies.TENANT)), "")


def to_place(account_id: str, name: str, mark: str) -> RemotePlace:
    return RemotePlace(id=account_id, name=name or account_id, mark=mark)

"""Accounts, users and keys. A cloud has accounts, an account has users; no level lies between.

Users of the account `eucalyptus` are the cloud's administrators. The user `admin` of an account has all rights
in it; others have what their policies allow.
"""

from __future__ import annotations

import json
import re
import secrets
import string
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

CAPITALS = string.ascii_uppercase + string.digits
SYSTEM = "eucalyptus"


def long_id(prefix: str, length: int = 21) -> str:
    return prefix + "".join(secrets.choice(CAPITALS) for _ in range(length - len(prefix)))


@dataclass
class Key:
    """An access key of a user, or temporary ones: `kind` is `access`, `session` or `role`."""

    id: str
    secret: str
    user: User
    made: float
    kind: str = "access"
    token: str = ""
    ends: float | None = None
    is_active: bool = True


@dataclass
class User:
    name: str
    account: Account
    made: float
    id: str = field(default_factory=lambda: long_id("AIDA"))
    path: str = "/"
    policies: dict[str, str] = field(default_factory=dict)
    info: dict[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account.id}:user{self.path}{self.name}"

    @property
    def is_administrator(self) -> bool:
        return self.account.name == SYSTEM

    @property
    def is_account_admin(self) -> bool:
        return self.name == "admin"

    def may(self, action: str) -> bool:
        """`action` as policies write it: `ec2:RunInstances`."""
        if self.is_administrator or self.is_account_admin:
            return True
        named = [s for text in self.policies.values() for s in statements(text) if is_about(s, action)]
        effects = {statement.get("Effect") for statement in named}
        return "Allow" in effects and "Deny" not in effects


@dataclass
class Account:
    id: str
    name: str | None
    users: dict[str, User] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)
    """Name -> document, as it was sent."""
    default_vpc: str | None = None
    is_known_to_ec2: bool = False

    @property
    def is_system(self) -> bool:
        return self.name is not None and (self.name == SYSTEM or self.name.startswith("(eucalyptus)"))


@dataclass
class Accounts:
    by_id: dict[str, Account] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)

    def add(self, name: str | None, *, now: float, account_id: str | None = None) -> Account:
        account = Account(account_id or self.free_id(), name)
        account.users["admin"] = User("admin", account, now)
        self.by_id[account.id] = account
        return account

    def free_id(self) -> str:
        while (found := f"{secrets.randbelow(10**12):012d}") in self.by_id:
            pass
        return found

    def find(self, name_or_id: str) -> Account | None:
        named = (account for account in self.by_id.values() if account.name == name_or_id)
        return self.by_id.get(name_or_id) or next(named, None)

    def add_key(self, user: User, *, now: float, **fields: Any) -> Key:
        # 20 characters, as those of AWS; its own first letters
        key = Key(long_id("ASIA" if fields.get("token") else "AKI", 20), secrets.token_urlsafe(30), user, now, **fields)
        self.keys[key.id] = key
        return key

    def add_token(self, user: User, *, kind: str, now: float, seconds: float) -> Key:
        token = f"{uuid.uuid4().hex}{uuid.uuid4().hex}"
        return self.add_key(user, now=now, kind=kind, token=token, ends=now + seconds)

    def keys_of(self, user: User) -> list[Key]:
        """Not the temporary ones, which are in no list."""
        return [key for key in self.keys.values() if key.user is user and not key.token]

    def forget(self, users: Iterable[User]) -> None:
        gone = {id(user) for user in users}
        self.keys = {key.id: key for key in self.keys.values() if id(key.user) not in gone}


def statements(document: str) -> list[dict[str, Any]]:
    found = json.loads(document).get("Statement", [])
    return [found] if isinstance(found, dict) else list(found)


def listed(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def is_about(statement: dict[str, Any], action: str) -> bool:
    return any(is_like(pattern.lower(), action.lower()) for pattern in listed(statement.get("Action", [])))


def is_like(pattern: str, value: str) -> bool:
    """`*` and `?` are wild, all else is meant as it stands."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), value, re.DOTALL) is not None

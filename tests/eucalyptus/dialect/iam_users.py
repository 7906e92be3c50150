"""Users and their access keys: two a user at most."""

from __future__ import annotations

import re

from . import iam
from .accounts import Key, User
from .call import Call
from .clock import written
from .errors import Refused, invalid
from .iam import ACTIONS
from .markup import element, elements, items, wrap
from .quotas import exceeded

MOST_KEYS = 2


@ACTIONS.named("CreateUser")
def create_user(call: Call) -> str:
    account, name = iam.account_of(call), call.asked.get("UserName", "")
    if not re.fullmatch(r"[\w+=,.@-]{1,64}", name, re.ASCII):
        raise invalid("ValidationError", f"Invalid user name {name}")
    if name in account.users:
        raise iam.exists(f"User {name}")
    if exceeded(call, "iam:CreateUser", {"iam:quota-usernumber": 1}):
        raise Refused(409, "LimitExceeded", "User quota exceeded")
    account.users[name] = User(name, account, call.cloud.clock.now(), path=call.asked.get("Path", "/"))
    return wrap("User", _user(account.users[name]))


def _user(user: User) -> str:
    return elements(Path=user.path, UserName=user.name, UserId=user.id, Arn=user.arn, CreateDate=written(user.made))


@ACTIONS.named("GetUser")
def get_user(call: Call) -> str:
    return wrap("User", _user(iam.named_user(call)))


@ACTIONS.named("ListUsers")
def list_users(call: Call) -> str:
    users = iam.account_of(call).users.values()
    return items("Users", (_user(user) for user in users), each="member") + element("IsTruncated", False)


@ACTIONS.named("DeleteUser")
def delete_user(call: Call) -> str:
    user = iam.named_user(call)
    if user.is_account_admin:
        raise Refused(409, "DeleteConflict", "The admin of an account stays as long as the account")
    has_more = user.policies or call.cloud.accounts.keys_of(user)
    if has_more and not call.asked.flag("Recursive"):
        raise Refused(409, "DeleteConflict", "The user still has keys or policies")
    call.cloud.accounts.forget([user])
    del user.account.users[user.name]
    return ""


@ACTIONS.named("GetUserInfo", "UpdateUserInfo")
def user_info(call: Call) -> str:
    user, key = iam.named_user(call), call.asked.get("InfoKey")
    if call.action == "UpdateUserInfo" and key:
        user.info[key] = call.asked.get("InfoValue", "")
        return ""
    chosen = {key: user.info[key]} if key in user.info else user.info
    return items("Infos", (elements(Key=k, Value=v) for k, v in chosen.items()), each="member")


@ACTIONS.named("CreateAccessKey")
def create_key(call: Call) -> str:
    user = iam.named_user(call)
    if len(call.cloud.accounts.keys_of(user)) >= MOST_KEYS:
        raise Refused(409, "LimitExceeded", f"Access key limit exceeded for {user.name}")
    key = call.cloud.accounts.add_key(user, now=call.cloud.clock.now())
    return wrap("AccessKey", _key(key, secret=key.secret))


def _key(key: Key, secret: str | None = None) -> str:
    status = "Active" if key.is_active else "Inactive"
    first = elements(UserName=key.user.name, AccessKeyId=key.id, Status=status, SecretAccessKey=secret)
    return first + element("CreateDate", written(key.made))


@ACTIONS.named("ListAccessKeys")
def list_keys(call: Call) -> str:
    keys = call.cloud.accounts.keys_of(iam.named_user(call))
    return items("AccessKeyMetadata", (_key(key) for key in keys), each="member") + element("IsTruncated", False)


def _named_key(call: Call) -> Key:
    keys = {key.id: key for key in call.cloud.accounts.keys_of(iam.named_user(call))}
    if call.asked.get("AccessKeyId") not in keys:
        raise iam.missing("access key")
    return keys[call.asked["AccessKeyId"]]


@ACTIONS.named("UpdateAccessKey")
def update_key(call: Call) -> str:
    if call.asked.get("Status") not in ("Active", "Inactive"):
        raise invalid("ValidationError", "Status is Active or Inactive")
    _named_key(call).is_active = call.asked["Status"] == "Active"
    return ""


@ACTIONS.named("DeleteAccessKey")
def delete_key(call: Call) -> str:
    del call.cloud.accounts.keys[_named_key(call).id]
    return ""

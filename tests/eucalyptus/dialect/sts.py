"""Tokens: who one is, an administrator's keys for somebody else, and a session."""

from __future__ import annotations

import uuid

from .accounts import Key, User
from .call import Actions, Call
from .clock import written
from .errors import NotServed, Refused, invalid
from .markup import element, elements, wrap

ACTIONS = Actions()
SHORTEST_S, USUAL_S, LONGEST_S = 900, 12 * 3600, 129600
DAY_S = 24 * 3600


def answer(call: Call) -> str:
    if call.key.kind == "session":
        raise NotServed(403, "A session token cannot be used here")
    if call.action not in ACTIONS:
        raise NotServed(400, f"Failed to bind the following fields:\nAction = {call.action}\n")
    result = wrap(f"{call.action}Result", ACTIONS[call.action](call))
    metadata = wrap("ResponseMetadata", element("RequestId", uuid.uuid4()))
    place = "https://sts.amazonaws.com/doc/2011-06-15/"
    return f'<{call.action}Response xmlns="{place}">{result}{metadata}</{call.action}Response>'


@ACTIONS.named("GetCallerIdentity")
def caller_identity(call: Call) -> str:
    return elements(Arn=call.user.arn, UserId=call.user.id, Account=call.account.id)


@ACTIONS.named("GetImpersonationToken")
def impersonation(call: Call) -> str:
    """Keys of type access: they work for EC2, S3, IAM and STS."""
    target = _target(call)
    is_own_admin = call.user.is_account_admin and target.account is call.account
    if not (call.is_administrator or is_own_admin):
        raise Refused(500, "InternalFailure", "Permission denied")
    if call.key.token:
        raise Refused(500, "InternalFailure", "Permission denied: an access key is needed")
    seconds = _seconds(call)
    return _credentials(call, target, "access", seconds if call.is_administrator else min(seconds, DAY_S))


def _target(call: Call) -> User:
    if user_id := call.asked.get("UserId"):
        users = [user for account in call.cloud.accounts.by_id.values() for user in account.users.values()]
        found = next((user for user in users if user.id == user_id), None)
    else:
        account = call.cloud.accounts.find(call.asked.get("AccountAlias", ""))
        found = account.users.get(call.asked.get("UserName", "")) if account else None
    if found is None:
        raise invalid("ValidationError", "No such account or user")
    return found


def _seconds(call: Call) -> int:
    seconds = call.asked.number("DurationSeconds", USUAL_S) or 0
    if not SHORTEST_S <= seconds <= LONGEST_S:
        raise invalid("ValidationError", f"Invalid duration: {seconds}")
    return seconds


@ACTIONS.named("GetSessionToken")
def session(call: Call) -> str:
    """Good for EC2; IAM and STS refuse it."""
    return _credentials(call, call.user, "session", _seconds(call))


def _credentials(call: Call, user: User, kind: str, seconds: int) -> str:
    key: Key = call.cloud.accounts.add_token(user, kind=kind, now=call.cloud.clock.now(), seconds=seconds)
    inner = elements(AccessKeyId=key.id, SecretAccessKey=key.secret, SessionToken=key.token)
    return wrap("Credentials", inner, element("Expiration", written(key.ends or 0)))

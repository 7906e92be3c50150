"""Accounts, users, keys and policies. Unknown parameters are ignored here, as are pages: all comes at once.

Who may: a user of the system account everything; `admin` of an account in it; others what their policies allow.
`DelegateAccount` turns an administrator's call to another account.
"""

from __future__ import annotations

import json
import re
import uuid

from .accounts import Account, User
from .call import Actions, Call
from .errors import NotServed, Refused, invalid
from .markup import element, elements, items, wrap
from .quotas import OPERATOR, largest

ACTIONS = Actions()
ACCOUNT_NAME = re.compile(r"(?!-)(?!.*--)(?!\d{12}$)[a-z0-9-]{1,63}")
ON_ACCOUNTS = {
    "CreateAccount", "ListAccounts", "DeleteAccount", "PutAccountPolicy", "GetAccountPolicy", "ListAccountPolicies",
    "DeleteAccountPolicy",
}  # fmt: skip


from . import iam_users  # noqa: E402, F401 - fills ACTIONS too


def answer(call: Call) -> str:
    if call.key.kind == "session":
        raise NotServed(403, "A session token cannot be used here")
    if call.action not in ACTIONS:
        raise NotServed(400, f"Failed to bind the following fields:\nAction = {call.action}\n")
    _check_allowed(call)
    inside = ACTIONS[call.action](call)
    result = wrap(f"{call.action}Result", inside) if inside else ""
    metadata = wrap("ResponseMetadata", element("RequestId", uuid.uuid4()))
    place = "http://iam.amazonaws.com/doc/2010-05-08/"
    return f'<{call.action}Response xmlns="{place}">{result}{metadata}</{call.action}Response>'


def _check_allowed(call: Call) -> None:
    is_delegated = "DelegateAccount" in call.asked and not call.is_administrator
    is_system_only = call.action in ON_ACCOUNTS and not call.is_administrator
    if is_delegated or is_system_only or not call.user.may(f"iam:{call.action}"):
        words = re.sub(r"(?<!^)(?=[A-Z])", " ", call.action).lower()
        raise Refused(403, "NotAuthorized", f"Not authorized to {words} by {call.user.name}")


def missing(what: str) -> Refused:
    return Refused(404, "NoSuchEntity", f"No such {what}")


def exists(what: str) -> Refused:
    return Refused(409, "EntityAlreadyExists", f"{what} already exists")


def account_of(call: Call) -> Account:
    """The caller's, or the one that is named."""
    name = call.asked.get("DelegateAccount")
    return found_account(call, name) if name else call.account


def found_account(call: Call, name: str) -> Account:
    account = call.cloud.accounts.find(name)
    if account is None:
        raise missing(f"account {name}")
    return account


def named_account(call: Call) -> Account:
    return found_account(call, call.asked.get("AccountName", ""))


def named_user(call: Call) -> User:
    """Left out: the caller, or `admin` of the other account."""
    account = account_of(call)
    usual = call.user.name if account is call.account else "admin"
    user = account.users.get(call.asked.get("UserName", usual))
    if user is None:
        raise missing(f"user {call.asked.get('UserName')}")
    return user


@ACTIONS.named("CreateAccount")
def create_account(call: Call) -> str:
    name = call.asked.get("AccountName")
    if name is not None:
        _check_free(call, name)
    account = call.cloud.accounts.add(name, now=call.cloud.clock.now())
    return wrap("Account", _account(account))


def _check_free(call: Call, name: str) -> None:
    if not ACCOUNT_NAME.fullmatch(name):
        raise invalid("ValidationError", f"Invalid account name {name}")
    if call.cloud.accounts.find(name):
        raise exists(f"Account {name}")


def _account(account: Account) -> str:
    return elements(AccountName=account.name, AccountId=account.id)


@ACTIONS.named("ListAccounts")
def list_accounts(call: Call) -> str:
    accounts = call.cloud.shuffle(list(call.cloud.accounts.by_id.values()))
    return items("Accounts", (_account(account) for account in accounts), each="member")


@ACTIONS.named("DeleteAccount")
def delete_account(call: Call) -> str:
    """What the account has in EC2 and S3 stays, and is nobody's then."""
    account = named_account(call)
    if account.is_system:
        raise Refused(409, "DeleteConflict", f"{account.name} is a system account")
    if account.users and not call.asked.flag("Recursive"):
        raise Refused(409, "DeleteConflict", "The account still has users")
    call.cloud.accounts.forget(account.users.values())
    del call.cloud.accounts.by_id[account.id]
    return ""


@ACTIONS.named("CreateAccountAlias")
def create_alias(call: Call) -> str:
    """An alias is the name."""
    account, alias = account_of(call), call.asked.get("AccountAlias", "")
    _check_free(call, alias)
    if account.is_system:
        raise Refused(403, "NotAuthorized", "A system account keeps its name")
    account.name = alias
    return ""


@ACTIONS.named("DeleteAccountAlias")
def delete_alias(call: Call) -> str:
    account = account_of(call)
    if account.name != call.asked.get("AccountAlias") or account.is_system:
        raise missing("alias")
    account.name = None
    return ""


@ACTIONS.named("ListAccountAliases")
def list_aliases(call: Call) -> str:
    name = account_of(call).name
    return element("IsTruncated", False) + items("AccountAliases", [name] if name else [], each="member")


@ACTIONS.named("GetAccountSummary")
def account_summary(call: Call) -> str:
    account = account_of(call)
    counts = {"Users": len(account.users), "Groups": 0, "Roles": 0, "Policies": 0, "InstanceProfiles": 0}
    return items("SummaryMap", (elements(key=k, value=v) for k, v in counts.items()), each="entry")


def checked_document(text: str, effects: set[str]) -> str:
    try:
        found = json.loads(text)
        rows = found["Statement"]
        rows = [rows] if isinstance(rows, dict) else rows
        is_good = bool(rows) and all(
            row["Effect"] in effects and row.get("Action", row.get("NotAction")) for row in rows
        )
        for row in rows:
            said = row.get("Condition", {}) if row["Effect"] == "Limit" else {}
            is_good = is_good and set(said) <= set(OPERATOR)  # QuotaKey: "NumericLessThanEquals is required"
            is_good = is_good and all(largest(one) >= 0 for numbers in said.values() for one in numbers.values())
    except (ValueError, KeyError, TypeError, AttributeError):
        is_good = False
    if not is_good:
        raise invalid("MalformedPolicyDocument", "Error in uploaded policy")
    return text


def _policies(call: Call) -> dict[str, str]:
    return named_account(call).policies if "Account" in call.action else named_user(call).policies


@ACTIONS.named("PutAccountPolicy", "PutUserPolicy")
def put_policy(call: Call) -> str:
    """The same name replaces. An account's policy may only deny and limit."""
    effects = {"Deny", "Limit"} if "Account" in call.action else {"Allow", "Deny", "Limit"}
    policies, document = _policies(call), call.asked.get("PolicyDocument", "")
    policies[_policy_name(call)] = checked_document(document, effects)
    return ""


def _policy_name(call: Call) -> str:
    name = call.asked.get("PolicyName", "")
    if not re.fullmatch(r"[\w+=,.@-]{1,128}", name, re.ASCII):
        raise invalid("ValidationError", f"Invalid policy name {name}")
    return name


@ACTIONS.named("GetAccountPolicy", "GetUserPolicy")
def get_policy(call: Call) -> str:
    policies, name = _policies(call), call.asked.get("PolicyName", "")
    if name not in policies:
        raise missing(f"policy {name}")
    whose = "AccountName" if "Account" in call.action else "UserName"
    return elements(**{whose: call.asked.get(whose)}, PolicyName=name, PolicyDocument=policies[name])


@ACTIONS.named("ListAccountPolicies", "ListUserPolicies")
def list_policies(call: Call) -> str:
    return items("PolicyNames", sorted(_policies(call)), each="member") + element("IsTruncated", False)


@ACTIONS.named("DeleteAccountPolicy", "DeleteUserPolicy")
def delete_policy(call: Call) -> str:
    if _policies(call).pop(call.asked.get("PolicyName", ""), None) is None:
        raise missing("policy")
    return ""

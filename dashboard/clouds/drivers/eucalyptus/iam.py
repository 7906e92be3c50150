"""Eucalyptus' own calls of IAM: accounts and their policies. An administrator of the cloud asks them."""

from __future__ import annotations

from collections.abc import Iterator

from ...interface import NotFound
from .errors import understood
from .markup import rows, text
from .session import Session


class Iam:
    def __init__(self, session: Session) -> None:
        self.session = session

    def accounts(self) -> Iterator[tuple[str, str]]:
        """Id and name, without those of Eucalyptus itself. Some have no name."""
        with understood():
            found = self.session.iam("ListAccounts")
            for row in rows(found, "Accounts", each="member"):
                name = text(row, "AccountName")
                if name != "eucalyptus" and not name.startswith("(eucalyptus)"):
                    yield text(row, "AccountId"), name

    def create_account(self, name: str) -> str:
        """Its id. Raises Conflict where the name is taken."""
        with understood():
            return text(self.session.iam("CreateAccount", AccountName=name), "Account/AccountId")

    def delete_account(self, account_id: str) -> None:
        self.session.iam("DeleteAccount", AccountName=account_id, Recursive="true")

    # --- policies of an account

    def policies(self, account_id: str) -> list[str]:
        with understood():
            found = self.session.iam("ListAccountPolicies", AccountName=account_id)
            return [row.text or "" for row in rows(found, "PolicyNames", each="member")]

    def policy(self, account_id: str, name: str) -> str:
        """Raises NotFound."""
        with understood():
            found = self.session.iam("GetAccountPolicy", AccountName=account_id, PolicyName=name)
            return text(found, "PolicyDocument")

    def put_policy(self, account_id: str, name: str, document: str) -> None:
        self.session.iam("PutAccountPolicy", AccountName=account_id, PolicyName=name, PolicyDocument=document)

    def delete_policy(self, account_id: str, name: str) -> None:
        try:
            self.session.iam("DeleteAccountPolicy", AccountName=account_id, PolicyName=name)
        except NotFound:
            return

    # --- users of an account

    def users(self, account_id: str) -> dict[str, str]:
        """Name and id."""
        with understood():
            found = self.session.iam("ListUsers", DelegateAccount=account_id)
            return {text(row, "UserName"): text(row, "UserId") for row in rows(found, "Users", each="member")}

    def create_user(self, account_id: str, name: str, *, policy: str, document: str) -> str:
        """Its id. With its rights: without them it may do nothing."""
        with understood():
            made = self.session.iam("CreateUser", UserName=name, DelegateAccount=account_id)
            user_id = text(made, "User/UserId") or self.users(account_id)[name]
        self.session.iam(
            "PutUserPolicy", UserName=name, PolicyName=policy, PolicyDocument=document, DelegateAccount=account_id
        )
        return user_id

    def create_key(self, account_id: str, name: str) -> tuple[str, str]:
        with understood():
            made = self.session.iam("CreateAccessKey", UserName=name, DelegateAccount=account_id)
            return text(made, "AccessKey/AccessKeyId"), text(made, "AccessKey/SecretAccessKey")

    def delete_user(self, account_id: str, name: str) -> None:
        """With its keys and policies; one that is gone is success."""
        whose = {"UserName": name, "DelegateAccount": account_id}
        try:
            with understood():
                keys = rows(self.session.iam("ListAccessKeys", **whose), "AccessKeyMetadata", each="member")
                for key in keys:
                    self.session.iam("DeleteAccessKey", AccessKeyId=text(key, "AccessKeyId"), **whose)
                for policy in rows(self.session.iam("ListUserPolicies", **whose), "PolicyNames", each="member"):
                    self.session.iam("DeleteUserPolicy", PolicyName=policy.text or "", **whose)
            self.session.iam("DeleteUser", **whose)
        except NotFound:
            return

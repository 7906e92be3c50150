"""Rule 11: accounts, keys, account policies, tokens, and who may."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from urllib.parse import quote

import pytest

from .accounts import Key
from .clients import ask, client, code_of, image_of

LIMIT = {"Effect": "Limit", "Action": ["ec2:RunInstances"], "Resource": "*"}
ONE_VM = LIMIT | {"Condition": {"NumericLessThanEquals": {"ec2:quota-vminstancenumber": "1"}}}


def document(*statements: dict) -> str:
    return json.dumps({"Version": "2011-04-01", "Statement": list(statements)})


def refused(got) -> tuple[int, str]:
    assert got.text.startswith('<ErrorResponse xmlns="http')
    return got.status, got.one("Code")


def iam(cloud, action: str, *, key: Key | None = None, **parameters: str):
    return ask(cloud, "iam", key or cloud.root_key, action, **parameters)


def token(cloud, account: str = "lab", *, key: Key | None = None, **more: str) -> Key:
    asked = {"AccountAlias": account, "UserName": "admin"} | more
    got = ask(cloud, "sts", key or cloud.root_key, "GetImpersonationToken", **asked)
    user = cloud.lab_key.user
    return Key(got.one("AccessKeyId"), got.one("SecretAccessKey"), user, 0, token=got.one("SessionToken"))


def run(cloud, key: Key, count: int = 1):
    asked = {"ImageId": image_of(cloud), "MinCount": str(count), "MaxCount": str(count), "InstanceType": "m1.small"}
    return ask(cloud, "ec2", key, "RunInstances", **asked)


def test_an_account_is_made_once(cloud):
    made = iam(cloud, "CreateAccount", AccountName="lab-blue")
    assert (made.one("AccountName"), len(made.one("AccountId"))) == ("lab-blue", 12)
    assert refused(iam(cloud, "CreateAccount", AccountName="lab-blue")) == (409, "EntityAlreadyExists")
    listed = iam(cloud, "ListAccounts")
    assert listed.all("AccountName").count("lab-blue") == 1
    assert any(name.startswith("(eucalyptus)") for name in listed.all("AccountName"))


def test_of_many_who_make_the_same_account_one_does(cloud):
    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda _: iam(cloud, "CreateAccount", AccountName="both").status, range(8)))
    assert sorted(answers) == [200] + [409] * 7
    assert len(cloud.asked("CreateAccount")) == 8


@pytest.mark.parametrize("name", ["-lab", "la--b", "Lab", "123456789012", "x" * 64, ""])
def test_names_of_accounts_have_a_rule(cloud, name):
    assert refused(iam(cloud, "CreateAccount", AccountName=name)) == (400, "ValidationError")


def test_an_account_may_have_no_name(cloud):
    made = iam(cloud, "CreateAccount")
    assert made.all("AccountName") == []
    iam(cloud, "CreateAccountAlias", AccountAlias="named-later", DelegateAccount=made.one("AccountId"))
    assert cloud.outside.account("named-later").id == made.one("AccountId")


@pytest.mark.parametrize("action", ["CreateAccount", "ListAccounts", "DeleteAccount", "PutAccountPolicy"])
def test_accounts_are_for_administrators(cloud, action):
    got = iam(cloud, action, key=cloud.lab_key, AccountName="lab")
    assert refused(got) == (403, "NotAuthorized")
    assert got.one("Message").startswith("Not authorized to ")


def test_an_account_with_users_goes_only_recursively(cloud):
    assert refused(iam(cloud, "DeleteAccount", AccountName="lab")) == (409, "DeleteConflict")
    assert refused(iam(cloud, "DeleteAccount", AccountName="eucalyptus", Recursive="true")) == (409, "DeleteConflict")
    run(cloud, cloud.lab_key)
    assert iam(cloud, "DeleteAccount", AccountName="lab", Recursive="true").status == 200
    assert refused(iam(cloud, "DeleteAccount", AccountName="lab", Recursive="true")) == (404, "NoSuchEntity")
    assert ask(cloud, "ec2", cloud.lab_key, "DescribeRegions").status == 403
    assert len(cloud.instances) == 1, "what the account had goes on, and is nobody's"


def test_a_limit_of_the_account_stops_launches(cloud):
    put = {"AccountName": "lab", "PolicyName": "dash-quota"}
    assert iam(cloud, "PutAccountPolicy", PolicyDocument=document(ONE_VM), **put).status == 200
    assert run(cloud, cloud.lab_key, 2).one("Message").startswith("Quota exceeded while trying to create")
    assert run(cloud, cloud.lab_key).status == 200
    assert run(cloud, token(cloud)).status == 503
    assert iam(cloud, "ListAccountPolicies", AccountName="lab").all("member") == ["dash-quota"]
    assert iam(cloud, "GetAccountPolicy", **put).one("PolicyDocument") == document(ONE_VM)
    iam(cloud, "DeleteAccountPolicy", **put)
    assert run(cloud, cloud.lab_key).status == 200


def test_a_limit_on_other_actions_stops_nothing(cloud):
    other = ONE_VM | {"Action": "ec2:CreateVolume"}
    iam(cloud, "PutAccountPolicy", AccountName="lab", PolicyName="x", PolicyDocument=document(other))
    assert run(cloud, cloud.lab_key, 2).status == 200


ALLOW, SMALL = {"Effect": "Allow", "Action": "*"}, LIMIT | {"Effect": "limit"}


LESS = LIMIT | {"Condition": {"NumericLessThan": {"ec2:quota-vminstancenumber": "3"}}}


@pytest.mark.parametrize(
    "bad", [document(ALLOW), document(SMALL), document(LESS), document(), "no json", '{"Statement": [3]}']
)
def test_policies_of_accounts_only_deny_and_limit(cloud, bad):
    got = iam(cloud, "PutAccountPolicy", AccountName="lab", PolicyName="x", PolicyDocument=bad)
    assert refused(got) == (400, "MalformedPolicyDocument")


def test_two_keys_a_user(cloud):
    asked = {"UserName": "admin", "DelegateAccount": cloud.lab_key.user.account.id}
    second = iam(cloud, "CreateAccessKey", **asked)
    made = Key(second.one("AccessKeyId"), second.one("SecretAccessKey"), cloud.lab_key.user, 0)
    assert ask(cloud, "sts", made, "GetCallerIdentity").one("Account") == cloud.lab_key.user.account.id
    assert refused(iam(cloud, "CreateAccessKey", **asked)) == (409, "LimitExceeded")
    assert set(iam(cloud, "ListAccessKeys", **asked).all("AccessKeyId")) == {cloud.lab_key.id, made.id}
    iam(cloud, "UpdateAccessKey", AccessKeyId=made.id, Status="Inactive", **asked)
    assert ask(cloud, "sts", made, "GetCallerIdentity").status == 403
    iam(cloud, "DeleteAccessKey", AccessKeyId=made.id, **asked)
    assert iam(cloud, "CreateAccessKey", **asked).status == 200


def test_boto3_reads_what_iam_says(cloud):
    made = client(cloud, "iam", cloud.lab_key)
    assert [key["AccessKeyId"] for key in made.list_access_keys()["AccessKeyMetadata"]] == [cloud.lab_key.id]
    made.create_user(UserName="bob")
    assert {user["UserName"] for user in made.list_users()["Users"]} == {"admin", "bob"}
    assert made.get_account_summary()["SummaryMap"]["Users"] == 2
    assert code_of(made.create_user, UserName="bob").startswith("EntityAlreadyExists")
    assert code_of(made.delete_user, UserName="admin").startswith("DeleteConflict")
    assert code_of(made.get_user, UserName="charlie").startswith("NoSuchEntity")
    made.delete_user(UserName="bob")
    made.close()


def test_delegation_is_for_administrators(cloud):
    got = iam(cloud, "ListUsers", key=cloud.lab_key, DelegateAccount="eucalyptus")
    assert refused(got) == (403, "NotAuthorized")
    assert iam(cloud, "ListUsers", DelegateAccount="lab").all("UserName") == ["admin"]
    assert refused(iam(cloud, "ListUsers", DelegateAccount="nobody")) == (404, "NoSuchEntity")


def test_other_users_may_what_their_policies_allow(cloud):
    iam(cloud, "CreateUser", UserName="bob", DelegateAccount="lab")
    made = iam(cloud, "CreateAccessKey", UserName="bob", DelegateAccount="lab")
    bob = Key(made.one("AccessKeyId"), made.one("SecretAccessKey"), cloud.lab_key.user, 0)
    got = ask(cloud, "ec2", bob, "DescribeInstances")
    assert (got.status, got.one("Code")) == (403, "UnauthorizedOperation")
    assert refused(iam(cloud, "ListUsers", key=bob)) == (403, "NotAuthorized")
    allowed = document({"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"})
    iam(cloud, "PutUserPolicy", UserName="bob", DelegateAccount="lab", PolicyName="x", PolicyDocument=allowed)
    assert ask(cloud, "ec2", bob, "DescribeInstances").status == 200
    assert run(cloud, bob).status == 403


def test_impersonation_works_for_ec2_iam_sts_and_s3(cloud):
    theirs = token(cloud, DurationSeconds="900")
    lab = cloud.lab_key.user.account.id
    assert ask(cloud, "sts", theirs, "GetCallerIdentity").one("Account") == lab
    assert iam(cloud, "ListUsers", key=theirs).all("UserName") == ["admin"]
    assert run(cloud, theirs).one("ownerId") == lab
    s3 = client(cloud, "s3", theirs)
    assert s3.list_buckets()["Owner"]["ID"] == lab
    s3.close()


def test_tokens_end(cloud):
    got = ask(cloud, "sts", cloud.root_key, "GetImpersonationToken", AccountAlias="lab", UserName="admin")
    ends = datetime.fromisoformat(got.one("Expiration")).timestamp()
    assert abs(ends - cloud.clock.now() - 12 * 3600) < 5
    theirs = token(cloud, DurationSeconds="900")
    cloud.clock.advance(901)
    refused = ask(cloud, "ec2", theirs, "DescribeRegions")
    assert (refused.status, refused.one("Message")) == (403, "Security token has expired")


@pytest.mark.parametrize("seconds", ["899", "129601"])
def test_durations_have_bounds(cloud, seconds):
    asked = {"AccountAlias": "lab", "UserName": "admin", "DurationSeconds": seconds}
    got = ask(cloud, "sts", cloud.root_key, "GetImpersonationToken", **asked)
    assert refused(got) == (400, "ValidationError")


def test_impersonation_is_for_administrators_and_a_known_user(cloud):
    other = cloud.outside.create_account("other")
    asked = {"AccountAlias": "lab", "UserName": "admin"}
    assert refused(ask(cloud, "sts", other, "GetImpersonationToken", **asked)) == (500, "InternalFailure")
    nobody = ask(cloud, "sts", cloud.root_key, "GetImpersonationToken", AccountAlias="none", UserName="admin")
    assert refused(nobody) == (400, "ValidationError")
    by_id = ask(cloud, "sts", cloud.root_key, "GetImpersonationToken", UserId=other.user.id)
    assert by_id.status == 200


def test_a_token_without_its_session_is_refused(cloud):
    theirs = token(cloud)
    theirs.token = ""
    assert ask(cloud, "ec2", theirs, "DescribeRegions").status == 403


def test_session_tokens_are_for_ec2_and_not_for_iam(cloud):
    got = ask(cloud, "sts", cloud.lab_key, "GetSessionToken")
    made = Key(got.one("AccessKeyId"), got.one("SecretAccessKey"), cloud.lab_key.user, 0, token=got.one("SessionToken"))
    assert ask(cloud, "ec2", made, "DescribeRegions").status == 200
    assert iam(cloud, "ListUsers", key=made).status == 403
    assert ask(cloud, "sts", made, "GetCallerIdentity").status == 403


def test_documents_with_percent_signs_come_back_as_sent(cloud):
    text = document(ONE_VM | {"Sid": quote("a b")})
    iam(cloud, "PutAccountPolicy", AccountName="lab", PolicyName="x", PolicyDocument=text)
    assert iam(cloud, "GetAccountPolicy", AccountName="lab", PolicyName="x").one("PolicyDocument") == text

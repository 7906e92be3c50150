from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clouds.drivers.openstack import paste
from dashboard.clouds.drivers.openstack.paste import PasteError, read

CLOUDS = """\
clouds:
  lab:
    auth:
      auth_url: https://cloud.example.org:5000/v3
      username: admin
      password: 0123
      project_name: admin
      user_domain_name: Default
      project_domain_name: Default
    regions: [north, {name: no}]
    interface: internal
  work:
    auth_type: v3applicationcredential
    auth: {auth_url: "https://work.example.org/v3", application_credential_id: abc, application_credential_secret: s3}
    region_name: RegionOne
"""

HORIZON = """\
#!/usr/bin/env bash
# To use an OpenStack cloud you need to authenticate against the Identity
export OS_AUTH_URL=http://10.0.0.5:5000/v3
export OS_PROJECT_ID=8cd1c1ae0d9b4f0a
export OS_PROJECT_NAME="demo"
export OS_USER_DOMAIN_NAME="Default"
if [ -z "$OS_USER_DOMAIN_NAME" ]; then unset OS_USER_DOMAIN_NAME; fi
export OS_PROJECT_DOMAIN_ID="default"
if [ -z "$OS_PROJECT_DOMAIN_ID" ]; then unset OS_PROJECT_DOMAIN_ID; fi
# unset v2.0 items in case set
unset OS_TENANT_ID
unset OS_TENANT_NAME
export OS_USERNAME="alice"
echo "Please enter your OpenStack Password for project $OS_PROJECT_NAME as user $OS_USERNAME: "
read -sr OS_PASSWORD_INPUT
export OS_PASSWORD=$OS_PASSWORD_INPUT
export OS_REGION_NAME="RegionOne"
if [ -z "$OS_REGION_NAME" ]; then unset OS_REGION_NAME; fi
export OS_INTERFACE=public
export OS_IDENTITY_API_VERSION=3
"""

APPLICATION_CREDENTIAL = """\
export OS_AUTH_TYPE=v3applicationcredential
export OS_AUTH_URL=https://cloud.example.org/v3
export OS_IDENTITY_API_VERSION=3
export OS_REGION_NAME="RegionOne"
export OS_INTERFACE=public
export OS_APPLICATION_CREDENTIAL_ID=f2c3
export OS_APPLICATION_CREDENTIAL_SECRET='it is $ecret'
"""


def codes(pasted):
    return [note.code for note in pasted.notes]


def one(text):
    (pasted,) = read(text)
    return pasted


def test_each_region_of_a_cloud_is_a_connection_of_its_own():
    north, south, work = read(CLOUDS)
    assert (north.name, north.settings["region"]) == ("lab", "north")
    assert (south.name, south.settings["region"]) == ("lab", "no")
    assert (work.name, work.settings["region"]) == ("work", "RegionOne")


def test_a_cloud_becomes_the_settings_of_a_connection():
    assert read(CLOUDS)[0].settings == {
        "auth_url": "https://cloud.example.org:5000/v3",
        "username": "admin",
        "password": "0123",
        "project": "admin",
        "user_domain": "Default",
        "project_domain": "Default",
        "region": "north",
        "interface": "internal",
    }
    assert read(CLOUDS)[0].notes == ()


def test_an_application_credential_needs_no_user_and_no_project():
    assert read(CLOUDS)[2].settings == {
        "auth_url": "https://work.example.org/v3",
        "application_credential_id": "abc",
        "application_credential_secret": "s3",
        "region": "RegionOne",
    }
    assert read(CLOUDS)[2].notes == ()


def test_a_cloud_without_its_name_is_read():
    inner = "auth:\n  auth_url: https://a/v3\n  username: u\n  password: p\n  project_name: x\n"
    assert one(inner).settings["username"] == "u"
    assert one("mine:\n" + "".join(f"  {line}\n" for line in inner.splitlines())).name == "mine"


def test_a_cloud_merges_what_it_points_to():
    shared = "shared: &s\n  auth: {auth_url: https://a/v3}\n  region_name: one\n"
    assert one(f"{shared}clouds:\n  x:\n    <<: *s\n    region_name: two\n").settings == {
        "auth_url": "https://a/v3",
        "region": "two",
    }


def test_horizons_openrc_leaves_the_password_to_be_typed():
    assert one(HORIZON).settings == {
        "auth_url": "http://10.0.0.5:5000/v3",
        "username": "alice",
        "project": "demo",
        "user_domain": "Default",
        "project_domain": "Default",
        "region": "RegionOne",
        "interface": "public",
    }
    assert codes(one(HORIZON)) == ["password-missing"]


def test_an_openrc_of_an_application_credential_is_read():
    settings = one(APPLICATION_CREDENTIAL).settings
    assert settings["application_credential_secret"] == "it is $ecret"
    assert "username" not in settings
    assert codes(one(APPLICATION_CREDENTIAL)) == []


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("export OS_USERNAME=plain", "plain"),
        ("OS_USERNAME=plain # a comment", "plain"),
        ("  export   OS_USERNAME='two words';", "two words"),
        (r'export OS_USERNAME="a \"quoted\" \$word"', 'a "quoted" $word'),
        (r"export OS_USERNAME=two\ words", "two words"),
        ("export OS_USERNAME=a'b'\"c\"", "abc"),
        ("export OS_USERNAME='$OS_REGION_NAME'", "$OS_REGION_NAME"),
        ("export OS_REGION_NAME=r OS_USERNAME=${OS_REGION_NAME}1", "r1"),
        ('export OS_REGION_NAME=r\nexport OS_USERNAME="of $OS_REGION_NAME"', "of r"),
    ],
)
def test_a_shell_word_is_read_as_a_shell_reads_it(line, value):
    assert one(f"OS_AUTH_URL=https://a/v3\n{line}\n").settings["username"] == value


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("export OS_PASSWORD=$(pass show cloud)", "command"),
        ('export OS_PASSWORD="`cat secret`"', "command"),
        ("export OS_PASSWORD=$MY_SECRET", "variable"),
        ('export OS_PASSWORD="x${MY_SECRET}y"', "variable"),
    ],
)
def test_what_only_a_shell_knows_is_left_empty_and_said(line, code):
    pasted = one(f"OS_AUTH_URL=https://a/v3\nOS_USERNAME=u\nOS_PROJECT_NAME=p\n{line}\nOS_REGION_NAME=r\n")
    assert (pasted.notes[0].code, pasted.notes[0].line, pasted.notes[0].field) == (code, 4, "OS_PASSWORD")
    assert "password" not in pasted.settings
    assert pasted.settings["region"] == "r"


def test_a_command_in_an_openrc_is_not_run(tmp_path):
    trap = tmp_path / "ran"
    read(
        f"export OS_AUTH_URL=https://a/v3\nexport OS_PASSWORD=$(touch {trap})\ntouch {trap}\n"
        f"OS_USERNAME=`touch {trap}`\n"
    )
    assert not trap.exists()


USER = "auth: {auth_url: https://a/v3, username: u, password: p, project_name: x}"

NOTED = [
    ("auth_type: v3token", "auth-type", "auth_type"),
    ("verify: false", "verify-off", "verify"),
    ("insecure: True", "verify-off", "insecure"),
    ("cacert: /etc/ssl/ours.pem", "cacert-path", "cacert"),
    ("cert: /home/me/me.pem", "client-certificate", "cert"),
    ("identity_api_version: 2.0", "identity-v2", "identity_api_version"),
]


@pytest.mark.parametrize(("line", "code", "field"), NOTED)
def test_what_cannot_be_taken_over_is_said_with_its_line(line, code, field):
    (note,) = one(f"clouds:\n  x:\n    {USER}\n    {line}\n").notes
    assert (note.code, note.field, note.line) == (code, field, 4)


AUTH_NOTED = [
    ("username: u, password: p, project_name: x", "auth-url-missing"),
    ("auth_url: cloud.example.org, username: u, password: p, project_name: x", "auth-url-odd"),
    ("auth_url: https://a/v3, username: u, project_name: x", "password-missing"),
    ("auth_url: https://a/v3, password: p, project_name: x", "user-missing"),
    ("auth_url: https://a/v3, username: u, password: p", "project-missing"),
    ("auth_url: https://a/v3, username: u, password: p, project_id: 1", "project-by-id"),
    ("auth_url: https://a/v3, user_id: u, password: p, project_name: x", "user-by-id"),
    ("auth_url: https://a/v3, username: u, password: p, project_name: x, user_domain_id: 8c", "domain-by-id"),
    ("auth_url: https://a/v3, username: u, password: p, system_scope: all", "system-scope"),
    ("auth_url: https://a/v3, application_credential_id: a", "secret-missing"),
    (
        "auth_url: https://a/v3, application_credential_name: a, password: p, username: u, project_name: p",
        "credential-by-name",
    ),
]


@pytest.mark.parametrize(("auth", "code"), AUTH_NOTED)
def test_what_is_missing_is_said(auth, code):
    assert codes(one(f"clouds:\n  x:\n    auth: {{{auth}}}\n")) == [code]


def test_a_provider_that_the_sdk_knows_needs_no_address():
    text = "clouds: {x: {profile: elastx, auth: {username: u, password: p, project_name: x}}}"
    assert one(text).settings["auth_url"] == "https://ops.elastx.cloud:5000/v3"
    assert codes(one(text.replace("elastx", "nobody"))) == ["profile-unknown"]


def test_every_note_has_been_seen_here():
    seen = (
        {code for _, code, _ in NOTED} | {code for _, code in AUTH_NOTED} | {"command", "variable", "profile-unknown"}
    )
    assert seen == paste.NOTES


DEEP = "clouds: " + "{a: " * 20 + "1" + "}" * 20
LOOP = "clouds: &c\n  x: &x\n    <<: *x\n    auth: {auth_url: a}\n"
LAUGHS = "a: &a [1]\nb: [" + "*a, " * 20 + "]\n"

BROKEN = [
    ("  \n ", "empty", 0, ""),
    ("#" * 300_000, "too-long", 0, ""),
    ("hello", "nothing-known", 0, ""),
    ("clouds: {}", "nothing-known", 0, ""),
    ("clouds: [a]", "not-a-map", 1, "clouds"),
    ("clouds:\n  x: y", "not-a-map", 2, "x"),
    ("clouds:\n  x:\n    auth:\n      username: [u]", "not-text", 4, "auth.username"),
    ("clouds:\n  x:\n    regions: one", "not-a-list", 3, "regions"),
    ("clouds:\n  x: {auth: {password: 's3cret}", "yaml", 2, ""),
    ("clouds:\n\t- x", "yaml", 2, ""),
    (DEEP, "too-deep", 1, ""),
    (LOOP, "too-deep", 2, "x"),
    (LAUGHS, "alias-too-many", 2, ""),
    ("clouds: {" + ", ".join(f"a{n}: {{}}" for n in range(200)) + "}", "too-many", 0, ""),
    ("OS_USERNAME=u\nexport OS_PASSWORD='s3cret\n", "quote-open", 2, "OS_PASSWORD"),
]


@pytest.mark.parametrize(("text", "code", "line", "field"), BROKEN, ids=[case[1] for case in BROKEN])
def test_what_cannot_be_read_is_refused_with_its_place(text, code, line, field):
    with pytest.raises(PasteError) as raised:
        read(text)
    note = raised.value.note
    assert (note.code, note.line, note.field) == (code, line, field)
    assert "s3cret" not in repr(raised.value) + repr(note)


def test_every_error_has_been_seen_here():
    assert {code for _, code, _, _ in BROKEN} == paste.ERRORS


PIECES = r"clouds: auth: export OS_PASSWORD= OS_AUTH_URL= password: regions: $OS_ $( &a *a !!int ` ' \ { } [ ] - # ?"
SHREDS = st.sampled_from([*PIECES.split(" "), '"', ";"])
SPACES = st.sampled_from(["\n", "  ", "\t", "<<: *a", ": ", "\x00"])


@given(st.lists(st.one_of(SHREDS, SPACES, st.text(max_size=8)), max_size=60).map("".join))
def test_no_text_makes_it_fail_in_another_way(text):
    try:
        code = read(text) and ""
    except PasteError as error:
        code = error.note.code
    assert code in {"", *paste.ERRORS}


SECRET = "S3CR3T-S3CR3T"


@given(st.lists(st.one_of(SHREDS, SPACES, st.just(SECRET)), max_size=30).map("".join))
def test_a_secret_is_never_in_an_error_or_a_note(text):
    try:
        said = repr([pasted.notes for pasted in read(f"clouds: {{x: {{auth: {{password: {SECRET}{text}")])
    except PasteError as error:
        said = repr(error.note) + repr(error)
    assert SECRET not in said


def test_the_settings_are_not_in_its_repr():
    assert "0123" not in repr(read(CLOUDS))

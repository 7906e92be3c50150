"""The access matrix: every URL, every method that it has, everybody. A URL that is not in it fails.

Each refusal stands beside a success: the same request by somebody who may.
"""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from dashboard.clouds.models import Cloud
from dashboard.networks.models import FloatingIp, Network, Router, Rule, SecurityGroup
from dashboard.operations.models import Operation

PEOPLE = ("anonymous", "charlie", "rita", "bob", "alice", "root")
LOGIN, NO, HIDDEN = "login", 403, 404
# what somebody may do -> (anonymous, stranger, reader, member, manager, administrator)
EVERYBODY = dict.fromkeys(PEOPLE, "yes")
SIGNED_IN = EVERYBODY | {"anonymous": LOGIN}
READER = SIGNED_IN | {"charlie": HIDDEN}
MEMBER = READER | {"rita": NO}
MANAGER = MEMBER | {"bob": NO}
ADMIN = dict.fromkeys(PEOPLE, NO) | {"anonymous": LOGIN, "root": "yes"}
TURNED_OFF = dict.fromkeys(PEOPLE, HIDDEN)  # until a setting turns it on; tests/keystone has who may do what then

# name -> {method: (who, kwargs)}
MATRIX = {
    "overview:healthz": {"get": EVERYBODY},
    "overview:home": {"get": SIGNED_IN},
    "overview:tenant": {"get": READER},
    "ui:theme": {"post": EVERYBODY},
    "account_login": {"get": EVERYBODY, "post": EVERYBODY},
    "account_logout": {"get": EVERYBODY, "post": EVERYBODY},
    "keystone:sign-in": {"get": TURNED_OFF, "post": TURNED_OFF},
    "keystone:passcode": {"get": TURNED_OFF, "post": TURNED_OFF},
    "keystone:websso": {"get": TURNED_OFF},
    "keystone:arrive": {"post": TURNED_OFF},
    "keystone:confirm": {"post": TURNED_OFF},
    "instances:index": {"get": READER},
    "instances:launch": {"get": MEMBER, "post": MEMBER},
    "instances:detail": {"get": READER},
    "instances:console-log": {"post": MEMBER},
    "instances:change": {"get": MEMBER, "post": MEMBER},
    "consoles:graphical": {"get": MEMBER},
    "consoles:serial": {"get": MEMBER},
    "consoles:ticket": {"post": MEMBER},
    "operations:index": {"get": READER},
    "operations:detail": {"get": READER},
    "clouds:index": {"get": READER},
    "clouds:detail": {"get": READER},
    "connections:index": {"get": ADMIN},
    "connections:connect": {"get": ADMIN, "post": ADMIN},
    "connections:choose": {"get": ADMIN, "post": ADMIN},
    "connections:create": {"get": ADMIN, "post": ADMIN},
    "connections:detail": {"get": ADMIN},
    "connections:edit": {"get": ADMIN, "post": ADMIN},
    "connections:test": {"post": ADMIN},
    "connections:use": {"post": ADMIN},
    "connections:capacity": {"get": ADMIN},
    "connections:fetch": {"post": ADMIN},
    "places:index": {"get": ADMIN},
    "places:detail": {"get": ADMIN},
    "places:unlink": {"get": ADMIN, "post": ADMIN},
    "places:change": {"post": ADMIN},
    "places:give": {"post": ADMIN},
    "places:remove": {"get": ADMIN, "post": ADMIN},
    "places:bring": {"get": MANAGER, "post": MANAGER},
    "networks:index": {"get": READER},
    "networks:topology": {"get": READER},
    "networks:create": {"get": MEMBER, "post": MEMBER},
    "networks:detail": {"get": READER},
    "networks:delete": {"get": MEMBER, "post": MEMBER},
    "networks:create-router": {"get": MEMBER, "post": MEMBER},
    "networks:router": {"get": READER},
    "networks:connect-router": {"post": MEMBER},
    "networks:disconnect-router": {"post": MEMBER},
    "networks:delete-router": {"get": MEMBER, "post": MEMBER},
    "networks:groups": {"get": READER},
    "networks:create-group": {"get": MEMBER, "post": MEMBER},
    "networks:group": {"get": READER},
    "networks:add-rule": {"post": MEMBER},
    "networks:remove-rule": {"post": MEMBER},
    "networks:delete-group": {"get": MEMBER, "post": MEMBER},
    "networks:addresses": {"get": READER},
    "networks:allocate": {"get": MEMBER, "post": MEMBER},
    "networks:associate": {"get": MEMBER, "post": MEMBER},
    "networks:disassociate": {"post": MEMBER},
    "networks:release": {"get": MEMBER, "post": MEMBER},
}
# the page of a network needs a network, that of a router a router; these need nothing
NETWORK_LISTS = {"index", "topology", "create", "create-router", "groups", "create-group", "addresses", "allocate"}
ON_CLOUDS = {
    "index": (),
    "connect": (),
    "choose": (),
    "create": ("kind",),
    "fetch": ("pk", "what"),
}
IN_PLACES = {"index": ("pk",), "remove": ("pk",), "give": ("pk",), "change": ("pk", "slug", "verb")}


def names(patterns=None, prefix="") -> list[str]:
    found = []
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            space = f"{pattern.namespace}:" if pattern.namespace else ""
            found += names(pattern.url_patterns, prefix + space)
        elif isinstance(pattern, URLPattern):
            found.append(prefix + (pattern.name or str(pattern.pattern)))
    return found


def test_every_url_is_in_the_matrix():
    assert sorted(names()) == sorted(MATRIX)


@pytest.fixture
def target(launch, work):
    instance = launch()
    work()
    return instance


@pytest.fixture
def cast(alice, bob, rita, charlie, root):
    return {"alice": alice, "bob": bob, "rita": rita, "charlie": charlie, "root": root}


def cloud_url_of(name: str, target) -> str:
    """Of an administrator's page, or of that on which a manager brings a credential."""
    app, _, page = name.partition(":")
    wanted = {"pk": target.cloud_id, "slug": "lab", "kind": "fake", "what": "hosts", "verb": "read", "tenant": "lab"}
    keys = ON_CLOUDS.get(page, ("pk",)) if app == "connections" else IN_PLACES.get(page, ("pk", "slug"))
    if page == "bring":
        Cloud.objects.filter(pk=target.cloud_id).update(tenants_bring=True)
        keys = ("tenant", "pk")
    return reverse(name, kwargs={key: wanted[key] for key in keys})


def network_url_of(name: str, target) -> str:
    """Of something of `lab`, made where it is not there yet."""
    page = name.partition(":")[2]
    if page in NETWORK_LISTS:
        return reverse(name, args=["lab"])
    models = {"router": Router, "group": SecurityGroup, "rule": SecurityGroup}
    models |= {"associate": FloatingIp, "disassociate": FloatingIp, "release": FloatingIp}
    model = models.get(page.rpartition("-")[2], Network)
    row, _ = model.objects.get_or_create(tenant=target.tenant, cloud=target.cloud, remote_id="there")
    if page != "remove-rule":
        return reverse(name, args=["lab", row.pk])
    rule, _ = Rule.objects.get_or_create(group=row, remote_id="there")
    return reverse(name, args=["lab", row.pk, rule.pk])


def url_of(name: str, target) -> str:
    if name.startswith("networks:"):
        return network_url_of(name, target)
    if name.startswith(("connections:", "places:")):
        return cloud_url_of(name, target)
    operation = Operation.objects.get(target_id=target.pk)
    wanted = {
        "tenant": "lab",
        "pk": {"operations:detail": operation.pk, "clouds:detail": target.cloud_id}.get(name, target.pk),
        "verb": "stop",
        "kind": "serial",
    }
    parts = {
        "instances:change": ("tenant", "pk", "verb"),
        "consoles:ticket": ("tenant", "pk", "kind"),
    }
    if name.startswith(("account_", "keystone:", "ui:", "overview:ho", "overview:he")):
        return reverse(name)
    keys = parts.get(name, ("tenant", "pk"))
    if name.endswith(":index") or name in {"overview:tenant", "instances:launch"}:
        keys = ("tenant",)
    return reverse(name, kwargs={key: wanted[key] for key in keys})


def outcome(response) -> object:
    if response.status_code == 302 and response["Location"].startswith("/accounts/login/"):
        return LOGIN
    if response.status_code in (NO, HIDDEN):
        return response.status_code
    assert response.status_code in (200, 204, 302, 303, 409, 422), response.status_code
    return "yes"


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize(("name", "method"), [(name, method) for name, row in MATRIX.items() for method in row])
def test_access(name, method, person, target, cast):
    client = Client()
    if person != "anonymous":
        client.force_login(cast[person])
    response = getattr(client, method)(url_of(name, target))
    expected = MATRIX[name][method][person]
    if name == "account_logout" and person == "anonymous":
        expected = LOGIN if response.status_code == 302 else "yes"
    if name == "account_logout" and method == "post":
        expected = LOGIN
    assert outcome(response) == expected


# Keystone's page posts there across sites, so without a token; nothing is changed by it, see keystone/websso.py
FROM_OTHER_SITES = {"keystone:arrive"}


@pytest.mark.parametrize(
    "name", [name for name, row in MATRIX.items() if "post" in row and name not in FROM_OTHER_SITES]
)
def test_a_change_without_the_csrf_token_is_refused(name, target, bob):
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    assert client.post(url_of(name, target)).status_code == 403


@pytest.mark.parametrize("method", ["put", "patch", "delete", "post"])
@pytest.mark.parametrize("name", [name for name, row in MATRIX.items() if "post" not in row])
def test_a_page_that_only_shows_takes_nothing(name, method, target, bob):
    client = Client()
    client.force_login(bob)
    assert getattr(client, method)(url_of(name, target)).status_code == 405


@pytest.mark.parametrize(
    "name", ["instances:detail", "instances:change", "operations:detail", "clouds:detail", "consoles:ticket"]
)
def test_an_id_of_another_tenant_or_of_nothing_is_not_found(name, target, charlie, other):
    """The owner of `other` asks inside their own tenant for the id of lab's things."""
    client = Client()
    client.force_login(charlie)
    theirs = url_of(name, target).replace("/t/lab/", "/t/other/")
    method = client.post if name in {"instances:change", "consoles:ticket"} else client.get
    if name == "clouds:detail":  # a cloud that both tenants use
        assert method(theirs).status_code == 200
    else:
        assert method(theirs).status_code == 404
    nothing = theirs.replace(theirs.split("/")[4], str(uuid.uuid4()))
    assert method(nothing).status_code == 404


@pytest.mark.parametrize("name", [n for n in MATRIX if n.startswith("networks:") and n[9:] not in NETWORK_LISTS])
def test_what_another_tenant_has_of_networks_is_not_found(name, target, charlie, other):
    client = Client()
    client.force_login(charlie)
    mine = url_of(name, target)
    for method in MATRIX[name]:
        assert getattr(client, method)(mine.replace("/t/lab/", "/t/other/")).status_code == 404


@pytest.mark.parametrize("path", ["/nothing/", "/t/lab/", "/accounts/login/", "/", "/healthz"])
def test_every_answer_carries_the_headers_that_protect_it(path, target, client):
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in headers["Cache-Control"]
    assert "HX-Request" in headers["Vary"]
    assert headers["X-Request-Id"]


def test_the_sign_in_page_writes_no_session(client, db):
    from django.contrib.sessions.models import Session

    for number in range(20):
        client.get(f"/accounts/login/?next=/t/x{number}/")
    assert Session.objects.count() == 0


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example/", "/\\evil.example", "\t//evil.example"])
def test_signing_in_never_leads_to_another_host(client, bob, evil):
    from tests.conftest import PASSWORD

    answer = client.post("/accounts/login/", {"login": "bob", "password": PASSWORD, "next": evil})
    assert answer.status_code == 302
    assert answer["Location"] == "/"

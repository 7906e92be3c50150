"""Every URL of the access matrix, asked for by everybody. A URL that is not in it fails.

Each refusal stands beside a success: the same request by somebody who may.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client

from dashboard.accounts.models import User

from .addresses import all_urls, url_of
from .conftest import PASSWORD
from .matrix import FROM_OTHER_SITES, HIDDEN, LOGIN, MATRIX, NO, PEOPLE


def app_of(name: str) -> str:
    return name.partition(":")[0] if ":" in name else "accounts"


APPS = sorted({app_of(name) for name in MATRIX})


def test_every_url_is_in_the_matrix():
    assert sorted(name for name, _keys in all_urls()) == sorted(MATRIX)


def assert_protected(headers) -> None:
    """Those that every answer carries: pages, fragments, files, redirects, refusals and errors."""
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-store" in headers["Cache-Control"]
    assert {"HX-Request", "Cookie"} <= {name.strip() for name in headers["Vary"].split(",")}
    assert headers["X-Request-Id"]


def outcome(response) -> object:
    assert_protected(response.headers)
    if response.status_code == 302 and response["Location"].startswith("/accounts/login/"):
        return LOGIN
    if response.status_code in (NO, HIDDEN):
        return response.status_code
    assert response.status_code in (200, 204, 302, 303, 409, 422), response.status_code
    return "yes"


def rows_of(app: str) -> list[tuple[str, dict[str, dict[str, object]]]]:
    """Of the matrix: those of one app share a world, since to make one takes longer than to ask."""
    return [(name, row) for name, row in MATRIX.items() if app_of(name) == app]


def signed_in(user: User | None, **how: bool) -> Client:
    client = Client(**how)
    if user:
        client.force_login(user)
    return client


def asked(user: User | None, name: str, method: str, target) -> object:
    with undone():
        return outcome(getattr(signed_in(user), method)(url_of(name, target)))


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens in here is as if it had not: the next person finds the same."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


@pytest.mark.slow
@pytest.mark.parametrize("app", APPS)
def test_access(app, target, cast):
    expected = {(name, method): who for name, row in rows_of(app) for method, who in row.items()}
    found = {
        (name, method): {person: asked(cast.get(person), name, method, target) for person in PEOPLE}
        for name, method in expected
    }
    assert found == expected


@pytest.mark.slow
@pytest.mark.parametrize("app", APPS)
def test_a_change_without_the_csrf_token_is_refused(app, target, bob):
    client = signed_in(bob, enforce_csrf_checks=True)
    names = [name for name, row in rows_of(app) if "post" in row and name not in FROM_OTHER_SITES]
    assert {name: client.post(url_of(name, target)).status_code for name in names} == dict.fromkeys(names, 403)


@pytest.mark.slow
@pytest.mark.parametrize("app", APPS)
def test_a_page_that_only_shows_takes_nothing(app, target, bob):
    client = signed_in(bob)
    names = [name for name, row in rows_of(app) if "post" not in row]
    asked = [(name, method) for name in names for method in ("put", "patch", "delete", "post")]
    answers = {(name, method): getattr(client, method)(url_of(name, target)).status_code for name, method in asked}
    assert answers == dict.fromkeys(asked, 405)


@pytest.mark.parametrize(
    "name",
    [
        "instances:detail",
        "instances:password",
        "instances:retry",
        "instances:change",
        "operations:detail",
        "operations:recover",
        "operations:batch",
        "clouds:detail",
        "consoles:ticket",
        "audit:entry",
        "people:role",
        "people:remove",
        "access:index",
        "access:show",
        "access:revoke",
        "keypairs:detail",
        "keypairs:delete",
        "instances:rename-template",
        "instances:delete-template",
    ],
)
def test_an_id_of_another_tenant_or_of_nothing_is_not_found(name, target, charlie, other):
    """The owner of `other` asks inside their own tenant for the id of lab's things."""
    client = Client()
    client.force_login(charlie)
    theirs = url_of(name, target).replace("/t/lab/", "/t/other/")
    method = (
        client.post if name in {"instances:change", "instances:retry", "consoles:ticket", "access:show"} else client.get
    )
    if name == "clouds:detail":  # a cloud that both tenants use
        assert method(theirs).status_code == 200
    else:
        assert method(theirs).status_code == 404
    nothing = re.sub(r"[0-9a-f-]{36}", str(uuid.uuid4()), theirs)
    assert method(nothing).status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, keys in all_urls() if name.startswith("networks:") and "pk" in keys])
def test_what_another_tenant_has_of_networks_is_not_found(name, target, charlie, other):
    client = Client()
    client.force_login(charlie)
    mine = url_of(name, target)
    for method in MATRIX[name]:
        assert getattr(client, method)(mine.replace("/t/lab/", "/t/other/")).status_code == 404


@pytest.mark.parametrize("path", ["/nothing/", "/t/lab/", "/accounts/login/", "/", "/healthz"])
def test_every_answer_carries_the_headers_that_protect_it(path, target, client):
    """Those of the matrix: `outcome`. Here are a path that is none, and what a broken page answers."""
    assert_protected(client.get(path).headers)


def test_an_error_of_ours_carries_them_too_and_says_no_more_than_its_id(client, db, monkeypatch):
    monkeypatch.setattr("dashboard.overview.views.connection", None)
    client.raise_request_exception = False
    answer = client.get("/healthz")
    assert answer.status_code == 500
    assert_protected(answer.headers)
    assert "Traceback" not in answer.content.decode()
    assert answer.headers["X-Request-Id"] in answer.content.decode()


def test_the_sign_in_page_writes_no_session(client, db):
    for number in range(20):
        client.get(f"/accounts/login/?next=/t/x{number}/")
    assert Session.objects.count() == 0


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example/", "/\\evil.example", "\t//evil.example"])
def test_signing_in_never_leads_to_another_host(client, bob, evil):
    answer = client.post("/accounts/login/", {"login": "bob", "password": PASSWORD, "next": evil})
    assert answer.status_code == 302
    assert answer["Location"] == "/"

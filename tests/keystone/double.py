"""A Keystone of ours: users, projects, roles, tokens, receipts and passcodes, as far as signing in needs them.

It answers as Keystone 30 does (recorded in tests/operations/recorded/keystone.json), and keeps what it was sent.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DENIED = {
    "error": {"code": 401, "message": "The request you have made requires authentication.", "title": "Unauthorized"}
}


class Keystone:
    """`roles[(user id, project id)]` is a set of names; the project `system` is the whole cloud."""

    def __init__(self) -> None:
        self.users: dict[str, dict[str, str]] = {}
        self.projects: dict[str, str] = {}
        self.roles: dict[tuple[str, str], set[str]] = {}
        self.tokens: dict[str, str] = {}
        self.receipts: dict[str, str] = {}
        self.requests: list[tuple[str, str, str]] = []
        self.required = [["password", "totp"]]
        self.is_broken = False
        self.url = ""

    def user(self, name: str, password: str, *, passcode: str = "") -> str:
        user_id = uuid.uuid4().hex
        self.users[user_id] = {"name": name, "password": password, "passcode": passcode}
        return user_id

    def project(self, name: str, **people: str) -> str:
        """`people`: user id -> roles, separated by commas."""
        project_id = uuid.uuid4().hex
        self.projects[project_id] = name
        for user_id, roles in people.items():
            self.roles[user_id, project_id] = set(roles.split(","))
        return project_id

    def token(self, user_id: str) -> str:
        token = f"gAAAAA-{uuid.uuid4().hex}"
        self.tokens[token] = user_id
        return token

    def sign_in(self, body: dict, headers) -> tuple[int, dict, dict]:
        identity, scope = body["auth"]["identity"], body["auth"].get("scope", {})
        method = identity["methods"][0]
        user_id = getattr(self, f"by_{method}")(identity[method], headers)
        if user_id is None:
            return 401, DENIED, {}
        if method == "password" and self.users[user_id]["passcode"]:
            return 401, *self.receipt(user_id)
        return self.scoped(user_id, scope)

    def by_password(self, shown: dict, headers) -> str | None:
        user = shown["user"]
        for user_id, known in self.users.items():
            if (known["name"], known["password"]) == (user["name"], user["password"]):
                return user_id if user["domain"]["name"] == "Default" else None
        return None

    def by_totp(self, shown: dict, headers) -> str | None:
        user_id = shown["user"]["id"]
        is_theirs = self.receipts.get(headers.get("Openstack-Auth-Receipt", "")) == user_id
        return user_id if is_theirs and shown["user"]["passcode"] == self.users[user_id]["passcode"] else None

    def by_token(self, shown: dict, headers) -> str | None:
        return self.tokens.get(shown["id"])

    def receipt(self, user_id: str) -> tuple[dict, dict]:
        receipt = f"gAAAAA-receipt-{uuid.uuid4().hex}"
        self.receipts[receipt] = user_id
        until = (datetime.now(UTC) + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        told = {"methods": ["password"], "user": self.described(user_id), "expires_at": until, "issued_at": until}
        return {"receipt": told, "required_auth_methods": self.required}, {"Openstack-Auth-Receipt": receipt}

    def scoped(self, user_id: str, scope: object) -> tuple[int, dict, dict]:
        body = {
            "methods": ["token"],
            "user": self.described(user_id),
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2026-01-01T00:00:00.000000Z",
        }
        place = ""
        if isinstance(scope, dict) and "project" in scope:
            place = scope["project"]["id"]
            body["project"] = {
                "id": place,
                "name": self.projects[place],
                "domain": {"id": "default", "name": "Default"},
            }
        elif isinstance(scope, dict) and "system" in scope:
            place = "system"
        if place:
            names = self.roles.get((user_id, place))
            if not names:
                return 401, DENIED, {}
            body["roles"] = [{"id": name, "name": name} for name in sorted(names)]
        return 201, {"token": body}, {"X-Subject-Token": self.token(user_id)}

    def described(self, user_id: str) -> dict:
        return {"id": user_id, "name": self.users[user_id]["name"], "domain": {"id": "default", "name": "Default"}}

    def about(self, path: str, headers) -> tuple[int, dict, dict]:
        user_id = self.tokens.get(headers.get("X-Auth-Token", ""))
        if user_id is None:
            return 401, DENIED, {}
        if path.endswith("/auth/projects"):
            theirs = [place for person, place in self.roles if person == user_id and place != "system"]
            rows = [{"id": p, "name": self.projects[p], "domain_id": "default", "enabled": True} for p in theirs]
            return 200, {"projects": rows, "links": {}}, {}
        if path.endswith("/auth/system"):
            return 200, {"system": [{"all": True}] if (user_id, "system") in self.roles else [], "links": {}}, {}
        return 200, {"token": {"user": self.described(user_id)}}, {}


class Handler(BaseHTTPRequestHandler):
    keystone: Keystone

    def answer(self, status: int, body: dict, headers: dict) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.keystone.requests.append(("POST", self.path, sent))
        if self.keystone.is_broken:
            return self.answer(503, {"error": {"code": 503, "message": "no database", "title": "Unavailable"}}, {})
        return self.answer(*self.keystone.sign_in(json.loads(sent), self.headers))

    def do_GET(self) -> None:
        self.keystone.requests.append(("GET", self.path, ""))
        self.answer(*self.keystone.about(self.path, self.headers))

    def do_DELETE(self) -> None:
        self.keystone.requests.append(("DELETE", self.path, ""))
        self.keystone.tokens.pop(self.headers["X-Subject-Token"], None)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Quiet."""


@contextmanager
def running() -> Iterator[Keystone]:
    keystone = Keystone()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"keystone": keystone}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    keystone.url = f"http://127.0.0.1:{server.server_address[1]}/v3"
    try:
        yield keystone
    finally:
        server.shutdown()
        server.server_close()

"""One connection to one OpenStack, with one credential.

The SDK finds the services, signs in, signs in again when a token is over, and speaks microversions. What is asked and
what is answered is written and read here, call by call: its own resource classes ask for the newest microversion that
both sides know, which costs Nova up to three times as much for the same list (see docs/drivers.md).
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Mapping
from typing import Any

import requests
from keystoneauth1.discover import Discover
from keystoneauth1.exceptions import EndpointNotFound
from keystoneauth1.identity import v3
from keystoneauth1.identity.base import BaseIdentityPlugin
from keystoneauth1.session import Session as KeystoneSession
from openstack.connection import Connection
from openstack.proxy import Proxy

from ...interface import Unavailable, note_call
from .errors import of_response, request_id_of, translated
from .transport import CONNECT_S, READ_S, http_session

SOURCES = {
    "compute": "nova",
    "network": "neutron",
    "image": "glance",
    "block-storage": "cinder",
    "identity": "keystone",
    "placement": "placement",
    "object-store": "swift",
}
"""Service type and the name that errors carry."""

REDIRECTS = 3
VERSION = re.compile(r"v\d+(\.\d+)?")


class Session:
    """Connects at the first call, once per process: a connection is never used on both sides of a fork.

    Safe to share between threads. Nothing of it is read from clouds.yaml or from OS_* in the environment.
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = dict(settings)
        self._connections: dict[int, Connection] = {}

    def __repr__(self) -> str:
        return f"Session({self._settings.get('auth_url', '')!r})"

    @property
    def settings(self) -> Mapping[str, str]:
        return self._settings

    @property
    def connection(self) -> Connection:
        """Costs nothing until it is used. Two threads may make one each; the first one stays."""
        kept = self._connections.get(os.getpid())
        return kept or self._connections.setdefault(os.getpid(), connect(self._settings))

    def service(self, name: str) -> Proxy:
        """`compute`, `network`, `image`, `block-storage`, `identity`, `placement`. May sign in and look around."""
        connection = self.connection
        # Before the SDK is asked: it would remember for good that there is none.
        # Signs in, so that Keystone's troubles are told as Keystone's.
        if not self.has(name):
            raise Unavailable(f"the catalogue has no service {name} here", source=SOURCES[name])
        with translated(SOURCES[name]):
            proxy: Proxy = getattr(connection, name.replace("-", "_"))
            return proxy

    def answer(
        self,
        method: str,
        service: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        microversion: str | None = None,
        timeout_s: float = READ_S,
        request_id: str = "",
    ) -> requests.Response:
        """One call, which succeeded. Raises CloudError. A 401 has been tried once more with a new token.

        `request_id` goes through all of the cloud's logs; it must look like `req-<uuid>`.
        """
        proxy = self.service(service)
        with translated(SOURCES[service]):
            response: requests.Response = proxy.request(
                path,
                method,
                json=json,
                params=params,
                microversion=microversion,
                timeout=(CONNECT_S, timeout_s),
                global_request_id=request_id or f"req-{uuid.uuid4()}",
                log=False,  # answers hold tokens of consoles, requests hold passwords
            )
        note_call(request_id_of(response), source=SOURCES[service], changes=method != "GET")
        if response.status_code >= 300:
            raise of_response(response, source=SOURCES[service])
        return response

    def get(self, service: str, path: str, **how: Any) -> dict[str, Any]:
        """The JSON object in the answer."""
        return object_in(self.answer("GET", service, path, **how), source=SOURCES[service])

    def post(self, service: str, path: str, **how: Any) -> dict[str, Any]:
        """The JSON object in the answer, {} where it has no body."""
        return object_in(self.answer("POST", service, path, **how), source=SOURCES[service])

    def put(self, service: str, path: str, **how: Any) -> dict[str, Any]:
        return object_in(self.answer("PUT", service, path, **how), source=SOURCES[service])

    def delete(self, service: str, path: str, **how: Any) -> None:
        self.answer("DELETE", service, path, **how)

    def has(self, service: str) -> bool:
        """Whether the catalogue offers it in our region. Signs in."""
        with translated("keystone"):
            try:
                endpoint = self.connection.session.get_endpoint(
                    service_type=service,
                    interface=self._settings.get("interface") or "public",
                    region_name=self._settings.get("region") or None,
                    skip_discovery=True,
                )
            except EndpointNotFound:
                return False
            return endpoint is not None

    def serves(self, service: str, microversion: str) -> bool:
        """Whether it knows this microversion; asked of the cloud once."""
        proxy = self.service(service)
        with translated(SOURCES[service]):
            data = proxy.get_endpoint_data()
            newest = data.max_microversion if data else None
            return newest is not None and tuple(newest) >= tuple(int(part) for part in microversion.split("."))

    @property
    def project_id(self) -> str:
        """Of the project that we are signed in to; signs in."""
        with translated("keystone"):
            return str(self.connection.session.get_project_id() or "")

    @property
    def project_name(self) -> str:
        with translated("keystone"):
            session = self.connection.session
            plugin = session.auth if isinstance(session.auth, BaseIdentityPlugin) else None
            return str(plugin.get_access(session).project_name or "") if plugin else ""

    @property
    def user_id(self) -> str:
        with translated("keystone"):
            return str(self.connection.session.get_user_id() or "")

    @property
    def roles(self) -> frozenset[str]:
        """The names of what we may do in our project; signs in."""
        with translated("keystone"):
            session = self.connection.session
            if not isinstance(session.auth, BaseIdentityPlugin):
                return frozenset()
            return frozenset(session.auth.get_access(session).role_names or ())

    @property
    def has_credential(self) -> bool:
        return identity_of(self._settings) is not None

    def version(self, service: str) -> str:
        """What it speaks, such as `nova 2.1 to 2.104`."""
        proxy = self.service(service)
        with translated(SOURCES[service]):
            data = proxy.get_endpoint_data()
            ends = (data.min_microversion, data.max_microversion) if data else ()
            span = " to ".join(".".join(map(str, end)) for end in ends if end)
            return f"{SOURCES[service]} {span}".strip()

    def keystone_version(self) -> str:
        """Asked without signing in. Raises Unavailable where no Keystone answers."""
        with translated("keystone"):
            discovered = Discover(self.connection.session, v3_url(self._settings["auth_url"]), authenticated=False)
            newest = discovered.version_data()[-1]["version"]
            return "keystone " + ".".join(map(str, newest))

    def close(self) -> None:
        kept = self._connections.pop(os.getpid(), None)
        if kept is not None:
            http: requests.Session = kept.session.session
            kept.close()
            http.close()


def connect(settings: Mapping[str, str]) -> Connection:
    """An SDK connection that reads no file and no environment; it does not talk to the cloud yet."""
    with translated("keystone"):
        session = KeystoneSession(
            auth=identity_of(settings),
            session=http_session(settings.get("ca_bundle", "")),
            user_agent="skydeck",
            redirect=REDIRECTS,
        )
        return Connection(
            session=session,
            region_name=settings.get("region") or None,
            interface=settings.get("interface") or "public",
            app_name="skydeck",
        )


def identity_of(settings: Mapping[str, str]) -> v3.Password | v3.ApplicationCredential | None:
    """How to sign in; None where the settings hold no credential at all."""
    if settings.get("application_credential_id"):
        return v3.ApplicationCredential(
            v3_url(settings["auth_url"]),
            application_credential_id=settings["application_credential_id"],
            application_credential_secret=settings.get("application_credential_secret", ""),
        )
    if not settings.get("username"):
        return None
    return v3.Password(
        settings["auth_url"],
        username=settings["username"],
        password=settings.get("password", ""),
        user_domain_name=settings.get("user_domain") or "Default",
        project_name=settings.get("project") or None,
        project_domain_name=settings.get("project_domain") or "Default",
    )


def v3_url(auth_url: str) -> str:
    """Keystone's v3 below an address that names no version."""
    url = auth_url.strip().rstrip("/")
    return url if VERSION.fullmatch(url.rpartition("/")[2]) else f"{url}/v3"


def object_in(response: requests.Response, *, source: str) -> dict[str, Any]:
    if not response.content:
        return {}
    with translated(source):
        body = response.json()
    if not isinstance(body, dict):
        raise Unavailable("the answer is no JSON object", source=source, http_status=response.status_code)
    return body

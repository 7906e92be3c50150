"""A proxy in front of a real OpenStack that keeps a log of every call and can spoil any of them.

It needs only the cloud's authentication URL. Whoever signs in through it gets a catalogue in which each service is
behind a free loopback port of the proxy, so that all that client's traffic goes through it, and nothing of its code
knows. The cloud's own services go on talking to each other directly.

    with FaultProxy("http://127.0.0.1:25000/v3") as proxy:
        connection = openstack.connect(auth_url=proxy.auth_url, username=..., password=..., ...)

        # the second launch from now on is carried out, but its answer is lost
        proxy.inject(LostAnswer(), service="compute", method="POST", path=r"/servers$", nth=2)
        # every list of servers is refused from now on, until `proxy.clear()`
        proxy.inject(Status(429, retry_after_s=1), service="compute", path=r"/servers/detail", times=None)
        # a Glance that is slow, once
        proxy.inject(Delay(5), service="image")
        ...
        launches = proxy.calls(service="compute", method="POST", path=r"/servers$")
        assert {call.credential for call in launches} == {application_credential_id}

Services are named by their type in the catalogue: identity, compute, image, network, block-storage, object-store,
placement. A path is searched for as a regular expression, in the path with its query. The faults are in `faults.py`.
`proxy.calls()` gives `Call`s in the order of their answers; `proxy.forget()` empties the log, `proxy.clear()` takes all
faults away.
"""

from __future__ import annotations

import itertools
import json
import re
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from .faults import Answer, Delay, Fault, Garbage, Hold, Honest, LostAnswer, PartialBody, Reset, Status
from .forwarding import Listener, Request

__all__ = [
    "Call",
    "Delay",
    "FaultProxy",
    "Garbage",
    "Hold",
    "Identity",
    "LostAnswer",
    "PartialBody",
    "Reset",
    "Status",
]


@dataclass(frozen=True, slots=True)
class Identity:
    """To whom a token was given. `application_credential` is "" where it was a password."""

    user: str = ""
    user_name: str = ""
    project: str = ""
    application_credential: str = ""


NOBODY = Identity()


@dataclass(frozen=True, slots=True)
class Call:
    """One call that came through. `status` is 0 where no answer was sent; `who` is Nobody for an unknown token."""

    service: str
    method: str
    path: str
    who: Identity
    status: int
    request_id: str
    fault: str
    microversion: str

    @property
    def credential(self) -> str:
        """What it was made with: the application credential's id, else the user's."""
        return self.who.application_credential or self.who.user


@dataclass(slots=True)
class Plan:
    """A fault and the calls that it is meant for."""

    fault: Fault
    service: str
    method: str
    path: re.Pattern[str]
    nth: int
    times: int | None
    seen: int = 0

    def hits(self, service: str, request: Request) -> bool:
        if self.service not in ("", service) or self.method not in ("", request.method):
            return False
        if not self.path.search(request.path):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)


@dataclass(slots=True)
class FaultProxy:
    """`real_url` is the real Keystone's, with its version: http://host:port/v3."""

    real_url: str
    _listeners: dict[str, Listener] = field(default_factory=dict)
    _plans: list[Plan] = field(default_factory=list)
    _log: list[Call] = field(default_factory=list)
    _tokens: dict[str, Identity] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __enter__(self) -> FaultProxy:
        self._listener("identity", self.real_url)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for listener in self._listeners.values():
            listener.close()

    @property
    def auth_url(self) -> str:
        return self.url("identity") + urlsplit(self.real_url).path

    def url(self, service: str) -> str:
        """Where a service is, without a path. Raises KeyError before anybody signed in."""
        return self._listeners[service].url

    def inject(
        self,
        fault: Fault,
        *,
        service: str = "",
        method: str = "",
        path: str = "",
        nth: int = 1,
        times: int | None = 1,
    ) -> Plan:
        """Do this to the nth call from now on that matches, and to `times` in all; None is for good."""
        plan = Plan(fault, service, method, re.compile(path), nth, times)
        with self._lock:
            self._plans.append(plan)
        return plan

    def clear(self) -> None:
        with self._lock:
            self._plans.clear()

    def forget(self) -> None:
        with self._lock:
            self._log.clear()

    def calls(self, *, service: str = "", method: str = "", path: str = "") -> list[Call]:
        """Those that came through since the start, or since `forget()`, in the order of their answers."""
        wanted = re.compile(path)
        with self._lock:
            log = list(self._log)
        return [
            call
            for call in log
            if service in ("", call.service) and method in ("", call.method) and wanted.search(call.path)
        ]

    def count(self, *, service: str = "", method: str = "", path: str = "") -> int:
        return len(self.calls(service=service, method=method, path=path))

    def handle(self, service: str, request: Request) -> None:
        """One request from beginning to end: ask, spoil, note, answer."""
        fault = self._fault_for(service, request)
        answer, ending = fault.apply(lambda: self._ask(service, request))
        status = answer.status if answer and request.reaches_client(ending) else 0
        self._note(service, request, answer=answer, status=status, fault=fault)
        request.respond(answer, ending)

    def _fault_for(self, service: str, request: Request) -> Fault:
        with self._lock:
            # every plan counts every call, also one that another plan spoils
            hits = [plan.fault for plan in self._plans if plan.hits(service, request)]
        return hits[0] if hits else Honest()

    def _ask(self, service: str, request: Request) -> Answer:
        answer = request.forward()
        if service == "identity" and "/auth/" in request.path and answer.status < 300:
            self._learn(answer)
        return answer

    def _learn(self, answer: Answer) -> None:
        """Remember whose token this is, and point the catalogue to us."""
        try:
            told = json.loads(answer.body)
        except ValueError:
            return
        token = told.get("token", {})
        if subject := answer.header("X-Subject-Token"):
            self._tokens[subject] = _identity(token)
        catalogue = itertools.chain(token.get("catalog", []), told.get("catalog", []))
        for service in catalogue:
            for endpoint in service["endpoints"]:
                endpoint["url"] = self._through_us(service["type"], endpoint["url"])
        answer.body = json.dumps(told).encode()

    def _through_us(self, service: str, url: str) -> str:
        real = urlsplit(url)
        ours = urlsplit(self._listener(service, url).url)
        return real._replace(scheme=ours.scheme, netloc=ours.netloc).geturl()

    def _listener(self, service: str, url: str) -> Listener:
        with self._lock:
            if service not in self._listeners:
                self._listeners[service] = Listener(url, handle=lambda request: self.handle(service, request))
            return self._listeners[service]

    def _note(self, service: str, request: Request, *, answer: Answer | None, status: int, fault: Fault) -> None:
        call = Call(
            service=service,
            method=request.method,
            path=request.path,
            who=self._who(service, request, answer=answer),
            status=status,
            request_id=answer.header("x-openstack-request-id") if answer else "",
            fault="" if isinstance(fault, Honest) else type(fault).__name__,
            microversion=request.header("OpenStack-API-Version"),
        )
        with self._lock:
            self._log.append(call)

    def _who(self, service: str, request: Request, *, answer: Answer | None) -> Identity:
        """By the token that was shown, or in a sign-in by the one that was given."""
        given = answer.header("X-Subject-Token") if answer and service == "identity" else ""
        return self._tokens.get(request.header("X-Auth-Token")) or self._tokens.get(given) or NOBODY


def _identity(token: dict[str, Any]) -> Identity:
    """From the body of Keystone's answer to a sign-in."""
    user = token.get("user", {})
    return Identity(
        user=user.get("id", ""),
        user_name=user.get("name", ""),
        project=token.get("project", {}).get("id", ""),
        application_credential=token.get("application_credential", {}).get("id", ""),
    )

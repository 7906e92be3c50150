"""boto3's client for EC2, whose calls are signed, sent and judged by our own session.

It writes the requests and reads the answers. Of its own it adds a create token to calls that Eucalyptus refuses with
one, repeats what failed, looks for keys, regions and profiles in files and in the environment, and asks the metadata
service: none of that happens here.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

import botocore.session
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.config import Config

from . import accepted, markup
from .errors import understood
from .session import Session
from .transport import Answer

CHOSEN = "skydeck_chosen"
"""In a call's context: the parameters that we named ourselves."""
_making = threading.Lock()
"""Clients can be used by several threads, and be made by one at a time."""
_asking: ContextVar[Session] = ContextVar("asking")
"""Whose call it is that boto3 is at."""


class Ec2:
    def __init__(self, session: Session) -> None:
        self.session = session

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """In boto3's words: `call("run_instances", ImageId=...)`. Raises CloudError."""
        with understood(), _asked_by(self.session):
            answer: dict[str, Any] = getattr(_client(), operation)(**parameters)
        return answer

    def rows(self, operation: str, key: str, **parameters: Any) -> list[dict[str, Any]]:
        """The whole list: Eucalyptus has no pages."""
        return list(self.call(operation, **parameters).get(key, ()))


@contextmanager
def _asked_by(session: Session) -> Iterator[None]:
    token = _asking.set(session)
    try:
        yield
    finally:
        _asking.reset(token)


def _client() -> Any:
    with _making:
        return _made()


@cache
def _made() -> Any:
    """One for the process and all its accounts: it holds 800 methods. No file and no variable of the environment
    counts."""
    nothing = dict.fromkeys(("profile", "region", "ca_bundle"), (None, None, None, None))
    library = botocore.session.Session(session_vars=nothing, include_builtin_handlers=True)
    library.set_config_variable("config_file", os.devnull)
    library.set_config_variable("credentials_file", os.devnull)
    client = library.create_client(
        "ec2",
        region_name="eucalyptus",
        endpoint_url="http://eucalyptus.invalid/",  # `_send` knows where
        aws_access_key_id="unsigned",
        aws_secret_access_key="unsigned",  # noqa: S106
        config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1, "mode": "standard"}),
    )
    client.meta.events.register_first("provide-client-params.ec2", _note_what_was_chosen)
    client.meta.events.register_last("before-call.ec2", _check)
    client.meta.events.register_first("before-send.ec2", _send)
    return client


def _note_what_was_chosen(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Before botocore adds anything."""
    context[CHOSEN] = frozenset(params)


def _check(model: Any, params: dict[str, Any], context: Mapping[str, Any], **_: Any) -> None:
    chosen, release = context[CHOSEN], _asking.get().release
    accepted.drop_what_botocore_added(model.name, params["body"], chosen=chosen, release=release)


def _send(request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
    """Answers in botocore's place, which then sends nothing."""
    body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
    answer = _asking.get().ask("ec2", event_name.rpartition(".")[2], body)
    with understood():
        markup.check(answer.content)
    return AWSResponse(request.url, answer.status, HeadersDict(answer.headers), Held(answer))


class Held:
    """The body of an answer that is there already, as botocore reads it."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.answer.content

"""What is remembered of somebody who is not signed in yet: in a signed cookie, so that no stranger fills a table.

allauth keeps it in the session: the challenge of a passkey, the state of OpenID Connect. For that moment the request
gets a session which is its own cookie.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpRequest, HttpResponse

LASTS_S = 600


class Lobby(SessionStore):
    """A session whose key is all that is in it, signed."""

    def get_session_cookie_age(self) -> int:
        return LASTS_S


def cookie_name() -> str:
    return f"{settings.SESSION_COOKIE_NAME}-lobby"


@contextmanager
def lobby(request: HttpRequest) -> Iterator[Lobby]:
    """Within, `request.session` is the lobby."""
    session = request.session
    request.session = Lobby(request.COOKIES.get(cookie_name()))
    try:
        yield request.session
    finally:
        request.session = session


def keep(response: HttpResponse, lobby: Lobby) -> None:
    lobby.save()
    response.set_cookie(
        cookie_name(),
        lobby.session_key or "",
        max_age=LASTS_S,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def leave(response: HttpResponse) -> None:
    response.delete_cookie(cookie_name(), samesite="Lax")

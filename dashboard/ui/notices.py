"""Saying what came of a request, with JavaScript and without."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django_htmx.http import trigger_client_event


def answer(request: HttpRequest, back: str, text: str, *, bad: bool = False) -> HttpResponse:
    """After a verb. A plain form goes `back` and reads the text there.

    HTMX gets no content (409 when `bad`) and two events: `notice` with the text for the
    live region, and `changed`, which lets the page look again at its own rows.
    """
    if request.htmx:  # type: ignore[attr-defined]
        response = HttpResponse(status=409 if bad else 204)
        trigger_client_event(response, "notice", {"text": text, "bad": bad})
        trigger_client_event(response, "changed", {})
        return response
    if text:
        messages.add_message(request, messages.ERROR if bad else messages.SUCCESS, text)
    return HttpResponse(status=303, headers={"Location": back})

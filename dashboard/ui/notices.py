"""Saying what came of a request, with JavaScript and without."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django_htmx.http import trigger_client_event

from .fragments import go


def answer(
    request: HttpRequest, back: str, text: str, *, bad: bool = False, link: tuple[str, str] | None = None
) -> HttpResponse:
    """After a verb. `link` leads on from the text, such as to what takes it back: `(label, url)`.

    A plain form goes `back` and reads the text there.

    HTMX gets no content (409 when `bad`) and two events: `notice` with the text for the
    live region, and `changed`, which lets the page look again at its own rows. A form that
    is a page of its own, and not in a dialog, goes back as a plain one does.
    """
    htmx = request.htmx  # type: ignore[attr-defined]
    if htmx and htmx.current_url_abs_path is not None and is_own_page(request, htmx.current_url_abs_path):
        keep(request, text, bad=bad, link=link)
        return go(request, back)
    if htmx:
        response = HttpResponse(status=409 if bad else 204)
        leads = {"link": {"label": link[0], "url": link[1]}} if link else {}
        trigger_client_event(response, "notice", {"text": text, "bad": bad, **leads})
        trigger_client_event(response, "changed", {})
        return response
    keep(request, text, bad=bad, link=link)
    return HttpResponse(status=303, headers={"Location": back})


def keep(request: HttpRequest, text: str, *, bad: bool, link: tuple[str, str] | None) -> None:
    """For the next page."""
    if text:
        said = format_html('{} <a href="{}">{}</a>', text, link[1], link[0]) if link else text
        messages.add_message(request, messages.ERROR if bad else messages.SUCCESS, said)


def is_own_page(request: HttpRequest, shown: str) -> bool:
    """Whether what the browser shows is the page of the form that it sends."""
    return urlsplit(shown).path == request.path

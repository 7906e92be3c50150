"""Where the browser may be sent: to a path of ours, and nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def is_own_path(url: str) -> bool:
    """No host, no scheme, nothing that a browser might read as one, and never an error for nonsense such as `//[`."""
    return url.startswith("/") and not url.startswith("//") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)


def own_path(request: HttpRequest, url: str) -> str:
    """`url` as a path of ours, with its query, also where it names our host; empty when it leads anywhere else."""
    if not url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}):
        return ""
    path = urlunsplit(("", "", *urlsplit(url)[2:]))
    return path if is_own_path(path) else ""

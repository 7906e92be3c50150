"""Asking web whether it answers."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit


def answers(url: str, *, timeout_s: float = 1.0) -> bool:
    """Whether a GET of this plain http address is answered with 200. Never through a proxy."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        # whatever address it listens on, this name is always among the allowed hosts
        connection.request("GET", parts.path, headers={"Host": "127.0.0.1"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

"""The web process: `python -m dashboard.serve`. Every option of uvicorn that matters is here, for `up`,
for production and for the tests alike."""

from __future__ import annotations

import asyncio
import os
import socket

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from dashboard.live.lane import headers_of

MAX_MESSAGE_BYTES = 64 * 1024
"""What a browser may send over a console's WebSocket in one message."""


def config(*, host: str, port: int, is_behind_proxy: bool = False) -> uvicorn.Config:
    return uvicorn.Config(
        "dashboard.asgi:application",
        host=host,
        port=port,
        http=Protocol,
        ws="websockets-sansio",  # reads no further message until the one before is taken
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # screens are compressed already
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        # X-Forwarded-For is believed only where somebody said that a proxy writes it, and of it only what
        # this machine, or who FORWARDED_ALLOW_IPS names, added: what a browser made up stands before that
        proxy_headers=is_behind_proxy,
        server_header=False,
        access_log=False,
        timeout_graceful_shutdown=3,
        timeout_keep_alive=30,
        log_config=None,
        log_level="info",  # at `debug` the handshake's headers, and with them a console's ticket, are logged
    )


class Protocol(H11Protocol):
    """What is no HTTP reaches no application: uvicorn refuses it, here with the headers of every other answer."""

    def send_400_response(self, msg: str) -> None:
        refusal = h11.Response(
            status_code=400, reason=b"Bad Request", headers=[*headers_of(), (b"connection", b"close")]
        )
        for event in (refusal, h11.Data(data=msg.encode()), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class Server(uvicorn.Server):
    """Ends the streams first: uvicorn waits for open answers, and a stream never ends by itself."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.lifespan.state["streams"].ending.set()
        await asyncio.sleep(0.1)  # for consoles to say why
        await super().shutdown(sockets)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    from django.conf import settings

    behind_proxy = bool(getattr(settings, "SECURE_PROXY_SSL_HEADER", None))
    Server(config(host=settings.BIND, port=settings.PORT, is_behind_proxy=behind_proxy)).run()


if __name__ == "__main__":
    main()

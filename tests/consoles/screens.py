"""A VNC server as small as it can be (RFC 6143): one grey picture, any number of clients, and what they typed."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

WIDTH, HEIGHT = 320, 200
PIXELS = struct.pack("<I", 0x00303840) * (WIDTH * HEIGHT)
SERVER_INIT = struct.pack(">HH4B3H3Bxxx", WIDTH, HEIGHT, 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)
LENGTHS = {0: 20, 3: 10, 4: 8, 5: 6}


class Client(socketserver.BaseRequestHandler):
    server: Screens

    def take(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self.request.recv(count - len(data))
            if not piece:
                raise ConnectionError
            data += piece
        return data

    def handle(self) -> None:
        try:
            self.request.sendall(b"RFB 003.008\n")
            self.take(12)
            self.request.sendall(b"\x01\x01")
            self.take(1)
            self.request.sendall(bytes(4))
            self.take(1)
            self.request.sendall(SERVER_INIT + struct.pack(">I", 5) + b"guest")
            while True:
                self.message(self.take(1)[0])
        except OSError:
            return

    def message(self, kind: int) -> None:
        if kind == 2:
            _pad, count = struct.unpack(">BH", self.take(3))
            self.take(4 * count)
        elif kind == 3:
            is_incremental = self.take(9)[0]
            if not is_incremental:
                head = struct.pack(">BxHHHHHi", 0, 1, 0, 0, WIDTH, HEIGHT, 0)
                self.request.sendall(head + PIXELS)
        elif kind == 4:
            is_down, keysym = struct.unpack(">BxxI", self.take(7))
            if is_down:
                self.server.keys.append(keysym)
        else:
            self.take(LENGTHS[kind] - 1)


class Screens(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Client)
        self.keys: list[int] = []


@contextmanager
def screens() -> Iterator[tuple[str, Screens]]:
    with Screens() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host, port = server.server_address[:2]
        yield f"{socket.gethostbyname(str(host))}:{port}", server
        server.shutdown()

"""A screen and a serial line for guests that do not exist.

The screen speaks VNC (RFB 3.8, no password): eight bars of colour, and a block that moves on with each key, so that a
viewer shows that both directions work. The serial line asks for a login and says back what is typed.
"""

from __future__ import annotations

import socketserver
import struct
import sys
import threading

WIDTH, HEIGHT = 640, 400
BARS = [
    *((255, 255, 255), (255, 255, 0), (0, 255, 255), (0, 255, 0)),
    *((255, 0, 255), (255, 0, 0), (0, 0, 255), (32, 32, 32)),
]
PIXELS = struct.pack(">BBBBHHHBBBxxx", 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)
NAME = b"fake guest"
BLOCK, BLOCK_ROWS, STEP = 16, range(180, 196), 16
# the bytes that follow a message of a viewer, by its number: key, pointer, and so on (RFC 6143, section 7.5)
SET_PIXEL_FORMAT, SET_ENCODINGS, UPDATE_REQUEST, KEY, POINTER, CLIPBOARD = 0, 2, 3, 4, 5, 6


class Screen(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            self._greet()
            self._talk()
        except (EOFError, OSError):
            return  # the viewer left

    def _greet(self):
        self._send(b"RFB 003.008\n")
        self._take(12)
        self._send(b"\x01\x01")  # one way to sign in: none
        self._take(1)
        self._send(struct.pack(">I", 0))
        self._take(1)
        self._send(struct.pack(">HH", WIDTH, HEIGHT) + PIXELS + struct.pack(">I", len(NAME)) + NAME)

    def _talk(self):
        self.shifts, self.keys, self.drawn = (16, 8, 0), 0, -1
        is_asked = False
        while True:
            kind = self._take(1)[0]
            is_asked |= kind == UPDATE_REQUEST
            self._hear(kind)
            if is_asked and self.drawn != self.keys:
                self._send(struct.pack(">BxHHHHHi", 0, 1, 0, 0, WIDTH, HEIGHT, 0) + self._picture())
                self.drawn, is_asked = self.keys, False

    def _hear(self, kind):
        if kind == SET_PIXEL_FORMAT:
            self.shifts = tuple(self._take(19)[13:16])
        elif kind == SET_ENCODINGS:
            self._take(4 * struct.unpack(">xH", self._take(3))[0])
        elif kind == UPDATE_REQUEST:
            is_incremental = self._take(9)[0]
            self.drawn = self.drawn if is_incremental else -1
        elif kind == KEY:
            self.keys += self._take(7)[0]  # 1 when pressed, 0 when released
        elif kind == POINTER:
            self._take(5)
        elif kind == CLIPBOARD:
            self._take(struct.unpack(">xxxI", self._take(7))[0])
        else:
            raise EOFError

    def _picture(self):
        row = b"".join(self._pixel(*BARS[x * len(BARS) // WIDTH]) for x in range(WIDTH))
        left = self.keys * STEP % WIDTH
        marked = row[: left * 4] + self._pixel(255, 128, 0) * BLOCK + row[(left + BLOCK) * 4 :]
        return b"".join(marked if y in BLOCK_ROWS else row for y in range(HEIGHT))

    def _pixel(self, *colour):
        return struct.pack("<I", sum(part << shift for part, shift in zip(colour, self.shifts, strict=True)))

    def _take(self, count):
        found = self.rfile.read(count)
        if len(found) < count:
            raise EOFError
        return found

    def _send(self, content):
        self.wfile.write(content)


class SerialLine(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            self.request.sendall(b"\r\nfake guest on ttyS0\r\n\r\nlogin: ")
            while typed := self.request.recv(4096):
                self.request.sendall(typed.replace(b"\r", b"\r\nlogin: "))
        except OSError:
            return  # the viewer left


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


def main():
    screen_port, serial_port = map(int, sys.argv[1:])
    threading.Thread(target=Server(("127.0.0.1", serial_port), SerialLine).serve_forever, daemon=True).start()
    Server(("127.0.0.1", screen_port), Screen).serve_forever()


if __name__ == "__main__":
    main()

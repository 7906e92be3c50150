"""The guest behind the fake serial console: a login prompt and a few commands."""

from __future__ import annotations

from collections.abc import Callable

HELP = "Commands: echo, help, hostname, exit.\r\n"


class Shell:
    """Takes what is typed, byte by byte, and answers with what a terminal would show."""

    def __init__(self, hostname: str) -> None:
        self.hostname = hostname
        self.user = ""
        self.line = b""
        self.answer: Callable[[str], str] = self._login

    def greet(self) -> bytes:
        return f"{self.hostname} login: ".encode()

    def typed(self, data: bytes) -> bytes:
        return b"".join(self._key(bytes([byte])) for byte in data)

    def _key(self, key: bytes) -> bytes:
        if key in b"\r\n":
            line, self.line = self.line, b""
            return b"\r\n" + self.answer(line.decode(errors="replace")).encode()
        if key in b"\x7f\b":
            gone, self.line = self.line[-1:], self.line[:-1]
            return b"\b \b" if gone and self.answer != self._password else b""
        self.line = (self.line + key)[-4096:]
        return b"" if self.answer == self._password else key

    def _login(self, line: str) -> str:
        if not line.strip():
            return f"{self.hostname} login: "
        self.user, self.answer = line.strip(), self._password
        return "Password: "

    def _password(self, line: str) -> str:
        """Any password will do: there is nothing behind it."""
        self.answer = self._command
        return f"Welcome to the fake cloud.\r\n{self._prompt()}"

    def _command(self, line: str) -> str:
        word, _, rest = line.strip().partition(" ")
        if word == "exit":
            self.answer = self._login
            return f"{self.hostname} login: "
        said = {"": "", "echo": f"{rest}\r\n", "help": HELP, "hostname": f"{self.hostname}\r\n"}
        return said.get(word, f"{word}: not found\r\n") + self._prompt()

    def _prompt(self) -> str:
        return f"{self.user}@{self.hostname}:~$ "

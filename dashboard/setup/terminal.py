"""Saying, warning and asking, on a terminal or without one."""

from __future__ import annotations

import os
import sys


def say(text: str) -> None:
    print(text, flush=True)


def warn(text: str) -> None:
    """Said so that nobody overlooks it, in a log as well."""
    line = "!" * 78
    print(f"\n{line}\n{text}\n{line}\n", flush=True)


def is_interactive() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def agrees(question: str, *, assume_yes: bool) -> bool:
    """Ask on a terminal, where Enter means yes. Without a terminal, or with `assume_yes`, it is yes."""
    if assume_yes or not is_interactive():
        return True
    try:
        answer = input(f"{question} [Y/n] ").strip().lower()
    except EOFError:
        return False
    return answer in {"", "y", "yes"}


def is_root() -> bool:
    return os.geteuid() == 0

"""An openrc: a shell file that sets `OS_...` variables. It is read line by line and never run.

Horizon's own asks for the password (`read -sr OS_PASSWORD_INPUT`) and sets `OS_PASSWORD=$OS_PASSWORD_INPUT`; what only
a shell could know is left empty, and a note says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .pasted import Note, Pasted, PasteError, Word, pasted_of

ASSIGNMENT = re.compile(r"(?:^|(?<=[\s;]))(?P<name>OS_[A-Z0-9_]+)=")
"""A variable that is set; with or without `export` or `set` before it."""

VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)\}|(?P<plain>\w+))")

PIECE = re.compile(
    r"""'(?P<literal>[^']*)'|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<command>\$\(|`)|(?P<open>['"])|\\(?P<escaped>.)|(?P<bare>[^\s;'"\\`$]+|\$)"""
)
"""One piece of a shell word; the word is the pieces that touch."""

UNSET = re.compile(r"^\s*unset\s+(?P<names>OS_[A-Z0-9_ ]+)\s*$")


def is_openrc(text: str) -> bool:
    return any(_sets_a_variable(line) for line in text.splitlines())


def read(text: str) -> Pasted:
    """The one cloud that the file is about. Raises PasteError."""
    words: dict[str, Word] = {}
    notes: list[Note] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if match := UNSET.match(line):
            for name in match["names"].split():
                words.pop(_word_name(name), None)
        elif _sets_a_variable(line):
            for name, value, note in _assignments(line, number=number, words=words):
                words[_word_name(name)] = Word(value=value, line=number, field=name)
                notes += [note] if note else []
    region = words["region_name"].value if "region_name" in words else ""
    return pasted_of(words, name="", region=region, notes=tuple(notes))


def _sets_a_variable(line: str) -> bool:
    return not line.lstrip().startswith(("#", "echo", "if ", "[")) and ASSIGNMENT.search(line) is not None


def _word_name(variable: str) -> str:
    return variable.removeprefix("OS_").lower()


def _assignments(line: str, *, number: int, words: dict[str, Word]) -> Iterator[tuple[str, str, Note | None]]:
    """Every variable that the line sets, its value, and what is to be said about it."""
    at = 0
    while match := ASSIGNMENT.search(line, at):
        name = match["name"]
        value, at, code = _shell_word(line, match.end(), name=name, number=number, words=words)
        yield name, value, Note(code=code, line=number, field=name) if code else None


def _shell_word(line: str, at: int, *, name: str, number: int, words: dict[str, Word]) -> tuple[str, int, str]:
    """The word that begins at `at`, where it ends, and the code of a note. Raises PasteError for an open quote."""
    value = ""
    while match := (VARIABLE.match(line, at) or PIECE.match(line, at)):
        if match.re is PIECE and match["open"]:
            raise PasteError("quote-open", line=number, field=name)
        if match.re is PIECE and match["command"]:
            return "", len(line), "command"
        piece, code = _piece(match, words)
        if code:
            return "", max(match.end(), _end_of_word(line, match.end())), code if code != "asked" else ""
        value, at = value + piece, match.end()
    return value, at, ""


def _piece(match: re.Match[str], words: dict[str, Word]) -> tuple[str, str]:
    if match.re is VARIABLE:
        return _looked_up(match, words)
    if match["quoted"] is not None:
        return _double_quoted(match["quoted"], words)
    return match["literal"] or match["escaped"] or match["bare"] or "", ""


def _double_quoted(text: str, words: dict[str, Word]) -> tuple[str, str]:
    """In double quotes a shell still looks for variables and commands; a backslash hides them."""
    value, at = "", 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in ("\\", '"', "$", "`"):
            value, at = value + text[at + 1], at + 2
        elif text[at] == "`" or text.startswith("$(", at):
            return "", "command"
        elif match := VARIABLE.match(text, at):
            piece, code = _looked_up(match, words)
            if code:
                return "", code
            value, at = value + piece, match.end()
        else:
            value, at = value + text[at], at + 1
    return value, ""


def _looked_up(match: re.Match[str], words: dict[str, Word]) -> tuple[str, str]:
    """The value of a variable that the file itself set. One that it asks a person for is no surprise: `asked`."""
    name = match["braced"] or match["plain"]
    known = words.get(_word_name(name)) if name.startswith("OS_") else None
    if known:
        return known.value, ""
    return "", "asked" if name.endswith("_INPUT") else "variable"


def _end_of_word(line: str, at: int) -> int:
    end = re.compile(r"[\s;]").search(line, at)
    return end.start() if end else len(line)

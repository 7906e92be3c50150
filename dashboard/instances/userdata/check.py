"""Which of cloud-init's formats a text is, and what is wrong with it.

https://docs.cloud-init.io/en/latest/explanation/format.html
"""

from __future__ import annotations

import email
import re
import unicodedata
from email.message import Message

from django.utils.translation import gettext as _

from .problems import Path, Problem, Report, name_of
from .reading import Reader, Unreadable
from .schema import problems_with

MOST_BYTES = 65535 // 4 * 3
"""So many are kept: what Nova takes, which is 65,535 characters of base64. A cloud may take fewer."""
MOST_PARTS = 50
MOST_MULTIPARTS = 5
KNOWN_PARTS = {
    *("text/cloud-config", "text/x-shellscript", "text/cloud-boothook", "text/x-include-url", "text/jinja2"),
    *("text/x-include-once-url", "text/part-handler", "text/cloud-config-archive", "text/plain", "text/upstart-job"),
    *("text/x-shellscript-per-boot", "text/x-shellscript-per-instance", "text/x-shellscript-per-once"),
}


def check(text: str, *, most: int = MOST_BYTES) -> Report:
    """Whatever is given: it ends soon, and raises nothing. `most`: bytes that are possible."""
    if found := unfit(text, most=most):
        return found
    begin = text.lstrip().lower()
    if begin.startswith("#cloud-config-archive"):
        return Report(kind=_("cloud-config archive"))
    if begin.startswith("#cloud-config"):
        return check_config(text)
    if begin.startswith("## template: jinja"):
        return Report(kind=_("Jinja template"), warnings=[whole(_("Skydeck does not fill it in; the guest does."))])
    if re.match(r"(content-type:|mime-version:)", begin):
        return check_parts(text)
    for sign, kind in (
        ("#!", _("Script")),
        ("#include", _("List of addresses")),
        ("#cloud-boothook", _("Boot hook")),
        ("#part-handler", _("Part handler")),
        ("#upstart-job", _("Upstart job")),
    ):
        if begin.startswith(sign):
            return Report(kind=kind)
    return unknown(text)


def unfit(text: str, *, most: int) -> Report | None:
    """What the cloud does not take: too long, or no text."""
    if (size := len(text.encode(errors="replace"))) > most:
        return too_long(size, most=most)
    if text.startswith(("\x1f\x8b", "\x1f\ufffd")):
        return compressed()
    for number, line in enumerate(text.split("\n"), start=1):
        for column, character in enumerate(line, start=1):
            if character == "\ufffd" or (unicodedata.category(character) == "Cc" and character not in "\t\r"):
                return no_text(number, column)
    return None


def too_long(size: int, *, most: int) -> Report:
    problem = whole(
        _("It has %(size)s bytes; %(most)s are possible. Let it fetch what is large.")
        % {"size": f"{size:,}", "most": f"{most:,}"}
    )
    return Report(kind=_("Too large"), problems=[problem], is_unfit=True)


def compressed() -> Report:
    return Report(kind=_("Compressed"), problems=[whole(_("It is compressed. Give the text itself."))], is_unfit=True)


def no_text(line: int, column: int) -> Report:
    problem = Problem(line, column, "", _("It is not text: there is a character that no text has."))
    return Report(kind=_("Not text"), problems=[problem], is_unfit=True)


def whole(text: str) -> Problem:
    return Problem(0, 0, "", text)


def unknown(text: str) -> Report:
    """cloud-init would ignore it; something else in the guest may know what it is."""
    first = text.lstrip().partition("\n")[0]
    if re.fullmatch(r"#?\s*cloud-?\s?con\w*:?\s*", first, re.IGNORECASE):
        line = text[: len(text) - len(text.lstrip())].count("\n") + 1
        problem = Problem(line, 1, "", _("The first line has to be #cloud-config, just so."))
        return Report(kind=_("Not known"), problems=[problem])
    warning = whole(
        _("cloud-init does not know what to do with it: its first line is neither #cloud-config nor begins with #!.")
    )
    return Report(kind=_("Not known"), warnings=[warning])


# --- #cloud-config --------------------------------------------------------------------


def check_config(text: str, *, first_line: int = 1) -> Report:
    reader = Reader(text, first_line=first_line)
    kind = "#cloud-config"
    try:
        value = reader.read()
    except Unreadable as error:
        return Report(kind=kind, problems=[*reader.problems, error.problem])
    if value is None:
        return Report(kind=kind, warnings=[whole(_("There is nothing in it yet."))])
    if not isinstance(value, dict):
        return Report(kind=kind, problems=[whole(_("It has to be lines of “key: value”, such as packages: [git]."))])
    errors, warnings = problems_with(value)
    return Report(
        kind=kind,
        problems=[*reader.problems, *(placed(reader, path, words) for path, words in errors)],
        warnings=[placed(reader, path, words) for path, words in warnings],
    )


def placed(reader: Reader, path: Path, words: str) -> Problem:
    """At the entry itself; of what an alias stands for, at the alias."""
    for length in range(len(path), 0, -1):
        if place := reader.places.get(path[:length]):
            return Problem(*place, name_of(path), words)
    return Problem(0, 0, name_of(path), words)


# --- MIME multi-part ------------------------------------------------------------------


def check_parts(text: str) -> Report:
    kind = _("MIME multi-part")
    if text.lower().count("multipart/") > MOST_MULTIPARTS or text.count("\n--") > MOST_PARTS:
        return Report(kind=kind, problems=[whole(_("It has too many parts, or parts in parts."))])
    parts = [part for part in email.message_from_string(text.lstrip()).walk() if not part.is_multipart()]
    if parts and parts[0].get_content_maintype() == "multipart":
        return Report(kind=kind, problems=[whole(_("It says that it has parts, and has none: look at its boundary."))])
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for part in parts:
        report = check_part(part, text)
        problems += report.problems
        warnings += report.warnings
    return Report(kind=kind, problems=problems, warnings=warnings)


def check_part(part: Message, text: str) -> Report:
    name, body = part.get_content_type(), str(part.get_payload())
    is_plain = part.get("Content-Transfer-Encoding", "7bit").strip().lower() in {"7bit", "8bit", "binary"}
    if name not in KNOWN_PARTS:
        words = _("cloud-init does not know parts of the type %(type)s.") % {"type": name[:60]}
        return Report(kind=name, warnings=[whole(words)])
    if is_plain and (name == "text/cloud-config" or body.lower().startswith("#cloud-config\n")):
        before = text[: max(0, text.find(body))]
        return check_config(body, first_line=before.count("\n") + 1)
    return Report(kind=name)

"""The words for what is found in a pasted clouds.yaml or openrc, and how it becomes a draft of a cloud."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import secrets
from .drivers.openstack import paste
from .drivers.openstack.paste import Note, Pasted, PasteError

__all__ = ["ERRORS", "KIND", "NOTES", "Found", "PasteError", "read", "seal", "sentence", "unseal"]

KIND = "openstack"
_t = gettext_lazy
ERRORS: dict[str, str | Promise] = {
    "alias-too-many": _t("This YAML refers to itself so often that it is not read."),
    "empty": _t("Paste a clouds.yaml or an openrc here."),
    "not-a-list": _t("Something here should be a list and is not."),
    "not-a-map": _t("Something here should be names with values and is not."),
    "not-text": _t("A value here should be text and is not."),
    "nothing-known": _t("This is neither a clouds.yaml nor an openrc: no cloud is described in it."),
    "quote-open": _t("A quotation mark is opened and never closed."),
    "too-deep": _t("This YAML is nested so deeply that it is not read."),
    "too-long": _t("This is more than %(most)s KiB; a clouds.yaml is never so long."),
    "too-many": _t("There are more clouds in this than can be connected at once."),
    "yaml": _t("This is not valid YAML. Is the indentation as in the file?"),
}
NOTES: dict[str, str | Promise] = {
    "auth-type": _t("It signs in in a way that needs a person. Use an application credential, or user and password."),
    "auth-url-missing": _t("It does not say where Keystone is. Fill in the Keystone URL."),
    "auth-url-odd": _t("The Keystone URL is no web address. Correct it."),
    "cacert-path": _t("It names a file with CA certificates. Paste that file's text into the field CA certificates."),
    "client-certificate": _t("It names a client certificate, which Skydeck cannot use."),
    "command": _t("It holds a command, which was not run. Fill in its value by hand."),
    "credential-by-name": _t("The application credential is given by name. Fill in its id."),
    "domain-by-id": _t("A domain is given by its id. Fill in its name."),
    "identity-v2": _t("It asks for Keystone v2, which is no longer used; version 3 is tried."),
    "password-missing": _t("It holds no password, which is usual for an openrc. Type it."),
    "profile-unknown": _t("It names a provider's profile that is not known. Fill in the Keystone URL."),
    "project-by-id": _t("The project is given by its id. Fill in its name."),
    "project-missing": _t("It names no project. Fill one in."),
    "secret-missing": _t("The application credential's secret is missing. Type it."),
    "system-scope": _t("It signs in to the whole system. Fill in a project in which the user is an administrator."),
    "user-by-id": _t("The user is given by id. Fill in the name."),
    "user-missing": _t("It names no user. Fill one in, or an application credential."),
    "variable": _t("It uses a variable whose value is not in it. Fill it in by hand."),
    "verify-off": _t("It turns off the check of certificates. Skydeck does not; paste the CA certificates instead."),
}
NEED_MORE = frozenset(NOTES) - {"identity-v2", "verify-off", "client-certificate", "cacert-path"}
"""What has to be filled in before there is anything to test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One cloud in one region, as it waits to be chosen. `settings` hold secrets."""

    name: str
    settings: dict[str, str] = field(repr=False)
    findings: list[dict[str, Any]]
    needs_more: bool
    """Something has to be filled in before there is anything to test."""


def read(text: str) -> list[Found]:
    """Every cloud in every region that the text describes. Raises PasteError."""
    return [found_of(pasted) for pasted in paste.read(text)]


def found_of(pasted: Pasted) -> Found:
    return Found(
        name=pasted.name,
        settings=dict(pasted.settings),
        findings=[
            {"step": "pasted", "state": "warning", "code": note.code, "said": sentence(note)} for note in pasted.notes
        ],
        needs_more=any(note.code in NEED_MORE for note in pasted.notes),
    )


def first_of_each(found: Sequence[Found]) -> list[int]:
    """The numbers of those that are another cloud or region than the ones before: others are other people's."""
    places = [(one.settings.get("auth_url", ""), one.settings.get("region", "")) for one in found]
    return [number for number, place in enumerate(places) if place not in places[:number]]


def seal(found: Iterable[Found]) -> str:
    """For the session, between reading and choosing."""
    return secrets.seal({"found": json.dumps([asdict(one) for one in found])})


def unseal(sealed: str) -> list[Found]:
    """Raises Unreadable."""
    return [Found(**fields) for fields in json.loads(secrets.unseal(sealed).get("found", "[]"))]


def sentence(note: Note) -> str:
    """What is wrong, with the line and what the file calls it; never a value that could be a secret."""
    words = str((ERRORS | NOTES).get(note.code, note.code)) % dict(note.values)
    where = [_("Line %(line)s.") % {"line": note.line}] if note.line else []
    what = [f"{note.field}:"] if note.field else []
    return " ".join([*where, *what, words])

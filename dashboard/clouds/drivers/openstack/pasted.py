"""What was found in a pasted file, in the file's words, and how it becomes the settings of a connection.

Both kinds of file are read into `Words`: the names of `clouds.yaml` (https://docs.openstack.org/openstacksdk/latest/
user/config/configuration.html), which are those of an openrc without `OS_` and in lower case. No value that could be a
secret is ever part of an error or of a note.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that a person must know or do. The words for `code` are written above the driver line.

    `field` is what the pasted file calls it, `line` counts from 1 and is 0 where it is about no line.
    """

    code: str
    line: int = 0
    field: str = ""
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)


class PasteError(Exception):
    """Nothing can be made of what was pasted. `note` says why, and where."""

    def __init__(self, code: str, *, line: int = 0, field: str = "", values: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.note = Note(code=code, line=line, field=field, values=values or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """One cloud in one region. `settings` are those of the connection; what is missing in them is left to the form."""

    name: str
    settings: Mapping[str, str] = dataclasses.field(repr=False)
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One value, where it stood, and what the file calls it."""

    value: str = dataclasses.field(repr=False)
    line: int
    field: str


Words = Mapping[str, Word]

SETTINGS: dict[str, tuple[str, ...]] = {
    "auth_url": ("auth_url",),
    "username": ("username", "user_name"),
    "password": ("password",),
    "user_domain": ("user_domain_name", "domain_name", "default_domain_name", "default_domain"),
    "project": ("project_name", "tenant_name"),
    "project_domain": ("project_domain_name", "domain_name", "default_domain_name", "default_domain"),
    "application_credential_id": ("application_credential_id",),
    "application_credential_secret": ("application_credential_secret",),
}
"""Each setting, and the words for it, the best first."""

DOMAIN_IDS = {"user_domain": ("user_domain_id", "domain_id"), "project_domain": ("project_domain_id", "domain_id")}

USABLE = frozenset({"", "password", "v3password", "v3applicationcredential"})
"""What can sign in by itself, without a person."""

FALSE = frozenset({"false", "no", "off", "0", "n"})
TRUE = frozenset({"true", "yes", "on", "1", "y"})


def pasted_of(words: Words, *, name: str, region: str, notes: tuple[Note, ...] = ()) -> Pasted:
    """The settings, and all that is to be said about them."""
    words = _with_profile(words)
    settings = {setting: found.value for setting, names in SETTINGS.items() if (found := _first(words, names))}
    settings.update(_domains(words, settings))
    if "application_credential_id" in settings:
        for unused in ("username", "password", "user_domain", "project", "project_domain"):
            settings.pop(unused, None)
    settings["region"] = region
    settings["interface"] = _interface(words)
    wanted = {key: value for key, value in settings.items() if value}
    return Pasted(name=name, settings=wanted, notes=notes + tuple(_notes(words, wanted)))


def _first(words: Words, names: tuple[str, ...]) -> Word | None:
    return next((words[name] for name in names if name in words and words[name].value), None)


def _interface(words: Words) -> str:
    """`publicURL` is how older clients wrote `public`. Anything else is no interface."""
    found = _first(words, ("interface", "endpoint_type"))
    value = found.value.removesuffix("URL") if found else ""
    return value if value in ("public", "internal", "admin") else ""


def _domains(words: Words, settings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Keystone makes one domain by itself: its id is `default`, its name `Default`. Other ids tell no name."""
    for setting, names in DOMAIN_IDS.items():
        found = _first(words, names)
        if setting not in settings and found and found.value == "default":
            yield setting, "Default"


def _with_profile(words: Words) -> Words:
    """With the authentication URL of a provider that the SDK knows by name. A profile that is a URL is not fetched."""
    profile = words.get("profile")
    if profile is None or "auth_url" in words:
        return words
    from openstack.config import vendors  # a fifth of the start of each process, if it is loaded with the pages

    if profile.value not in vendors.profiles():
        return words
    known = (vendors.get_profile(profile.value) or {}).get("auth", {}).get("auth_url", "")
    return {**words, "auth_url": Word(value=known, line=profile.line, field=profile.field)} if known else words


def _notes(words: Words, settings: Mapping[str, str]) -> Iterator[Note]:
    yield from _missing(words, settings)
    yield from _by_id(words, settings)
    yield from _tls(words)
    yield from _sign_in(words, settings)


def _missing(words: Words, settings: Mapping[str, str]) -> Iterator[Note]:
    if "auth_url" not in settings:
        code = "profile-unknown" if "profile" in words else "auth-url-missing"
        yield _note(words.get("profile"), code)
    elif not _is_web_address(settings["auth_url"]):
        yield _note(_first(words, ("auth_url",)), "auth-url-odd")
    if "application_credential_id" in settings:
        if "application_credential_secret" not in settings:
            yield Note(code="secret-missing")
        return
    if "password" not in settings:
        yield Note(code="password-missing")
    if "username" not in settings and not _first(words, ("user_id", "application_credential_name")):
        yield Note(code="user-missing")
    if "project" not in settings and not _first(words, ("project_id", "tenant_id", "system_scope")):
        yield Note(code="project-missing")


def _by_id(words: Words, settings: Mapping[str, str]) -> Iterator[Note]:
    """Given by an id where this connection wants a name."""
    if "application_credential_id" in settings:
        return
    if found := _first(words, ("application_credential_name",)):
        yield _note(found, "credential-by-name")
    if "username" not in settings and (found := _first(words, ("user_id",))):
        yield _note(found, "user-by-id")
    if "project" not in settings and (found := _first(words, ("project_id", "tenant_id"))):
        yield _note(found, "project-by-id")
    for setting, names in DOMAIN_IDS.items():
        if setting not in settings and (found := _first(words, names)):
            yield _note(found, "domain-by-id")


def _tls(words: Words) -> Iterator[Note]:
    if (found := words.get("verify")) and found.value.lower() in FALSE:
        yield _note(found, "verify-off")
    if (found := words.get("insecure")) and found.value.lower() in TRUE:
        yield _note(found, "verify-off")
    if found := _first(words, ("cacert",)):
        yield _note(found, "cacert-path")
    if found := _first(words, ("cert", "key")):
        yield _note(found, "client-certificate")


def _sign_in(words: Words, settings: Mapping[str, str]) -> Iterator[Note]:
    if (found := words.get("auth_type")) and found.value.lower() not in USABLE:
        yield _note(found, "auth-type")
    if (found := words.get("identity_api_version")) and found.value.lstrip("v").startswith("2"):
        yield _note(found, "identity-v2")
    if (found := _first(words, ("system_scope",))) and "project" not in settings:
        yield _note(found, "system-scope")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _note(word: Word | None, code: str) -> Note:
    return Note(code=code, line=word.line, field=word.field) if word else Note(code=code)

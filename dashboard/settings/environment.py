"""Reading the environment: the only way a setting comes in."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parents[2]


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def env_int(name: str, default: int) -> int:
    value = env(name, str(default))
    if not value.isdigit():
        raise ImproperlyConfigured(f"{name} has to be a number; it is {value!r}.")
    return int(value)


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


def env_map(name: str, default: str, *, values: set[str]) -> dict[str, str]:
    """`a=x,b=y`; each value is one of `values`."""
    pairs = [part.partition("=") for part in env_list(name, default)]
    for given, _equals, meaning in pairs:
        if meaning.strip() not in values:
            raise ImproperlyConfigured(f"{name}: {given}={meaning} has to be one of {', '.join(sorted(values))}.")
    return {given.strip(): meaning.strip() for given, _equals, meaning in pairs}


def env_groups(name: str) -> dict[str, tuple[str, str]]:
    """`developers=lab:member,chiefs=admin`: a tenant's slug and a role there, or no tenant and `admin`."""
    found = {}
    for part in env_list(name):
        group, _equals, meaning = part.rpartition("=")
        slug, _colon, role = meaning.strip().rpartition(":")
        if not group or role not in ({"reader", "member", "manager"} if slug else {"admin"}):
            raise ImproperlyConfigured(f"{name}: {part} has to be group=tenant:role or group=admin.")
        found[group.strip()] = (slug, role)
    return found


def env_bool(name: str, *, default: bool = False) -> bool:
    return env(name, "yes" if default else "no").lower() in {"1", "yes", "true", "on"}


HOME = Path(env("SKYDECK_HOME", str(ROOT / "var"))).resolve()


def own_secret(variable: str, *, file: str, make: Callable[[], str]) -> str:
    """From the environment, else a file of ours that only its owner reads; never a default."""
    if given := env(variable):
        return given
    path = HOME / file
    if not path.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f"{file}.{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(make())
        with suppress(FileExistsError):  # another process of ours was first
            os.link(made, path)  # whole or not at all: nobody reads half a key
        made.unlink()
    return path.read_text().strip()

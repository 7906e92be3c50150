"""Tags and metadata as people type them. The limits are Nova's, which are the narrowest; a cloud may reserve words."""

from __future__ import annotations

import csv
import re

from django import forms
from django.utils.translation import gettext as _

from dashboard.clouds.models import Cloud

MOST_TAGS = 49
"""Nova takes 50, and one is our mark."""
LONGEST_TAG = 60
MOST_METADATA = 100
OURS = ("skydeck-", "skydeck_", "skydeck:")
KEY = re.compile(r"[A-Za-z0-9\-_:. ]{1,255}")


def tags_of(text: str, *, cloud: Cloud | None = None) -> list[str]:
    """Words between commas or lines, each once, in order; quotes are those of CSV.

    Raises ValidationError, also for what the cloud reserves.
    """
    tags = list(dict.fromkeys(tag for part in parts_of(text) if (tag := part.strip())))
    for tag in tags:
        check_tag(tag)
        if cloud and (problem := why_reserved(tag, cloud=cloud)):
            raise forms.ValidationError(problem)
    if len(tags) > MOST_TAGS:
        raise forms.ValidationError(
            _("These are %(number)s tags; %(most)s are possible.") % {"number": len(tags), "most": MOST_TAGS}
        )
    return tags


def parts_of(text: str) -> list[str]:
    try:
        return [part for row in csv.reader(text.splitlines(), skipinitialspace=True) for part in row]
    except csv.Error as error:  # a part of more than 128 KiB
        raise forms.ValidationError(_("A tag has %(most)s characters at most.") % {"most": LONGEST_TAG}) from error


def check_tag(tag: str) -> None:
    if len(tag) > LONGEST_TAG:
        raise forms.ValidationError(
            _("“%(tag)s…” has %(length)s characters; a tag has %(most)s at most.")
            % {"tag": tag[:20], "length": len(tag), "most": LONGEST_TAG}
        )
    if "/" in tag:
        raise forms.ValidationError(_("“%(tag)s” has a slash, which no tag may have.") % {"tag": tag})
    if "," in tag:
        raise forms.ValidationError(_("“%(tag)s” has a comma, which no tag may have.") % {"tag": tag})
    if ours := of_ours(tag):
        told = _("“%(tag)s”: tags that begin with %(begin)s are Skydeck's own.")
        raise forms.ValidationError(told % {"tag": tag, "begin": ours})


def of_ours(key: str) -> str:
    """How it begins, where that is ours."""
    return next((begin for begin in OURS if key.startswith(begin)), "")


def why_reserved(key: str, *, cloud: Cloud) -> str:
    """Why the cloud has no tag or metadata of this name; empty where it may."""
    reserved = cloud.bounds.reserves(key)
    if not reserved:
        return ""
    values = {"key": key, "begin": reserved, "cloud": cloud.name}
    if reserved == key:
        return _("The cloud %(cloud)s keeps “%(key)s” for itself.") % values
    return _("“%(key)s”: the cloud %(cloud)s keeps for itself what begins with %(begin)s.") % values


def metadata_of(text: str, *, cloud: Cloud) -> dict[str, str]:
    """One `key=value` in a line. Raises ValidationError that names the line."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            key, value = pair_of(line, number=number, cloud=cloud)
            if key in found:
                raise forms.ValidationError(_("Line %(line)s: %(key)s is there twice.") % {"line": number, "key": key})
            found[key] = value
    if len(found) > MOST_METADATA:
        raise forms.ValidationError(
            _("These are %(number)s lines; %(most)s are possible.") % {"number": len(found), "most": MOST_METADATA}
        )
    return found


def pair_of(line: str, *, number: int, cloud: Cloud) -> tuple[str, str]:
    key, equals, value = (part.strip() for part in line.partition("="))
    if not equals:
        raise forms.ValidationError(_("Line %(line)s has no “=”: write key=value.") % {"line": number})
    if not KEY.fullmatch(key):
        raise forms.ValidationError(
            _("Line %(line)s: a key has 1 to 255 letters, digits, spaces or - _ : .") % {"line": number}
        )
    if ours := of_ours(key):
        told = _("Line %(line)s: keys that begin with %(begin)s are Skydeck's own.")
        raise forms.ValidationError(told % {"line": number, "begin": ours})
    if problem := why_reserved(key, cloud=cloud):
        raise forms.ValidationError(_("Line %(line)s: %(problem)s") % {"line": number, "problem": problem})
    if len(value) > 255:
        raise forms.ValidationError(_("Line %(line)s: a value has 255 characters at most.") % {"line": number})
    return key, value


def tags_text(tags: list[str]) -> str:
    """As `tags_of` reads them."""
    return ", ".join(quoted(tag) for tag in tags)


def quoted(tag: str) -> str:
    return '"{}"'.format(tag.replace('"', '""')) if tag.startswith('"') or "," in tag else tag


def untypable(metadata: dict[str, str]) -> dict[str, str]:
    """What others wrote and a line of the form cannot hold: it is left as it is."""
    return {key: value for key, value in metadata.items() if "=" in key or "\n" in key + value}


def metadata_text(metadata: dict[str, str]) -> str:
    hidden = untypable(metadata)
    return "\n".join(f"{key}={value}" for key, value in metadata.items() if key not in hidden)

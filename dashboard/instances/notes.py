"""Tags and metadata as people type them, with the limits of Nova, which are the narrowest."""

from __future__ import annotations

import re

from django import forms
from django.utils.translation import gettext as _

MOST_TAGS = 49
"""Nova takes 50, and one is our mark."""
LONGEST_TAG = 60
MOST_METADATA = 100
OURS = ("skydeck-", "skydeck_")
KEY = re.compile(r"[A-Za-z0-9\-_:. ]{1,255}")


def tags_of(text: str) -> list[str]:
    """Words between commas or lines, each once, in order. Raises ValidationError."""
    tags = list(dict.fromkeys(tag for part in re.split(r"[,\n]", text) if (tag := part.strip())))
    for tag in tags:
        check_tag(tag)
    if len(tags) > MOST_TAGS:
        raise forms.ValidationError(
            _("These are %(number)s tags; %(most)s are possible.") % {"number": len(tags), "most": MOST_TAGS}
        )
    return tags


def check_tag(tag: str) -> None:
    if len(tag) > LONGEST_TAG:
        raise forms.ValidationError(
            _("“%(tag)s…” has %(length)s characters; a tag has %(most)s at most.")
            % {"tag": tag[:20], "length": len(tag), "most": LONGEST_TAG}
        )
    if "/" in tag:
        raise forms.ValidationError(_("“%(tag)s” has a slash, which no tag may have.") % {"tag": tag})
    if tag.startswith(OURS):
        raise forms.ValidationError(_("“%(tag)s”: tags that begin with skydeck- are Skydeck's own.") % {"tag": tag})


def metadata_of(text: str) -> dict[str, str]:
    """One `key=value` in a line. Raises ValidationError that names the line."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            key, value = pair_of(line, number=number)
            if key in found:
                raise forms.ValidationError(_("Line %(line)s: %(key)s is there twice.") % {"line": number, "key": key})
            found[key] = value
    if len(found) > MOST_METADATA:
        raise forms.ValidationError(
            _("These are %(number)s lines; %(most)s are possible.") % {"number": len(found), "most": MOST_METADATA}
        )
    return found


def pair_of(line: str, *, number: int) -> tuple[str, str]:
    key, equals, value = (part.strip() for part in line.partition("="))
    if not equals:
        raise forms.ValidationError(_("Line %(line)s has no “=”: write key=value.") % {"line": number})
    if not KEY.fullmatch(key):
        raise forms.ValidationError(
            _("Line %(line)s: a key has 1 to 255 letters, digits, spaces or - _ : .") % {"line": number}
        )
    if key.startswith(OURS):
        raise forms.ValidationError(
            _("Line %(line)s: keys that begin with skydeck_ are Skydeck's own.") % {"line": number}
        )
    if len(value) > 255:
        raise forms.ValidationError(_("Line %(line)s: a value has 255 characters at most.") % {"line": number})
    return key, value


def tags_text(tags: list[str]) -> str:
    return ", ".join(tags)


def untypable(metadata: dict[str, str]) -> dict[str, str]:
    """What others wrote and a line of the form cannot hold: it is left as it is."""
    return {key: value for key, value in metadata.items() if "=" in key or "\n" in key + value}


def metadata_text(metadata: dict[str, str]) -> str:
    hidden = untypable(metadata)
    return "\n".join(f"{key}={value}" for key, value in metadata.items() if key not in hidden)

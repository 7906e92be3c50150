"""Names that look like the name of somebody else.

The audit trail, lists of members and mails name people by their username alone, so no two may look the same. As in
Unicode's Technical Standard 39: within a word letters of one script only, and no name that differs from another one
by nothing that is seen. The table has the letters that common fonts draw like Latin ones; it is not all of that
standard's.
"""

from __future__ import annotations

import re
import unicodedata

from .models import User

LOOKS = str.maketrans("авсԁеһіјкӏмոорԛѕтԝхуαικνορτυχıɑɡ", "abcdehijklmnopqstwxyaiknoptuxiag")
WRITTEN_TOGETHER = {"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO"}
"""With Chinese characters, and with each other."""


def normal(name: str) -> str:
    """As it is kept: of several ways to write one letter, one."""
    return unicodedata.normalize("NFKC", name)


def look(name: str) -> str:
    """The same for names that look the same."""
    return normal(normal(name).casefold()).translate(LOOKS)


def mixes_scripts(name: str) -> bool:
    """Whether a word of it has letters of two scripts; figures and signs part words."""
    return any(len(scripts_of(word)) > 1 for word in re.split(r"[\W\d_]+", normal(name)))


def scripts_of(word: str) -> set[str]:
    """By the first word of each letter's name in Unicode, such as LATIN."""
    letters = (letter for letter in word if unicodedata.category(letter) in {"Lu", "Ll", "Lt", "Lo"})
    found = {unicodedata.name(letter, "UNKNOWN").partition(" ")[0] for letter in letters}
    return {"CJK" if script in WRITTEN_TOGETHER else script for script in found}


def is_taken(name: str) -> bool:
    """Whether an account's name looks like it. Looks at all of them: new accounts are rare."""
    wanted = look(name)
    return any(look(there) == wanted for there in User.objects.values_list("username", flat=True).iterator())

"""What the pages of one's account need."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from django import template

register = template.Library()


@register.filter
def as_text_file(lines: Iterable[str]) -> str:
    """A link that downloads these lines, without asking the server again."""
    text = "".join(f"{line}\n" for line in lines)
    return f"data:text/plain;base64,{base64.b64encode(text.encode()).decode()}"

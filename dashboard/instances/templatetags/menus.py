"""The menu of a row, which was half the cost of a page of fifty."""

from __future__ import annotations

import re

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from dashboard.instances.listing import Row

register = template.Library()
RENDERED: dict[tuple[object, ...], tuple[str, str]] = {}
"""What `menu_key` tells apart -> the id of the instance whose menu was rendered, and its HTML."""
MOST = 500
BETWEEN_TAGS = re.compile(r">\s+<")


@register.simple_tag
def verb_menu(row: Row, here: str, page_name: str) -> SafeString:
    """`ui/verbs.html` for one row.

    The rows of an installation have a handful of different menus: two that allow and refuse the same differ
    only in the instance's id. Each is rendered once for a process and has its id changed.
    """
    own = str(row.instance.pk)
    key = menu_key(row, here.replace(own, ""), page_name)
    found = RENDERED.get(key)
    if found is None:
        html = get_template("ui/verbs.html").render({"row": row, "here": here, "page_name": page_name})
        if len(RENDERED) >= MOST:
            RENDERED.clear()
        found = RENDERED[key] = (own, BETWEEN_TAGS.sub("><", html))
    pk, html = found
    return mark_safe(html.replace(pk, own))  # noqa: S308  a template of ours, and a UUID


def menu_key(row: Row, where: str, page_name: str) -> tuple[object, ...]:
    """All that a menu depends on but the id: what verbs.why_not and menu.shown look at."""
    instance, operation = row.instance, row.operation
    return (
        where,
        page_name,
        get_language(),
        row.role,
        operation and operation.verb,
        instance.status,
        instance.task,
        instance.is_locked,
        instance.deleted_at is None,
        bool(instance.remote_id),
        instance.cloud.name,
        tuple(instance.cloud.features),
    )

"""The rows of the list and their menus, which are nearly all the cost of a page of fifty."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from dashboard.clouds.maintenance import why_closed
from dashboard.instances.rows import Row
from dashboard.tenancy.looking import why_looking
from dashboard.ui.templatetags.ui import words

register = template.Library()
RENDERED: dict[tuple[object, ...], tuple[str, str]] = {}
"""What `menu_key` tells apart -> the id of the instance whose menu was rendered, and its HTML."""
MOST = 500
BETWEEN_TAGS = re.compile(r">\s+<")


ROWS: dict[tuple[object, ...], str] = {}
MOST_ROWS = 2000


@register.simple_tag(takes_context=True)
def list_row(context: Context, row: Row) -> SafeString:
    """`instances/row.html`. A row that did not change since this process showed it last is not rendered again:
    a page that is asked for because one of its fifty rows changed costs one.
    """
    columns, may_select = context["list"].columns, bool(context.get("may_select"))
    slug = getattr(row.instance, "tenant_slug", "") or context["tenant"].slug
    key = row_key(row, tenant=slug, may_change=bool(context.get("may_change")), may_select=may_select, columns=columns)
    html = ROWS.get(key)
    if html is None:
        names = ("may_change", "may_select", "locked", "adopted")
        shown = {name: context.get(name) for name in names} | {"row": row, "slug": slug, "columns": columns}
        html = get_template("instances/row.html").render(shown)
        if len(ROWS) >= MOST_ROWS:
            ROWS.clear()
        html = ROWS[key] = BETWEEN_TAGS.sub("><", html)
    return mark_safe(html)  # noqa: S308  a template of ours


@register.simple_tag(takes_context=True)
def cells(context: Context) -> SafeString:
    """The chosen columns of the row: the parts of `instances/cells.html` of their names."""
    return mark_safe("".join(cell(name).render(context) for name in context["columns"]))  # noqa: S308  templates of ours


@lru_cache
def cell(name: str) -> Any:
    return get_template(f"instances/cells.html#{name}").template  # type: ignore[attr-defined]


def row_key(
    row: Row, *, tenant: str, may_change: bool, may_select: bool, columns: tuple[str, ...]
) -> tuple[object, ...]:
    """All that a row can show: every field of the instance, what stands beside it, the age, and who looks."""
    instance, operation = row.instance, row.operation
    fields = {name: value for name, value in vars(instance).items() if not name.startswith("_")}
    return (
        str(fields),
        *menu_key(row, tenant, "list"),
        operation and (operation.pk, operation.state, operation.waiting_for),
        row.is_away,
        words(timezone.now() - instance.created_at),
        row.is_away and instance.seen_at and words(timezone.now() - instance.seen_at),
        timezone.get_current_timezone_name(),
        may_change,
        may_select,
        columns,
    )


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
    """All that a menu depends on but the id: what allowed.why_not and menu.shown look at.

    Where a reason is of the tenant or the cloud, its words are in the key: they differ by more than its row.
    """
    instance, operation = row.instance, row.operation
    return (
        where,
        page_name,
        get_language(),
        row.role,
        why_looking(""),
        why_closed(instance.cloud),
        operation and (operation.verb, operation.requested_by_name),
        instance.status,
        instance.task,
        instance.is_locked,
        instance.keeps_disk,
        instance.may_be_windows,
        instance.deleted_at is None,
        instance.is_hidden,
        instance.is_restorable,
        bool(instance.remote_id),
        instance.cloud.name,
        tuple(instance.cloud.features),
    )

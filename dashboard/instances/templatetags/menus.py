"""The menu of a row, which was half the cost of a page of fifty."""

from __future__ import annotations

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from dashboard.instances.listing import Row

register = template.Library()


@register.simple_tag(takes_context=True)
def verb_menu(context: Context, row: Row, here: str, page_name: str) -> SafeString:
    """`ui/verbs.html` for one row.

    Fifty rows have a handful of different menus: two that allow and refuse the same differ
    only in the instance's id. Each is rendered once for a page and has its id changed.
    """
    buttons = tuple((button.name, button.why_not) for button in [*row.consoles, *row.verbs])
    rendered: dict[object, tuple[str, str]] = context.render_context.setdefault("menus", {})  # type: ignore[arg-type, assignment]
    if buttons not in rendered:
        values = {"row": row, "here": here, "page_name": page_name}
        rendered[buttons] = (str(row.instance.pk), get_template("ui/verbs.html").render(values))
    pk, html = rendered[buttons]
    return mark_safe(html.replace(pk, str(row.instance.pk)))  # noqa: S308  a template of ours, and a UUID

"""What to do about a failure, by who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext as _

from dashboard.operations.failures import Failure
from dashboard.operations.models import Operation
from dashboard.operations.words import Text
from dashboard.tenancy.models import Role

register = template.Library()


@register.simple_tag(takes_context=True)
def next_action(
    context: Mapping[str, Any], failure: Failure, operation: Operation | None = None, *, folded: str = ""
) -> Text:
    """`folded`: the cloud's own words, where the page has them below for administrators."""
    if not failure.is_unexplained:
        return failure.action
    if context.get("role") == Role.ADMIN:
        return for_administrator(operation, folded=folded)
    if operation and operation.error_request_id:
        return _("Ask your administrator, with the request id %(id)s.") % {"id": operation.error_request_id}
    return failure.action


def for_administrator(operation: Operation | None, *, folded: str) -> str:
    if folded:
        return _("Read the cloud's own words, folded below, then try again.")
    if operation and not operation.error_detail:
        return _("The cloud said no more: look into the log, then try again.")
    return _("Read the cloud's own words in its operation, then try again.")

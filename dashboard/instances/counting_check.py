"""Whether the open spans of use say of every instance what its row says now."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.usage.models import Span
from dashboard.usage.spans import NOT_YET, is_same

from .counting import READ, seen
from .models import Instance


def differing() -> Iterator[str]:
    """A sentence for each that differs. Flavors may have got another name since, which counts from the next change."""
    spans = {span.instance_id: span for span in Span.objects.filter(ended_s=None)}
    for row in Instance.objects.present().order_by("pk").values(*READ):
        one, span = seen(row), spans.pop(row["pk"], None)
        if one is None:
            if span is not None:
                yield f"instance {row['pk']} counts, and is not on its cloud"
        elif span is None:
            if one.status not in NOT_YET:
                yield f"instance {row['pk']} is {one.status}, and does not count"
        else:
            span.flavor = one.flavor
            if not is_same(span, one):
                yield f"instance {row['pk']} counts as another than it is"
    for pk in spans:
        yield f"instance {pk} counts, and has no row that is open"

"""The page of what an instance used. It reads rows and never calls a cloud."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dashboard.clouds.interface import Feature, Status
from dashboard.clouds.standing import standings_of
from dashboard.instances.models import Instance
from dashboard.instances.rows import Row
from dashboard.instances.verbs import status_word
from dashboard.instances.views import find
from dashboard.operations.models import Operation
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page

from .charts import charts_of, drawn
from .reading import SPANS, Series, read
from .words import SPAN_LABELS


@require_safe
@tenant_view(Role.READER)
def instance(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """`?range=` is 1h, 24h, 7d or 30d; anything else is the first. The fragment `live` is asked for each minute."""
    instance, span = find(actor, pk), request.GET.get("range", "")
    span = span if span in SPANS else next(iter(SPANS))
    operation = Operation.objects.open().filter(target_id=pk).first()
    series = read(instance, span)
    charts = charts_of(instance, series)
    context = {
        "row": Row(instance, operation, status_word(instance, operation), actor.role),
        "instance": instance,
        "clouds": [standing for standing in standings_of(actor.tenant) if standing.pk == instance.cloud_id],
        "section": "instances",
        "span": span,
        "spans": SPAN_LABELS,
        "series": series,
        "charts": charts,
        "drawn": drawn(series, charts),
        "absent": absent(instance, series),
    }
    return page(request, "metrics/instance.html", context, fragment="live")


def absent(instance: Instance, series: Series) -> str:
    """Why there is nothing to show; empty where there is something."""
    if instance.deleted_at:
        return _("This instance was deleted, and what was known of its use with it.")
    if not series.is_empty:
        return ""
    if not settings.METRICS_EVERY_S:
        return _("Metrics are turned off in this installation.")
    if not instance.cloud.can(Feature.METRICS):
        return _("The cloud %(name)s does not tell what its instances use.") % {"name": instance.cloud.name}
    if series.taken_at:
        return _("Nothing was measured in this time. Choose a longer one.")
    if instance.status != Status.ACTIVE:
        return _("It does not run, so there is nothing to measure yet.")
    return _("The first values come within two minutes; on a cloud with hundreds of instances it can take longer.")

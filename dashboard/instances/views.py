"""The pages of instances: parse, call one action, answer. They read rows and never call a cloud."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.clouds.standing import Standing, standings_of
from dashboard.operations.failures import failure
from dashboard.operations.models import Operation
from dashboard.quotas.reservations import QuotaExceeded
from dashboard.quotas.usage import COMPUTE, usage_of
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import go, page
from dashboard.ui.notices import answer

from . import actions, history
from .forms import LaunchForm
from .listing import InstanceList, rows_of
from .menu import beyond
from .models import ConsoleLog, Flavor, Instance
from .shortages import mark_shortages


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All instances of a tenant. The fragment `live` is the part that changes by itself."""
    clouds = standings_of(actor.tenant)
    context = {
        "list": InstanceList(actor, request.GET, away=away_of(clouds)),
        "usage": usage_of(actor.tenant, only=COMPUTE),
        "clouds": clouds,
        "section": "instances",
        "may_launch": actor.may(Role.MEMBER),
    }
    return page(request, "instances/list.html", context, fragment="live")


def away_of(clouds: list[Standing]) -> set[UUID]:
    return {standing.pk for standing in clouds if standing.is_away}


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def launch(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The form, what it would do to the quota, and the launch. The button `update` only looks again."""
    standings = [standing for standing in standings_of(actor.tenant) if not standing.is_shut]
    if not standings:
        context = {"section": "instances", "form": None, "clouds": standings_of(actor.tenant)}
        return page(request, "instances/launch.html", context)
    values = request.POST or request.GET
    clouds = [standing.cloud for standing in standings]
    answering = next((standing.cloud for standing in standings if not standing.is_away), clouds[0])
    cloud = next((c for c in clouds if str(c.pk) == values.get("cloud")), answering)
    offered: dict[str, Any] = {"clouds": clouds, "cloud": cloud, "tenant": actor.tenant}
    if request.method != "POST" or "update" in request.POST:
        return launch_page(request, actor, LaunchForm(**offered, initial=typed(values)))
    form = LaunchForm(request.POST, **offered)
    if not form.is_valid():
        return launch_page(request, actor, form, status=422)
    namesakes = Instance.objects.for_tenant(actor.tenant).present().filter(name=form.cleaned_data["name"]).exists()
    try:
        instance = actions.launch(actor, **form.wanted())
    except QuotaExceeded as error:
        mark_shortages(form, error)
        return launch_page(request, actor, form, status=422)
    say_launched(request, instance, namesakes=namesakes)
    return go(request, reverse("instances:index", args=[actor.tenant.slug]))


def typed(values: QueryDict) -> dict[str, Any]:
    """What was typed into a form that is shown again, unjudged."""
    several = ("networks", "security_groups")
    found: dict[str, Any] = {name: values[name] for name in values if name not in (*several, "key", "cloud")}
    if "update" in values:
        found |= {name: values.getlist(name) for name in several}
    return found


def launch_page(request: HttpRequest, actor: Actor, form: LaunchForm, *, status: int = 200) -> HttpResponse:
    values = request.POST or request.GET
    flavors = Flavor.objects.usable().for_tenant(actor.tenant).filter(cloud=form.chosen_cloud)
    flavor = next((f for f in flavors if str(f.pk) == values.get("flavor")), None)
    context = {
        "form": form,
        "section": "instances",
        "clouds": standings_of(actor.tenant),
        "cloud": form.chosen_cloud,
        "many_clouds": form.fields["cloud"].queryset.count() > 1,  # type: ignore[attr-defined]
        "flavor": flavor,
        "usage": usage_of(actor.tenant, adding=form.would_take(values, flavor=flavor), only=COMPUTE),
    }
    fragment = "usage" if request.method != "POST" else "form"
    return page(request, "instances/launch.html", context, fragment=fragment, status=status)


def say_launched(request: HttpRequest, instance: Instance, *, namesakes: bool) -> None:
    text = _("%(name)s is being built.") % {"name": instance.name}
    if instance.cloud.is_away:
        text = _("%(name)s is accepted and will be built when the cloud %(cloud)s answers again.") % {
            "name": instance.name,
            "cloud": instance.cloud.name,
        }
    if namesakes:
        text += " " + _("Another instance has the same name; both are kept.")
    messages.success(request, text)


def find(actor: Actor, pk: UUID) -> Instance:
    """The tenant's instance, deleted ones too: their page says what became of them. Else 404."""
    try:
        return (
            Instance.objects.for_tenant(actor.tenant)
            .select_related("cloud", "image", "flavor", "created_by", "console_log")
            .get(pk=pk)
        )
    except Instance.DoesNotExist as error:
        raise Http404 from error


@require_safe
@tenant_view(Role.READER)
def detail(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Overview, timeline of what we and others did, console log. The fragment `live` changes by itself."""
    instance = find(actor, pk)
    operations = list(Operation.objects.for_tenant(actor.tenant).filter(target_id=pk).prefetch_related("steps")[:50])
    history.ask_for(instance, operations)
    console_log = getattr(instance, "console_log", None) or ConsoleLog(instance=instance)
    clouds = [standing for standing in standings_of(actor.tenant) if standing.pk == instance.cloud_id]
    context = {
        "row": rows_of([instance], role=actor.role, operations=operations, away=away_of(clouds))[0],
        "instance": instance,
        "timeline": history.timeline(instance, operations),
        "beyond": beyond(instance),
        "console_log": console_log,
        "console_log_failure": failure(console_log.failure) if console_log.failure else None,
        "clouds": clouds,
        "section": "instances",
    }
    return page(request, "instances/detail.html", context, fragment="live")


@require_POST
@tenant_view(Role.MEMBER)
def console_log(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Ask for a fresh console log; the page shows it when a worker has it."""
    instance = find(actor, pk)
    actions.ask_for_console_log(actor, instance)
    return answer(request, reverse("instances:detail", args=[actor.tenant.slug, pk]) + "#console-log", "")

"""The pages of instances: parse, call one action, answer. They read rows and never call a cloud."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.clouds.models import Cloud
from dashboard.operations.failures import failure
from dashboard.operations.models import Operation
from dashboard.quotas.reservations import QuotaExceeded
from dashboard.quotas.usage import COMPUTE, usage_of
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import go, page
from dashboard.ui.notices import answer
from dashboard.ui.templatetags.ui import amount

from . import actions
from .forms import LaunchForm
from .listing import InstanceList, Row, rows_of
from .models import ConsoleLog, Flavor, Instance
from .verbs import VERBS, why_not


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All instances of a tenant. The fragment `live` is the part that changes by itself."""
    context = {
        "list": InstanceList(actor, request.GET),
        "usage": usage_of(actor.tenant, only=COMPUTE),
        "clouds": clouds_of(actor),
        "section": "instances",
        "may_launch": actor.may(Role.MEMBER),
    }
    return page(request, "instances/list.html", context, fragment="live")


def clouds_of(actor: Actor) -> list[Cloud]:
    return list(Cloud.objects.filter(accounts__tenant=actor.tenant))


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def launch(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The form, what it would do to the quota, and the launch. The button `update` only looks again."""
    clouds = clouds_of(actor)
    if not clouds:
        return page(request, "instances/launch.html", {"section": "instances", "form": None})
    values = request.POST or request.GET
    answering = next((c for c in clouds if not c.is_away), clouds[0])
    cloud = next((c for c in clouds if str(c.pk) == values.get("cloud")), answering)
    if request.method != "POST" or "update" in request.POST:
        initial = {name: values[name] for name in ("name", "image", "flavor", "public_key") if name in values}
        return launch_page(request, actor, LaunchForm(clouds=clouds, cloud=cloud, initial=initial), values)
    form = LaunchForm(request.POST, clouds=clouds, cloud=cloud)
    if not form.is_valid():
        return launch_page(request, actor, form, values, status=422)
    fields = form.cleaned_data
    namesakes = Instance.objects.for_tenant(actor.tenant).present().filter(name=fields["name"]).exists()
    try:
        instance = actions.launch(actor, **fields)
    except QuotaExceeded as error:
        form.add_error("flavor", over_quota(error))
        form.mark_wrong_fields()
        return launch_page(request, actor, form, values, status=422)
    say_launched(request, instance, namesakes=namesakes)
    return go(request, reverse("instances:index", args=[actor.tenant.slug]))


def launch_page(
    request: HttpRequest, actor: Actor, form: LaunchForm, values: Any, *, status: int = 200
) -> HttpResponse:
    flavor = next(
        (f for f in Flavor.objects.filter(cloud=form.chosen_cloud) if str(f.pk) == values.get("flavor")), None
    )
    context = {
        "form": form,
        "section": "instances",
        "clouds": clouds_of(actor),
        "cloud": form.chosen_cloud,
        "many_clouds": form.fields["cloud"].queryset.count() > 1,  # type: ignore[attr-defined]
        "flavor": flavor,
        "usage": usage_of(actor.tenant, adding=flavor.resources if flavor else None, only=COMPUTE),
    }
    fragment = "usage" if request.method != "POST" else "form"
    return page(request, "instances/launch.html", context, fragment=fragment, status=status)


def over_quota(error: QuotaExceeded) -> list[str]:
    return [
        _("Not enough quota: %(resource)s, %(wanted)s needed and %(left)s left.")
        % {
            "resource": short.resource.label,
            "wanted": amount(short.wanted, short.resource),
            "left": amount(short.left, short.resource),
        }
        for short in error.shortages
    ]


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
    """Overview, timeline of operations with their steps, console log. The fragment `live` changes by itself."""
    instance = find(actor, pk)
    operations = list(Operation.objects.for_tenant(actor.tenant).filter(target_id=pk).prefetch_related("steps")[:50])
    console_log = getattr(instance, "console_log", None) or ConsoleLog(instance=instance)
    context = {
        "row": rows_of([instance], role=actor.role, operations=operations)[0],
        "instance": instance,
        "operations": operations,
        "console_log": console_log,
        "console_log_failure": failure(console_log.failure) if console_log.failure else None,
        "clouds": [instance.cloud],
        "section": "instances",
    }
    return page(request, "instances/detail.html", context, fragment="live")


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def change(request: HttpRequest, actor: Actor, pk: UUID, verb: str) -> HttpResponse:
    """POST does the verb; GET asks first, with the instance's name, for those without JavaScript and for Delete."""
    instance = find(actor, pk)
    row: Row = rows_of([instance], role=actor.role)[0]
    if request.method != "POST":
        context = {
            "instance": instance,
            "verb": verb,
            "label": VERBS[verb].label,
            "why_not": why_not(instance, verb, role=actor.role, operation=row.operation),
            "clouds": [instance.cloud],
            "section": "instances",
        }
        return page(request, "instances/confirm.html", context, fragment="dialog")
    back = reverse("instances:index", args=[actor.tenant.slug])
    if request.POST.get("back") == "detail":
        back = reverse("instances:detail", args=[actor.tenant.slug, pk])
    try:
        operation = actions.change(actor, pk, verb)
    except actions.NotPossible as error:
        return answer(request, back, _("%(name)s: %(reason)s") % {"name": instance.name, "reason": error}, bad=True)
    doing = VERBS[operation.verb].doing
    return answer(request, back, _("%(doing)s %(name)s.") % {"doing": doing, "name": instance.name})


@require_POST
@tenant_view(Role.MEMBER)
def console_log(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Ask for a fresh console log; the page shows it when a worker has it."""
    instance = find(actor, pk)
    actions.ask_for_console_log(actor, instance)
    return answer(request, reverse("instances:detail", args=[actor.tenant.slug, pk]) + "#console-log", "")

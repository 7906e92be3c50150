"""The page of a verb: what it asks for, what it does, and the doing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dashboard.operations.models import Operation
from dashboard.quotas.models import Resource
from dashboard.quotas.reservations import QuotaExceeded
from dashboard.quotas.usage import usage_of
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page
from dashboard.ui.notices import answer
from dashboard.ui.templatetags.ui import ahead

from . import actions
from .consequences import consequences_of
from .models import Flavor, Instance
from .refusals import NotPossible, refusal
from .shortages import mark_shortages
from .undoing import can_be_undone, window
from .verb_forms import FORMS, VerbForm, why_not_size
from .verbs import VERBS
from .views import find

USAGE = "verb-usage"
SIZES = (Resource.VCPUS, Resource.RAM_MIB, Resource.DISK_GIB)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def change(request: HttpRequest, actor: Actor, pk: UUID, verb: str) -> HttpResponse:
    """POST does the verb; GET asks first. The button `update` of a form only looks again."""
    instance = find(actor, pk)
    if request.method != "POST":
        return verb_page(request, actor, instance, verb, form=form_of(instance, verb, initial=request.GET.dict()))
    if "update" in request.POST:
        return verb_page(request, actor, instance, verb, form=form_of(instance, verb, initial=request.POST.dict()))
    form = form_of(instance, verb, data=request.POST)
    if form is not None and not form.is_valid():
        return verb_page(request, actor, instance, verb, form=form, status=422)
    try:
        arguments, size = (form.arguments(), form.size) if form else (shown_as(request), None)
        operation = actions.change(actor, pk, verb, arguments=arguments, size=size)
    except NotPossible as error:
        text = _("%(name)s: %(reason)s") % {"name": instance.name, "reason": error}
        return answer(request, back_of(request, actor, pk), text, bad=True)
    except QuotaExceeded as error:
        assert form is not None
        mark_shortages(form, error, tenant=actor.tenant)
        return verb_page(request, actor, instance, verb, form=form, status=422)
    text, link = said_of(operation, instance, actor)
    return answer(request, back_of(request, actor, pk), text, link=link)


def shown_as(request: HttpRequest) -> dict[str, Any]:
    """“Delete now” beside “Restore” is meant for what is deleted, and not for what somebody has restored meanwhile."""
    return {"only_hidden": True} if request.POST.get("only_hidden") else {}


def said_of(operation: Operation, instance: Instance, actor: Actor) -> tuple[str, tuple[str, str] | None]:
    """What is under way now, and where it can be taken back, or seen."""
    if operation.verb == "delete" and not operation.arguments.get("now"):
        said = _("%(name)s is deleted in %(time)s; restore it until then.")
        back = reverse("instances:change", args=[actor.tenant.slug, instance.pk, "restore"])
        return said % {"name": instance.name, "time": ahead(window())}, (_("Restore"), back)
    if operation.verb == "restore":
        said, there = _("%(name)s is restored."), reverse("instances:detail", args=[actor.tenant.slug, instance.pk])
        return said % {"name": instance.name}, (_("Show"), there)
    verb = VERBS[operation.verb]
    said = _("%(name)s: %(doing)s.") if verb.asks else _("%(doing)s %(name)s.")
    return said % {"doing": verb.doing, "name": instance.name}, None


def form_of(
    instance: Instance, verb: str, *, data: Any = None, initial: dict[str, Any] | None = None
) -> VerbForm | None:
    """What the verb asks for; None where a yes is enough."""
    if verb not in FORMS:
        return None
    known = {name: value for name, value in (initial or {}).items() if name in FORMS[verb].base_fields}
    return FORMS[verb](data, instance=instance, initial=known)


def verb_page(
    request: HttpRequest, actor: Actor, instance: Instance, verb: str, *, form: VerbForm | None, status: int = 200
) -> HttpResponse:
    operation = actions.open_operation(instance)
    context = {
        "instance": instance,
        "verb": verb,
        "label": VERBS[verb].label,
        "why_not": refusal(instance, verb, role=actor.role, operation=operation),
        "consequences": consequences_of(instance, verb, operation),
        "skips": verb == "delete" and can_be_undone(instance, operation),
        "form": form,
        "back": request.POST.get("back") or request.GET.get("back", ""),
        "clouds": [instance.cloud],
        "section": "instances",
        **({"size": None, "usage": []} if verb != "resize" else preview(request, instance)),
    }
    fragment = "usage" if request.htmx and request.htmx.target == USAGE else "dialog"  # type: ignore[attr-defined]
    return page(request, "instances/confirm.html", context, fragment=fragment, status=status)


def preview(request: HttpRequest, instance: Instance) -> dict[str, Any]:
    """What the size that is being looked at does to the quota while the resize is open: the larger of both counts.

    `why_not_size`: the same sentence with which the form would come back.
    """
    wanted = (request.POST or request.GET).get("flavor")
    flavors = Flavor.objects.usable().for_tenant(instance.tenant).filter(cloud=instance.cloud)
    size = next((flavor for flavor in flavors if str(flavor.pk) == wanted), None)
    if size is None:
        return {"size": None, "usage": []}
    held = instance.resources
    counted = [resource for resource in SIZES if resource != "disk_gib" or not instance.asked.get("boot_volume_gib")]
    adding = {resource.value: max(0, getattr(size, resource) - held[resource]) for resource in counted}
    usage = usage_of(instance.tenant, adding=adding, only=counted)
    return {"size": size, "why_not_size": why_not_size(instance, size), "usage": usage}


def back_of(request: HttpRequest, actor: Actor, pk: UUID) -> str:
    back = request.POST.get("back")
    if back == "detail":
        return reverse("instances:detail", args=[actor.tenant.slug, pk])
    if back == "deleted":
        return reverse("instances:deleted", args=[actor.tenant.slug])
    return reverse("instances:index", args=[actor.tenant.slug])

"""The launch: its form, what is said of it before it is sent, and what failed of it asked for again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.clouds.maintenance import why_closed
from dashboard.clouds.models import Cloud
from dashboard.clouds.standing import Standing, standings_of
from dashboard.images.models import Image
from dashboard.keypairs.actions import Taken, import_key
from dashboard.keypairs.models import KeyPair
from dashboard.operations.models import Batch
from dashboard.quotas.reservations import QuotaExceeded
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import go, page
from dashboard.ui.notices import answer

from . import actions, launches, prefill, user_data
from .bulk_views import to_next_batch
from .forms import LaunchForm
from .launch_key import kept_with
from .launch_user_data import read as read_upload
from .models import Flavor, Instance, LaunchTemplate
from .prediction import predict
from .prediction.figures import ask_for_figures
from .refusals import NotPossible
from .shortages import mark_shortages, sentence, told_of_deleted
from .views import find

EXPLANATION = "explanation"


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def launch(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The form, what it would do, and the launch. `explain`, and the buttons `update` and `switch`, only look again."""
    filling = prefill_of(request, actor)
    values = filling.query if filling else request.POST or request.GET
    standings = standings_of(actor.tenant)
    offered = what_is_offered(actor, values, standings)
    if offered is None:
        return page(request, "instances/launch.html", {"section": "instances", "form": None, "clouds": standings})
    if filling:
        return launch_page(request, actor, prefill.filled(filling, **offered))
    is_look = request.method != "POST" or bool({"update", "switch"} & set(request.POST))
    # what asks for the whole form stands in what asks for the explanation, and HTMX adds up the values of both
    if request.htmx and "explain" in request.POST and not is_look:  # type: ignore[attr-defined]
        return launch_page(request, actor, LaunchForm(request.POST, **offered), fragment=EXPLANATION)
    if is_look or "explain" in request.POST:
        found = carried_over(typed(values, request.FILES), cloud=offered["cloud"], actor=actor)
        return launch_page(request, actor, LaunchForm(**offered, initial=found))
    form = LaunchForm(request.POST, request.FILES, **offered)
    if not form.is_valid():
        return launch_page(request, actor, form, status=422)
    try:
        text, url = launch_all(actor, form)
    except Taken as error:
        form.add_error("keep_as" if error.field == "name" else "public_key", str(error))
        form.mark_wrong_fields()
        return launch_page(request, actor, form, status=422)
    except QuotaExceeded as error:
        mark_shortages(form, error, tenant=actor.tenant)
        return launch_page(request, actor, form, more={"todo": (), "is_short": True}, status=422)
    except NotPossible as error:
        form.add_error(None, str(error))
        form.mark_wrong_fields()
        return launch_page(request, actor, form, status=422)
    messages.success(request, text)
    return go(request, url)


def what_is_offered(actor: Actor, values: QueryDict, standings: Sequence[Standing]) -> dict[str, Any] | None:
    """For the form: the tenant's clouds, and the one that is chosen. None where there is no cloud to launch on."""
    able = [standing for standing in standings if not standing.is_shut]
    if not able:
        return None
    clouds = [standing.cloud for standing in able]
    return {"clouds": clouds, "cloud": cloud_of(values, able), "tenant": actor.tenant}


def prefill_of(request: HttpRequest, actor: Actor) -> prefill.Prefill | None:
    """`?like=<instance>` or `?template=<template>`: what to fill the form in with. 404 for what is not theirs."""
    name = next((name for name in ("like", "template") if name in request.GET), "")
    if request.method == "POST" or not name:
        return None
    try:
        pk = UUID(request.GET[name])
    except ValueError as error:
        raise Http404 from error
    source = find(actor, pk) if name == "like" else get_object_or_404(LaunchTemplate, tenant=actor.tenant, pk=pk)
    filling = prefill.like(source) if isinstance(source, Instance) else prefill.of_template(source)
    if filling.values.get("user_data"):
        user_data.note_shown(actor, source)
    return filling


def form_again(request: HttpRequest, actor: Actor) -> LaunchForm | None:
    """The launch form with what was typed, unjudged."""
    offered = what_is_offered(actor, request.POST, standings_of(actor.tenant))
    initial = typed(request.POST, request.FILES, again=True)
    return LaunchForm(**offered, initial=initial) if offered else None


def cloud_of(values: QueryDict, standings: Sequence[Standing]) -> Cloud:
    """The one that was chosen; else the first that takes something new, and answers."""
    wanted = values.get("switch") or values.get("cloud")
    chosen = next((standing for standing in standings if str(standing.pk) == wanted), None)
    able = [standing for standing in standings if not standing.is_in_maintenance] or standings
    answering = next((standing for standing in able if not standing.is_away), able[0])
    return (chosen or answering).cloud


def typed(values: QueryDict, files: MultiValueDict[str, Any], *, again: bool = False) -> dict[str, Any]:
    """What was typed into a form that is shown again, unjudged."""
    several = ("networks", "security_groups")
    found: dict[str, Any] = {name: values[name] for name in values if name not in (*several, "key", "cloud", "switch")}
    if again or {"update", "explain"} & set(values):
        found |= {name: values.getlist(name) for name in several}
    if uploaded := files.get("user_data_file"):
        found["user_data"] = read_upload(uploaded)[0]
    return found


def carried_over(found: dict[str, Any], *, cloud: Cloud, actor: Actor) -> dict[str, Any]:
    """An image and a flavor of another cloud are those of the same name here; what has none here is left out."""
    models: Mapping[str, type[Image | Flavor]] = {"image": Image, "flavor": Flavor}
    for field, model in models.items():
        if field in found:
            found[field] = same_here(model, found[field], cloud=cloud, actor=actor)
    return found


def same_here(model: type[Image | Flavor], pk: str, *, cloud: Cloud, actor: Actor) -> str:
    try:
        chosen = model.objects.for_tenant(actor.tenant).filter(pk=UUID(pk)).first()
    except ValueError:
        return ""
    if chosen is None or chosen.cloud_id == cloud.pk:
        return pk
    here = model.objects.usable().for_tenant(actor.tenant).filter(cloud=cloud, name=chosen.name).first()
    return str(here.pk) if here else ""


def launch_page(
    request: HttpRequest,
    actor: Actor,
    form: LaunchForm,
    *,
    more: Mapping[str, Any] | None = None,
    fragment: str = "",
    status: int = 200,
) -> HttpResponse:
    """What is said of the launch is said of the form as if it were sent now: it is judged as the launch would be."""
    standings = standings_of(actor.tenant)
    if not request.htmx:  # type: ignore[attr-defined]
        ask_for_figures(standings)
    judged = form if form.is_bound else form.as_sent()
    prediction = predict(judged.considered(judged.data), standings)
    context = {
        "form": form,
        "section": "instances",
        "clouds": standings,
        "cloud": form.chosen_cloud,
        "many_clouds": len(form.clouds) > 1,
        "prediction": prediction,
        "todo": judged.wrong,
        "closed": why_closed(form.chosen_cloud),
        "naming": judged.names_found,
        "held": told_of_deleted(actor.tenant) if prediction.over else "",
        **(more or {}),
    }
    fragment = fragment or (EXPLANATION if request.method != "POST" else "form")
    return page(request, "instances/launch.html", context, fragment=fragment, status=status)


def launch_all(actor: Actor, form: LaunchForm) -> tuple[str, str]:
    """One, or a batch. Returns what to say of it, and where to look at it. Raises QuotaExceeded, NotPossible, Taken."""
    wanted = form.wanted()
    if kept := keep_key(actor, form):
        wanted["key_pair"] = kept
    if form.naming.count > 1:
        batch = actions.launch_many(actor, naming=form.naming, **wanted)
        return said_of_many(form.chosen_cloud, batch), reverse("operations:batch", args=[actor.tenant.slug, batch.pk])
    name = form.named.names[0]
    namesakes = Instance.objects.for_tenant(actor.tenant).listed().filter(name=name).exists()
    instance = actions.launch(actor, name=name, **wanted)
    return said_of_one(instance, namesakes=namesakes), reverse("instances:index", args=[actor.tenant.slug])


def keep_key(actor: Actor, form: LaunchForm) -> KeyPair | None:
    """The pasted key as a key pair, before and apart from the launch: the locks of the two never wait for each other.

    When the launch is refused then, the key pair is there, and is found again when the form is sent again.
    """
    cleaned = form.cleaned_data
    if not cleaned.get("keep_as"):
        return None
    key = kept_with(cleaned["key"])
    return import_key(actor, name=cleaned["keep_as"], public_key=cleaned["public_key"], key=key)


def said_of_one(instance: Instance, *, namesakes: bool) -> str:
    text = _("%(name)s is being built.") % {"name": instance.name}
    if instance.cloud.is_away:
        text = _("%(name)s is accepted and will be built when the cloud %(cloud)s answers again.") % {
            "name": instance.name,
            "cloud": instance.cloud.name,
        }
    if namesakes:
        text += " " + _("Another instance has the same name; both are kept.")
    return text


def said_of_many(cloud: Cloud, batch: Batch) -> str:
    operations = list(batch.operations.order_by("created_at", "pk"))
    named = {
        "count": len(operations),
        "first": operations[0].target_name,
        "last": operations[-1].target_name,
        "cloud": cloud.name,
    }
    if cloud.is_away:
        return (
            _(
                "%(count)s instances, %(first)s to %(last)s, are accepted and will be built when the cloud %(cloud)s"
                " answers again."
            )
            % named
        )
    return _("%(count)s instances are being built: %(first)s to %(last)s.") % named


@require_POST
@tenant_view(Role.MEMBER)
def retry(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Launch those of a batch again that failed, and show the new batch in the place of the old one."""
    batch = get_object_or_404(Batch, tenant=actor.tenant, pk=pk, kind=launches.KIND)
    here = reverse("operations:batch", args=[actor.tenant.slug, pk])
    try:
        again = actions.retry_failed(actor, batch)
    except NotPossible as error:
        return answer(request, here, str(error), bad=True)
    except QuotaExceeded as error:
        return answer(request, here, why_not_again(error), bad=True)
    return to_next_batch(request, actor, batch, again)


def why_not_again(error: QuotaExceeded) -> str:
    told = " ".join(sentence(short) for short in error.shortages)
    return _("%(shortages)s What failed on the cloud holds its quota until it is deleted there; delete it first.") % {
        "shortages": told
    }

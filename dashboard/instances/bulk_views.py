"""Doing something with many instances: first who qualifies, then the doing, then the page of the batch."""

from __future__ import annotations

import uuid
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from dashboard.operations.models import Batch
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import go, page
from dashboard.ui.notices import answer

from . import bulk
from .bulk import DEEDS, MOST, Judged
from .filter_fields import filter_of
from .list_views import scope_of
from .marked import MarkedForm
from .models import Instance, InstanceQuerySet
from .notes import tags_of


class TagsForm(MarkedForm):
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        error_messages={"required": gettext_lazy("Name at least one tag.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("With a comma between them; 60 characters each at most."),
    )

    def clean_tags(self) -> list[str]:
        tags = tags_of(self.cleaned_data["tags"])
        if not tags:
            raise forms.ValidationError(_("Name at least one tag."))
        return tags


@require_POST
@tenant_view(Role.MEMBER)
def change_many(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Shows who qualifies and asks; with `confirmed`, and when the same are selected as were shown, does it."""
    deed = DEEDS.get(request.POST.get("verb", ""))
    instances = bulk.selected(selection(request, actor))
    if deed is None or not instances:
        text = _("Nothing is selected: tick instances first, then choose what to do with them.")
        return answer(request, back_of(request, actor), text, bad=True)
    is_confirmed = "confirmed" in request.POST
    form = TagsForm(request.POST if is_confirmed else None) if deed.tags else None
    tags = form.cleaned_data["tags"] if form is not None and form.is_valid() else []
    judged = Judged(actor, deed, instances, tags=tags)
    is_same = request.POST.get("fence") == judged.fence
    if not is_confirmed or not is_same or (form is not None and not tags) or len(instances) > MOST:
        changed = is_confirmed and not is_same
        return ask_first(request, actor, judged, form=form, changed=changed)
    batch = bulk.ask(actor, judged, key=f"{actor.user.pk}:{request.POST.get('key', '')}", tags=tags)
    return to_batch(actor, batch)


def selection(request: HttpRequest, actor: Actor) -> InstanceQuerySet:
    """Those that were ticked; with `all` those that match the filter now."""
    ours = Instance.objects.for_tenant(actor.tenant)
    if "all" in request.POST:
        return ours.listed().filter(filter_of(request.POST.get("q", ""), scope_of(actor)).q)
    return ours.filter(pk__in=[pk for text in request.POST.getlist("id") if (pk := uuid_of(text))])


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def ask_first(
    request: HttpRequest, actor: Actor, judged: Judged, *, form: TagsForm | None, changed: bool
) -> HttpResponse:
    is_all = "all" in request.POST
    context = {
        "judged": judged,
        "deed": judged.deed,
        "verb": request.POST["verb"],
        "form": form,
        "changed": changed,
        "is_too_many": len(judged.instances) > MOST,
        "most": MOST,
        "ids": [] if is_all else [instance.pk for instance in judged.instances],
        "is_all": is_all,
        "q": request.POST.get("q", ""),
        "key": uuid.uuid4().hex if changed else request.POST.get("key") or uuid.uuid4().hex,
        "here": request.POST.get("here", ""),
        "back": back_of(request, actor),
        "section": "instances",
    }
    is_wrong = changed or bool(form is not None and form.errors) or context["is_too_many"]
    return page(request, "instances/bulk.html", context, fragment="dialog", status=422 if is_wrong else 200)


def back_of(request: HttpRequest, actor: Actor) -> str:
    """The list as it was."""
    query = urlencode(parse_qsl(request.POST.get("here", "").removeprefix("?")))
    return reverse("instances:index", args=[actor.tenant.slug]) + (f"?{query}" if query else "")


def to_batch(actor: Actor, batch: Batch) -> HttpResponse:
    """A dialog follows, too, and gets its part."""
    return HttpResponse(status=303, headers={"Location": url_of(actor, batch)})


def to_next_batch(request: HttpRequest, actor: Actor, batch: Batch, new: Batch) -> HttpResponse:
    """Where `batch` is a page of its own the page of the new one comes instead, so that its address is true."""
    htmx = request.htmx  # type: ignore[attr-defined]
    shown = urlsplit(htmx.current_url_abs_path or "").path if htmx else ""
    return go(request, url_of(actor, new)) if shown == url_of(actor, batch) else to_batch(actor, new)


def url_of(actor: Actor, batch: Batch) -> str:
    return reverse("operations:batch", args=[actor.tenant.slug, batch.pk])


@require_POST
@tenant_view(Role.MEMBER)
def again(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """What failed of a batch of verbs, as a new batch."""
    verbs = {f"instance.{deed.verb}" for deed in DEEDS.values()}
    batch = get_object_or_404(Batch.objects.filter(tenant=actor.tenant, kind__in=verbs), pk=pk)
    return to_next_batch(request, actor, batch, bulk.ask_again(actor, batch))

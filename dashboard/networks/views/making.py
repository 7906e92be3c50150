"""The page that makes one thing: the form, what it takes from the quota, and the making."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from dashboard.quotas.reservations import QuotaExceeded, Shortage
from dashboard.quotas.usage import usage_of
from dashboard.tenancy.access import Actor
from dashboard.ui.fragments import go, page

from ..actions import NotPossible
from ..forms import CloudForm
from ..models import Seen
from ..verbs import VERBS
from .parts import chosen, clouds_for, frame, url

Text = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """`make` calls one action; `shown` and `folded` are the fields of the form in their order."""

    kind: str
    tab: str
    form: type[CloudForm]
    shown: tuple[str, ...]
    folded: tuple[str, ...] = ()
    adding: Mapping[str, int]
    back: str
    make: Callable[[Actor, Any], Seen]


def answer_to(request: HttpRequest, actor: Actor, making: Making) -> HttpResponse:
    """GET shows the form, POST makes the thing. The button `update` only looks again, as after another cloud."""
    clouds = clouds_for(actor, making.kind)
    if not clouds:
        return form_page(request, actor, making, None)
    cloud = chosen(clouds, (request.POST or request.GET).get("cloud"))
    options: dict[str, Any] = {"clouds": clouds, "cloud": cloud, "tenant": actor.tenant}
    if request.method != "POST" or "update" in request.POST:
        typed = {name: request.POST[name] for name in making.form.base_fields if name in request.POST}
        return form_page(request, actor, making, making.form(initial=typed, **options))
    form = making.form(request.POST, **options)
    made = attempt(actor, making, form) if form.is_valid() else None
    if made is None:
        return form_page(request, actor, making, form, status=422)
    messages.success(request, _("%(name)s is being made.") % {"name": made} if str(made) else _("It is being made."))
    return go(request, url(making.back, actor))


def attempt(actor: Actor, making: Making, form: CloudForm) -> Seen | None:
    """None when it was refused: the form says why."""
    try:
        return making.make(actor, form)
    except QuotaExceeded as error:
        form.add_error(None, over_quota(error))
    except NotPossible as error:
        form.add_error(None, str(error))
    return None


def over_quota(error: QuotaExceeded) -> list[str]:
    return [told_of(short) for short in error.shortages]


def told_of(short: Shortage) -> str:
    told = _("Not enough quota: %(resource)s, %(wanted)s needed and %(left)s left.")
    if short.cloud:
        told = _("Not enough quota on %(cloud)s: %(resource)s, %(wanted)s needed and %(left)s left.")
    values = {"cloud": short.cloud, "resource": short.resource.label, "wanted": short.wanted, "left": short.left}
    return told % values


def form_page(
    request: HttpRequest, actor: Actor, making: Making, form: CloudForm | None, *, status: int = 200
) -> HttpResponse:
    context = {
        **frame(actor, making.tab, making=making.kind),
        "form": form,
        "title": VERBS[making.kind].label,
        "shown": [form[name] for name in making.shown] if form else [],
        "folded": [form[name] for name in making.folded] if form else [],
        "is_unfolded": form is not None and any(name in form.errors for name in making.folded),
        "many_clouds": form is not None and len(form.fields["cloud"].queryset) > 1,  # type: ignore[attr-defined]
        "usage": usage_of(actor.tenant, adding=making.adding, only=()),
        "back": url(making.back, actor),
    }
    return page(request, "networks/new.html", context, fragment="form", status=status)

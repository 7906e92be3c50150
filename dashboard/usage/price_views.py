"""The pages of prices."""

from __future__ import annotations

import time
from datetime import date

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.tenancy.access import Administrator, admin_view
from dashboard.ui.fragments import go

from . import actions
from .models import PriceList
from .price_forms import LABELS, PriceListForm
from .spans import day_of

SECTION = {"section": "all-usage"}


def today() -> date:
    return day_of(int(time.time()))


@require_safe
@admin_view
def index(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    lists = list(PriceList.objects.all())
    held = [one for one in lists if one.valid_from <= today()]
    may_go = set(removable().values_list("pk", flat=True))
    rows = [
        {
            "prices": one,
            "amounts": [(label, f"{getattr(one, name).normalize():f}") for name, label in LABELS.items()],
            "may_go": one.pk in may_go,
            "state": "now" if held and one == held[-1] else "over" if one in held else "later",
        }
        for one in reversed(lists)
    ]
    return render(request, "usage/prices.html", {"rows": rows, "columns": list(LABELS.values()), **SECTION})


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def create(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    form = PriceListForm(
        request.POST if request.method == "POST" else None, today=today(), before=PriceList.objects.last()
    )
    if form.is_bound and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ("valid_from", "currency")}
        try:
            made = actions.create(administrator, **asked, prices=form.prices, today=today())
        except actions.NotPossible as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("The prices hold from %(day)s on.") % {"day": made.valid_from})
            return go(request, reverse("usage:prices"))
    form.mark_wrong()
    return render(request, "usage/price_list.html", {"form": form, **SECTION}, status=422 if form.is_bound else 200)


def removable() -> QuerySet[PriceList]:
    return PriceList.objects.filter(actions.may_go(today()))


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def delete(request: HttpRequest, administrator: Administrator, pk: int) -> HttpResponse:
    """Says what stands against it; else asks once more."""
    prices, wrong = get_object_or_404(PriceList, pk=pk), ""
    if request.method == "POST":
        try:
            actions.delete(administrator, prices, today=today())
        except actions.NotPossible as refusal:
            wrong = str(refusal)
        else:
            messages.success(request, _("The prices from %(day)s on are deleted.") % {"day": prices.valid_from})
            return go(request, reverse("usage:prices"))
    context = {"prices": prices, "wrong": wrong, "has_begun": not removable().filter(pk=pk).exists(), **SECTION}
    return render(request, "usage/price_delete.html", context, status=422 if wrong else 200)

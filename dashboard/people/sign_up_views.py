"""Asking for an account, where that is turned on; and the administrator's pages of those who did."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from allauth.core.internal.ratelimit import consume_or_429
from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.clouds.forms import mark_wrong
from dashboard.tenancy.access import Administrator, admin_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import go, page

from . import sign_up
from .actions import NotPossible
from .forms import AcceptForm, RejectForm, SignUpForm
from .models import SignUp

SECTION = {"section": "users"}
MOST_SHOWN = 200
View = Callable[..., HttpResponse]


def where_open(view: View) -> View:
    """404 until it is turned on, so that nobody finds a trace of it."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        if not settings.SIGN_UP:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@where_open
def ask(request: HttpRequest) -> HttpResponse:
    form = SignUpForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        key = form.cleaned_data["address"].lower()
        limited: HttpResponse | None = consume_or_429(
            request, app="people", action="sign_up", config=settings.SIGN_UP_LIMITS, key=key
        )
        if limited is not None:
            return limited
        sign_up.ask(**form.cleaned_data)
        return page(request, "people/sign_up.html", {"asked": form.cleaned_data["address"]})
    mark_wrong(form)
    return page(request, "people/sign_up.html", {"form": form}, status=422 if form.is_bound else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@where_open
def prove(request: HttpRequest, token: str) -> HttpResponse:
    """Looking at it proves nothing: mail scanners follow links, too."""
    wanted = sign_up.find(token)
    if wanted is not None and request.method == "POST":
        sign_up.prove(wanted, address=request.META.get("REMOTE_ADDR"))
        wanted.refresh_from_db()
    context = {"wanted": wanted, "here": request.path}
    return page(request, "people/sign_up_prove.html", context, status=200 if wanted else 410)


# --- for administrators -----------------------------------------------------------------


@require_safe
@admin_view
def index(request: HttpRequest, administrator: Administrator) -> HttpResponse:
    rows = SignUp.objects.waiting().order_by("verified_at")[:MOST_SHOWN]
    decided = SignUp.objects.exclude(decision="").select_related("decided_by").order_by("-decided_at")[:20]
    return page(request, "people/sign_ups.html", {"rows": list(rows), "decided": list(decided), **SECTION})


def find(pk: int) -> SignUp:
    return get_object_or_404(SignUp.objects.exclude(verified_at=None).select_related("decided_by"), pk=pk)


@require_safe
@admin_view
def detail(request: HttpRequest, administrator: Administrator, pk: int) -> HttpResponse:
    return shown(request, find(pk))


def shown(
    request: HttpRequest, wanted: SignUp, *, form: Form | None = None, rejecting: Form | None = None, status: int = 200
) -> HttpResponse:
    form, rejecting = form or AcceptForm(initial={"role": Role.MEMBER.value}), rejecting or RejectForm()
    mark_wrong(form)
    mark_wrong(rejecting)
    context = {"wanted": wanted, "form": form, "rejecting": rejecting, **SECTION}
    return page(request, "people/sign_up_decide.html", context, status=status)


@require_POST
@admin_view
def accept(request: HttpRequest, administrator: Administrator, pk: int) -> HttpResponse:
    wanted, form = find(pk), AcceptForm(request.POST)
    if form.is_valid():
        try:
            sign_up.accept(administrator, pk, **form.cleaned_data)
        except NotPossible as error:
            form.add_error("tenant", str(error))
        else:
            return on(request, _("%(address)s is accepted, and gets a link to make the account."), wanted)
    return shown(request, find(pk), form=form, status=422)


@require_POST
@admin_view
def reject(request: HttpRequest, administrator: Administrator, pk: int) -> HttpResponse:
    wanted, form = find(pk), RejectForm(request.POST)
    if form.is_valid():
        try:
            sign_up.reject(administrator, pk, reason=form.cleaned_data["reason"])
        except NotPossible as error:
            form.add_error("reason", str(error))
        else:
            return on(request, _("%(address)s is rejected, and told why."), wanted)
    return shown(request, find(pk), rejecting=form, status=422)


def on(request: HttpRequest, text: str, wanted: SignUp) -> HttpResponse:
    messages.success(request, text % {"address": wanted.address})
    return go(request, reverse("people:sign-ups"))

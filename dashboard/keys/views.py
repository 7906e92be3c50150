"""Making and revoking one's own API keys. The list is part of “Your account”."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dashboard.accounts.models import User
from dashboard.ui.fragments import page
from dashboard.ui.notices import answer

from . import actions
from .forms import KeyForm
from .models import ApiKey


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def create(request: HttpRequest) -> HttpResponse:
    """The page asks again for the roles of another tenant: that shows no secret, and must not end at the question who
    one is."""
    if request.method == "GET" and request.htmx:  # type: ignore[attr-defined]
        return page(request, "keys/create.html", {"form": empty_form(request)})
    response: HttpResponse = make(request)
    return response


def empty_form(request: HttpRequest) -> KeyForm:
    """With the tenant and the role that the address names, if any."""
    chosen = {name: request.GET[name] for name in ("tenant", "role") if name in request.GET}
    return KeyForm(user=request.user, initial=chosen)  # type: ignore[arg-type]


@reauthentication_required(app="dashboard.keys")
def make(request: HttpRequest) -> HttpResponse:
    """The answer to the form is the only page that ever shows the token."""
    user: User = request.user  # type: ignore[assignment]
    form = KeyForm(request.POST, user=user) if request.method == "POST" else empty_form(request)
    if request.method != "POST" or not form.is_valid():
        return page(request, "keys/create.html", {"form": form}, status=422 if form.is_bound else 200)
    try:
        made = actions.create(user, address=request.META.get("REMOTE_ADDR"), **form.cleaned_data)
    except actions.TooMany as error:
        form.add_error(None, str(error))
        return page(request, "keys/create.html", {"form": form}, status=422)
    return page(request, "keys/made.html", {"made": made, "here": request.build_absolute_uri("/")})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    if request.method != "POST":
        key = ApiKey.objects.of_user(user).living().filter(pk=pk).first()
        if key is None:
            raise Http404
        return page(request, "keys/revoke.html", {"key": key})
    key = actions.revoke(user, pk, address=request.META.get("REMOTE_ADDR"))
    if key is None:
        raise Http404
    said = _("The key %(name)s is revoked: programs that use it are refused from now on.") % {"name": key.name}
    return answer(request, reverse("account_index"), said)

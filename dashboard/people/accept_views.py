"""The page behind the link of an invitation. Looking at it changes nothing: mail scanners follow links, too."""

from __future__ import annotations

from typing import Any

from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from dashboard.accounts.models import User
from dashboard.clouds.forms import mark_wrong
from dashboard.ui.fragments import page

from . import accepting
from .accepting import Over
from .actions import NotPossible
from .forms import BeginForm, username_for
from .invitations import is_users
from .models import Invitation

GONE = 410


@sensitive_post_parameters("password")
@sensitive_variables()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    found = accepting.find(token)
    if found is None:
        return shown(request, None, token, state="unknown", status=404)
    if found.ending or found.is_late:
        return shown(request, found, token, state=found.ending or "late", status=GONE)
    try:
        if request.user.is_authenticated:
            return for_user(request, request.user, found, token)
        if accepting.account_of(found):
            return shown(request, found, token, state="sign-in", status=409 if request.method == "POST" else 200)
        return for_nobody(request, found, token)
    except Over:
        found.refresh_from_db()
        return shown(request, found, token, state=found.ending or "late", status=GONE)


def for_user(request: HttpRequest, user: User, found: Invitation, token: str) -> HttpResponse:
    if not is_users(user, found):
        return shown(request, found, token, state="other", status=409 if request.method == "POST" else 200)
    if request.method != "POST":
        return shown(request, found, token, state="join")
    is_new = accepting.accept(user, found, address=request.META.get("REMOTE_ADDR"))
    return redirect_in(request, found, is_new=is_new)


def for_nobody(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    """Nobody has the address yet: a name and a password, and they are in."""
    initial = {"username": username_for(found.email), "full_name": found.full_name}
    form = BeginForm(request.POST if request.method == "POST" else None, initial=initial, address=found.email)
    if form.is_bound and form.is_valid():
        try:
            user = accepting.begin(found, **form.cleaned_data, address=request.META.get("REMOTE_ADDR"))
        except NotPossible as error:
            form.add_error("username", str(error))
        else:
            response: HttpResponse = perform_login(request, user, redirect_url=target(found))
            return response
    mark_wrong(form)
    status = 422 if form.is_bound else 200
    return shown(request, found, token, state="begin", form=form, status=status)


def target(found: Invitation) -> str:
    return reverse("overview:tenant", args=[found.tenant.slug]) if found.tenant else "/"


def redirect_in(request: HttpRequest, found: Invitation, *, is_new: bool) -> HttpResponse:
    if found.tenant:
        said = {"tenant": found.tenant.told_apart, "role": found.role_label}
        text = _("You are %(role)s of %(tenant)s now.") if is_new else _("You are in %(tenant)s already.")
        messages.success(request, text % said)
    return redirect(target(found))


def shown(
    request: HttpRequest, found: Invitation | None, token: str, *, state: str, status: int = 200, **more: Any
) -> HttpResponse:
    here = reverse("people:invitation", args=[token])
    context = {"invitation": found, "state": state, "here": here, "by": asked(found), **more}
    return page(request, "people/invitation.html", context, status=status)


def asked(found: Invitation | None) -> str:
    """Whom to ask for another one; empty where nobody is known."""
    return found.invited_by.username if found and found.invited_by and found.invited_by.is_active else ""
